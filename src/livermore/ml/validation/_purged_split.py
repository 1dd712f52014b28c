"""One chronological split, purged: the earlier samples train, the later ones test."""

from collections.abc import Iterator
from typing import Any

import numpy.typing as npt

from livermore.errors import TrainingError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation._base import BasePurgedSplitter, by_time, check_test_size
from livermore.typing import Integers

__all__ = ["PurgedSplit"]


class PurgedSplit(BasePurgedSplitter):
    """Test on the last share of the samples, train on those before whose labels were known by then.

    Parameters
    ----------
    time : array-like of shape (n,)
        When each sample was taken, in seconds.
    label_time : array-like of shape (n,) or None
        When each label became known, in seconds.
    test_size : float
        Share of the samples to test on. The cut is at row ``int(n * (1 - test_size))`` in order of time.
    embargo : int
        Seconds after the test samples in which no training sample may start. It has no effect here, since all training
        samples are earlier than the test samples.

    Warnings
    --------
    Without purging, the last training labels depend on the same candles as the first test labels.

    Examples
    --------
    >>> splitter = PurgedSplit(time=range(0, 10), label_time=range(3, 13), test_size=0.3)
    >>> for train, test in splitter.split():
    ...     print(train, test)
    [0 1 2 3 4] [7 8 9]
    >>> splitter.audit()[0].n_purged
    2
    """

    def __init__(
        self, time: npt.ArrayLike, label_time: npt.ArrayLike | None = None, test_size: float = 0.2, embargo: int = 0
    ) -> None:
        self.time = time
        self.label_time = label_time
        self.test_size = test_size
        self.embargo = embargo

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return 1."""
        return 1

    def _proposals(self, windows: LabelWindows) -> Iterator[tuple[Integers, Integers]]:
        check_test_size(self.test_size)
        order = by_time(windows)
        cut = int(order.size * (1 - self.test_size))
        if not 0 < cut < order.size:
            raise TrainingError(
                f"test_size={self.test_size} leaves one part of {order.size} samples empty "
                f"({cut} to train on, {order.size - cut} to test on). Change test_size or gather more samples."
            )
        yield order[:cut], order[cut:]
