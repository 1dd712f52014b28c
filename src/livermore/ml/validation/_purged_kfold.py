"""K-fold over time with purge and embargo."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.labels import LabelWindows
from livermore.ml.validation._base import BasePurgedSplitter, cut_into_blocks
from livermore.typing import Integers

__all__ = ["PurgedKFold"]


class PurgedKFold(BasePurgedSplitter):
    """Test on each of k consecutive blocks of time; train on the samples around it whose labels do not overlap with it.

    Parameters
    ----------
    time : array-like of shape (n,)
        When each sample was taken, in seconds.
    label_time : array-like of shape (n,) or None
        When each label became known, in seconds.
    n_splits : int
        Number of blocks.
    embargo : int
        Seconds after the end of the last test label in which no training sample may start. Purging removes overlapping
        labels; features with a lookback (a moving average over 200 bars) still depend on the test block in the samples
        just after it. Set it to the longest lookback of the features.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), section 7.4, snippets 7.1 to 7.3.

    Examples
    --------
    >>> splitter = PurgedKFold(time=range(0, 9), label_time=range(2, 11), n_splits=3, embargo=1)
    >>> for train, test in splitter.split():
    ...     print(train, test)
    [5 6 7 8] [0 1 2]
    [0 1 8] [3 4 5]
    [0 1 2 3 4] [6 7 8]
    """

    def __init__(
        self, time: npt.ArrayLike, label_time: npt.ArrayLike | None = None, n_splits: int = 5, embargo: int = 0
    ) -> None:
        self.time = time
        self.label_time = label_time
        self.n_splits = n_splits
        self.embargo = embargo

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of blocks; the arguments are ignored."""
        return self.n_splits

    def _proposals(self, windows: LabelWindows) -> Iterator[tuple[Integers, Integers]]:
        blocks = cut_into_blocks(windows, self.n_splits)
        for i, test in enumerate(blocks):
            yield np.concatenate(blocks[:i] + blocks[i + 1 :]), test
