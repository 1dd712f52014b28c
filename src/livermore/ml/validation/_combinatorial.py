"""Combinatorial purged cross-validation, and its backtest paths."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation._base import BasePurgedSplitter, cut_into_blocks
from livermore.typing import Integers

__all__ = ["CombinatorialPurgedKFold"]


class CombinatorialPurgedKFold(BasePurgedSplitter):
    """Test on every choice of k out of N blocks of time, so that out-of-sample predictions form several paths.

    Parameters
    ----------
    time : array-like of shape (n,)
        When each sample was taken, in seconds.
    label_time : array-like of shape (n,) or None
        When each label became known, in seconds.
    n_blocks : int
        N, the number of blocks.
    n_test_blocks : int
        k, the number of blocks that each fold tests.
    embargo : int
        Seconds after the end of each test block in which no training sample may start; see `PurgedKFold`.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), section 12.4: C(N, k) folds make
    ``C(N, k) * k / N`` paths through all samples. Each path is one history of out-of-sample predictions; their spread
    shows how much of a result is due to chance.

    Examples
    --------
    >>> splitter = CombinatorialPurgedKFold(time=range(6), label_time=range(1, 7), n_blocks=6, n_test_blocks=2)
    >>> splitter.get_n_splits(), splitter.n_paths
    (15, 5)
    >>> splitter.path_folds()[0]
    array([0, 0, 1, 2, 3, 4])
    """

    def __init__(
        self,
        time: npt.ArrayLike,
        label_time: npt.ArrayLike | None = None,
        n_blocks: int = 6,
        n_test_blocks: int = 2,
        embargo: int = 0,
    ) -> None:
        self.time = time
        self.label_time = label_time
        self.n_blocks = n_blocks
        self.n_test_blocks = n_test_blocks
        self.embargo = embargo

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds, C(n_blocks, n_test_blocks); the arguments are ignored."""
        return comb(self.n_blocks, self.n_test_blocks)

    @property
    def n_paths(self) -> int:
        """Number of paths through all samples that the folds form."""
        return comb(self.n_blocks - 1, self.n_test_blocks - 1)

    def path_folds(self) -> npt.NDArray[np.int64]:
        """Return the fold that predicts each block on each path.

        Returns
        -------
        ndarray of shape (n_paths, n_blocks), int64
            Path p takes block b from the p-th of the folds that test it.
        """
        chosen = self._choices()
        return np.array([[fold for fold, c in enumerate(chosen) if b in c] for b in range(self.n_blocks)]).T

    def paths(self, predictions: Sequence[npt.ArrayLike]) -> npt.NDArray[np.float64]:
        """Assemble the folds' test predictions into paths.

        Parameters
        ----------
        predictions : sequence of array-like
            For each fold, in order, one prediction per test row, in the order of the fold's `test`.

        Returns
        -------
        ndarray of shape (n_paths, n)
            One complete set of out-of-sample predictions per path, in the order of the samples.

        Raises
        ------
        DatasetError
            If there is not one array per fold of the right length.

        Examples
        --------
        >>> splitter = CombinatorialPurgedKFold(range(3), range(1, 4), n_blocks=3, n_test_blocks=2)
        >>> splitter.paths([[10.0, 11.0], [20.0, 22.0], [31.0, 32.0]])
        array([[10., 11., 22.],
               [20., 31., 32.]])
        """
        windows = LabelWindows.of(self.time, self.label_time)
        blocks = cut_into_blocks(windows, self.n_blocks)
        by_fold = self._predictions_by_block(blocks, predictions)
        result = np.empty((self.n_paths, len(windows)))
        for path, folds in enumerate(self.path_folds()):
            for block, fold in enumerate(folds):
                result[path, blocks[block]] = by_fold[fold][block]
        return result

    def _proposals(self, windows: LabelWindows) -> Iterator[tuple[Integers, Integers]]:
        blocks = cut_into_blocks(windows, self.n_blocks)
        for chosen in self._choices():
            others = [block for i, block in enumerate(blocks) if i not in chosen]
            yield np.concatenate(others), np.concatenate([blocks[i] for i in chosen])

    def _choices(self) -> list[tuple[int, ...]]:
        """List the blocks that each fold tests."""
        if not 1 <= self.n_test_blocks < self.n_blocks:
            raise DatasetError(
                f"n_test_blocks must be at least 1 and less than n_blocks={self.n_blocks}; it is {self.n_test_blocks}."
            )
        return list(combinations(range(self.n_blocks), self.n_test_blocks))

    def _predictions_by_block(
        self, blocks: list[Integers], predictions: Sequence[npt.ArrayLike]
    ) -> list[dict[int, npt.NDArray[np.float64]]]:
        """Cut each fold's predictions into those of its blocks."""
        choices = self._choices()
        if len(predictions) != len(choices):
            raise DatasetError(f"There are {len(choices)} folds but predictions of {len(predictions)}.")
        result = []
        for fold, (chosen, values) in enumerate(zip(choices, predictions, strict=True)):
            array, sizes = np.asarray(values, dtype=np.float64), [blocks[i].size for i in chosen]
            if array.shape != (sum(sizes),):
                raise DatasetError(f"Fold {fold} tests {sum(sizes)} rows but its predictions have shape {array.shape}.")
            result.append(dict(zip(chosen, np.split(array, np.cumsum(sizes)[:-1]), strict=True)))
        return result
