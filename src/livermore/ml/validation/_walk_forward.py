"""Walk-forward validation: each fold trains on what was known before the block that it tests."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation._base import BasePurgedSplitter, by_time
from livermore.typing import Integers

__all__ = ["WalkForward"]


class WalkForward(BasePurgedSplitter):
    """Test block after block of time, training each time on what was known before.

    Parameters
    ----------
    time : array-like of shape (n,)
        When each sample was taken, in seconds.
    label_time : array-like of shape (n,) or None
        When each label became known, in seconds.
    n_splits : int
        Number of test blocks.
    first_train : float
        Share of the samples before the first test block; the rest is cut into `n_splits` equal blocks.
    max_train_time : int, optional
        Rolling window: train only on samples taken at most this many seconds before the test block. None is expanding.
    embargo : int
        Seconds after the test samples in which no training sample may start. It has no effect here, since all training
        samples are earlier than the test samples.

    Notes
    -----
    It simulates trading with the model: no fold uses a label that was unknown when its test block began. López de
    Prado, *Advances in Financial Machine Learning* (2018), section 12.2, on its limits (a single path).

    Examples
    --------
    >>> splitter = WalkForward(time=range(0, 8), label_time=range(1, 9), n_splits=2, first_train=0.5)
    >>> for train, test in splitter.split():
    ...     print(train, test)
    [0 1 2 3] [4 5]
    [0 1 2 3 4 5] [6 7]

    Rolling over three seconds:

    >>> splitter = WalkForward(range(0, 8), range(1, 9), n_splits=2, first_train=0.5, max_train_time=3)
    >>> for train, test in splitter.split():
    ...     print(train, test)
    [1 2 3] [4 5]
    [3 4 5] [6 7]
    """

    def __init__(
        self,
        time: npt.ArrayLike,
        label_time: npt.ArrayLike | None = None,
        n_splits: int = 5,
        first_train: float = 0.4,
        max_train_time: int | None = None,
        embargo: int = 0,
    ) -> None:
        self.time = time
        self.label_time = label_time
        self.n_splits = n_splits
        self.first_train = first_train
        self.max_train_time = max_train_time
        self.embargo = embargo

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of test blocks; the arguments are ignored."""
        return self.n_splits

    def _proposals(self, windows: LabelWindows) -> Iterator[tuple[Integers, Integers]]:
        order = by_time(windows)
        times = windows.start[order]
        # A cut among equal times moves to the first of them, so that samples of the same time stay together.
        cuts = np.searchsorted(times, times[self._cuts(order.size)], side="left")
        for begin, end in zip(cuts, [*cuts[1:], order.size], strict=True):
            oldest = 0
            if self.max_train_time is not None:
                oldest = int(np.searchsorted(times, times[begin] - self.max_train_time, side="left"))
            yield order[oldest:begin], order[begin:end]

    def _cuts(self, n: int) -> npt.NDArray[np.int64]:
        """Return where each test block begins."""
        if not 0 < self.first_train < 1:
            raise DatasetError(f"first_train must be a share between 0 and 1; it is {self.first_train}.")
        if self.max_train_time is not None and self.max_train_time <= 0:
            raise DatasetError(f"max_train_time must be positive seconds or None; it is {self.max_train_time}.")
        begin = int(n * self.first_train)
        if begin < 1 or not 1 <= self.n_splits <= n - begin:
            raise DatasetError(
                f"{n} samples are too few for {self.n_splits} test blocks after a first training share of "
                f"{self.first_train}; use fewer blocks."
            )
        return begin + np.arange(self.n_splits, dtype=np.int64) * (n - begin) // self.n_splits
