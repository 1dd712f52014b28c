"""The base class of the splitters: times of the samples, purging, embargo, and scikit-learn's interface."""

import warnings
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.model_selection import BaseCrossValidator

from livermore.errors import DatasetError, LivermoreWarning, TrainingError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation._audit import Fold, SplitAudit, separate
from livermore.typing import Integers

__all__ = ["BasePurgedSplitter", "HasTimes"]


class HasTimes(Protocol):
    """The part of a dataset that a splitter needs."""

    @property
    def time(self) -> npt.NDArray[np.int64]:
        """When each sample was taken, in seconds."""
        ...

    @property
    def label_time(self) -> npt.NDArray[np.int64] | None:
        """When each label became known, in seconds, or None if that was not recorded."""
        ...


class BasePurgedSplitter(BaseCrossValidator, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn splitter that purges by the times of samples and labels.

    A subclass defines the rows that each fold tests and the candidates to train on (`_proposals`); this class removes
    the candidates whose label intervals overlap with the test rows. Samples may be in any order and of any number of
    symbols: purging is by time across all symbols, because markets move together.

    Examples
    --------
    >>> class LastTenth(BasePurgedSplitter):
    ...     def __init__(self, time, label_time=None, embargo=0):
    ...         self.time, self.label_time, self.embargo = time, label_time, embargo
    ...
    ...     def get_n_splits(self, X=None, y=None, groups=None):
    ...         return 1
    ...
    ...     def _proposals(self, windows):
    ...         cut = len(windows) * 9 // 10
    ...         yield np.arange(cut), np.arange(cut, len(windows))
    >>> [(train.tolist(), test.tolist()) for train, test in LastTenth(range(10), range(3, 13)).split()]
    [([0, 1, 2, 3, 4, 5, 6], [9])]
    """

    time: npt.ArrayLike
    label_time: npt.ArrayLike | None
    embargo: int

    @abstractmethod
    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds; the arguments are ignored."""

    @abstractmethod
    def _proposals(self, windows: LabelWindows) -> Iterator[tuple[Integers, Integers]]:
        """Yield (rows that could be trained on, rows to test) of each fold, before anything is purged."""

    @classmethod
    def from_dataset(cls, dataset: HasTimes, **options: Any) -> Self:
        """Build the splitter from a dataset's `time` and `label_time`.

        Parameters
        ----------
        dataset : object with `time` and `label_time`
            For example `livermore.ml.dataset.Dataset`.
        **options
            The splitter's other parameters.

        Warns
        -----
        LivermoreWarning
            If the dataset has no label times: then nothing can be purged.
        """
        if dataset.label_time is None:
            warnings.warn(
                "The samples carry no label_time, so it is unknown when labels became known and nothing can be purged; "
                "overlapping labels may inflate all metrics. Gather them again to get label times.",
                LivermoreWarning,
                stacklevel=2,
            )
        return cls(dataset.time, dataset.label_time, **options)

    def split(self, X: Any = None, y: Any = None, groups: Any = None) -> Iterator[tuple[Integers, Integers]]:
        """Yield (training rows, test rows) of each fold.

        Parameters
        ----------
        X : array-like of shape (n, f), optional
            Only its length is used: it must be that of the times.
        y, groups : ignored
            For scikit-learn's interface.

        Raises
        ------
        DatasetError
            If `X` has another number of rows than the times that the splitter was built with.
        TrainingError
            If purging leaves a fold nothing to train on.
        """
        for fold in self.folds(X):
            yield fold.train, fold.test

    def folds(self, X: Any = None) -> Iterator[Fold]:
        """Yield the folds, with the numbers of removed rows; `split` yields their rows alone."""
        windows = LabelWindows.of(self.time, self.label_time)
        self._check(windows, X)
        for number, (candidates, test) in enumerate(self._proposals(windows)):
            fold = separate(windows, candidates, test, int(self.embargo), number)
            if not fold.train.size or not fold.test.size:
                raise TrainingError(_empty_fold(fold, self.get_n_splits()))
            yield fold

    def audit(self) -> tuple[SplitAudit, ...]:
        """Return how many training rows each fold has lost to purging and embargo."""
        return tuple(fold.audit for fold in self.folds())

    def subset(self, rows: npt.ArrayLike) -> Self:
        """Return the same splitter for some of the samples, as for a nested search on the training rows."""
        chosen = np.asarray(rows)
        parameters = self.get_params(deep=False)
        parameters["time"] = np.asarray(self.time)[chosen]
        parameters["label_time"] = None if self.label_time is None else np.asarray(self.label_time)[chosen]
        return type(self)(**parameters)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        shown = {
            name: value for name, value in self.get_params(deep=False).items() if name not in ("time", "label_time")
        }
        options = "".join(f", {name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}(<{np.size(self.time)} samples>{options})"

    def _check(self, windows: LabelWindows, X: Any) -> None:
        """Check the parameters here, since constructors only assign in scikit-learn."""
        rows = None if X is None else (X.shape[0] if hasattr(X, "shape") else len(X))
        if rows is not None and rows != len(windows):
            raise DatasetError(
                f"This {type(self).__name__} was built for {len(windows)} samples but is asked to split {rows}. "
                "Build one for these rows: splitter.subset(rows)."
            )
        if isinstance(self.embargo, bool) or int(self.embargo) != self.embargo or self.embargo < 0:
            raise DatasetError(f"embargo must be whole seconds, 0 or more; it is {self.embargo}.")

    def _iter_test_indices(self, X: Any = None, y: Any = None, groups: Any = None) -> Iterator[Integers]:
        """Yield the test rows alone, as scikit-learn's base class requires."""
        return (fold.test for fold in self.folds(X))


def by_time(windows: LabelWindows) -> Integers:
    """Return the rows in order of time; equal times keep the order of the rows."""
    return np.argsort(windows.start, kind="stable").astype(np.int64)


def cut_into_blocks(windows: LabelWindows, n_blocks: int) -> list[Integers]:
    """Cut the rows into consecutive blocks of nearly equal size, never between samples of the same time.

    Sizes are those of scikit-learn's KFold (the first ``n % n_blocks`` blocks hold one row more) as long as all times
    differ; where a cut falls among equal times it moves to the first of them.
    """
    order = by_time(windows)
    if not 2 <= n_blocks <= order.size:
        raise DatasetError(f"Cannot cut {order.size} samples into {n_blocks} blocks; there must be 2 to {order.size}.")
    sizes = np.full(n_blocks, order.size // n_blocks)
    sizes[: order.size % n_blocks] += 1
    times = windows.start[order]
    cuts = np.searchsorted(times, times[np.cumsum(sizes)[:-1]], side="left")
    blocks = np.split(order, cuts)
    if any(block.size == 0 for block in blocks):
        raise DatasetError(
            f"Too many samples have the same time to cut {order.size} of them into {n_blocks} blocks; use fewer blocks."
        )
    return blocks


def check_test_size(test_size: float) -> None:
    """Raise DatasetError for a share that leaves one part empty."""
    if not 0 < test_size < 1:
        raise DatasetError(f"test_size must be a share between 0 and 1; it is {test_size}.")


def _empty_fold(fold: Fold, n_splits: int) -> str:
    """Return the message for a fold with an empty part."""
    audit = fold.audit
    if not audit.n_test:
        return f"Fold {audit.fold + 1} of {n_splits} has no test samples; use fewer folds."
    return (
        f"Fold {audit.fold + 1} of {n_splits} has nothing left to train on: of {audit.n_candidates} candidates, "
        f"{audit.n_purged} overlap the labels of the test samples and {audit.n_embargoed} fall under the embargo. "
        "Gather more samples, use fewer folds, or label over shorter horizons."
    )
