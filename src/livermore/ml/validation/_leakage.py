"""The check that a split does not leak, for any splitter."""

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.ml.labels import LabelWindows

__all__ = ["LeakageError", "assert_no_leakage", "leaking_rows"]


class LeakageError(DatasetError, AssertionError):
    """A training sample shares time with a test sample."""


def leaking_rows(
    train: npt.ArrayLike,
    test: npt.ArrayLike,
    times: npt.ArrayLike,
    label_times: npt.ArrayLike,
    embargo: int = 0,
) -> npt.NDArray[np.int64]:
    """Return the training rows that share time with a test row.

    Parameters
    ----------
    train, test : array-like of int
        Row numbers.
    times, label_times : array-like of shape (n,)
        When each sample was taken and when its label became known, in seconds.
    embargo : int
        Seconds after each test label's end in which no training sample may start.

    Returns
    -------
    ndarray of int64
        Rows of `train` that leak: their interval ``[time, label_time)`` overlaps that of a test row, or they are test
        rows themselves, or the embargo forbids them.

    Examples
    --------
    >>> leaking_rows([0, 1, 2], [3, 4], times=[0, 1, 2, 3, 4], label_times=[2, 3, 4, 5, 6])
    array([2])
    """
    windows = LabelWindows.of(times, label_times)
    rows, tested = np.asarray(train, dtype=np.int64), np.asarray(test, dtype=np.int64)
    return rows[windows.take(rows).overlaps(windows.take(tested), embargo=embargo)]


def assert_no_leakage(
    train: npt.ArrayLike,
    test: npt.ArrayLike,
    times: npt.ArrayLike,
    label_times: npt.ArrayLike,
    embargo: int = 0,
) -> None:
    """Raise if a training sample shares time with a test sample.

    Parameters
    ----------
    train, test, times, label_times, embargo
        As for `leaking_rows`.

    Raises
    ------
    LeakageError
        An `AssertionError`, too. The message counts the leaking rows and shows the first with the test row it touches.

    Examples
    --------
    >>> times, label_times = [0, 1, 2, 3], [2, 3, 4, 5]
    >>> assert_no_leakage([0], [2, 3], times, label_times)
    >>> assert_no_leakage([0, 1], [2, 3], times, label_times)
    Traceback (most recent call last):
    livermore.ml.validation._leakage.LeakageError: 1 of 2 training samples share time with test samples. Row 1 spans
    [1, 3) and test row 2 in [2, 4). Purge the training rows, for example with PurgedKFold.
    """
    leaks = leaking_rows(train, test, times, label_times, embargo)
    if not leaks.size:
        return
    windows, row = LabelWindows.of(times, label_times), int(leaks[0])
    tested = np.asarray(test, dtype=np.int64)
    culprit = int(tested[windows.take(tested).overlaps(_prolonged(windows.take([row]), embargo))][0])
    under = f" with an embargo of {embargo} s" if embargo else ""
    raise LeakageError(
        f"{leaks.size} of {np.size(train)} training samples share time with test samples{under}. "
        f"Row {row} spans [{windows.start[row]}, {windows.end[row]}) and test row {culprit} in "
        f"[{windows.start[culprit]}, {windows.end[culprit]}). Purge the training rows, for example with PurgedKFold."
    )


def _prolonged(windows: LabelWindows, embargo: int) -> LabelWindows:
    """Move the starts back by the embargo: for the training rows this has the same effect."""
    return LabelWindows(windows.start - embargo, windows.end)
