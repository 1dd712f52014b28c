"""Label intervals: from the time a sample was taken to the time its label became known.

The rule of intervals, stated once: a sample's interval is half-open, ``[time, label_time)``. A sample taken at the
time at which another's label becomes known does not overlap it: all that determines that label is known by then.
A label that is known at once (``label_time == time``) still occupies one second, ``[time, time + 1)``. Times are whole
seconds; any other whole unit works as long as it is the same everywhere.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.frames import utc_times

__all__ = ["LabelWindows", "Times"]

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelWindows:
    """The label intervals of n samples, in any order.

    Parameters
    ----------
    start : ndarray of shape (n,), int64
        When each sample was taken, in seconds.
    end : ndarray of shape (n,), int64
        When each interval ends, exclusive; later than `start`. Use `of` to make it from label times.

    See Also
    --------
    LabelWindows.of : From sample times and label times, with the checks.

    Examples
    --------
    >>> windows = LabelWindows.of(time=[0, 60, 120], label_time=[120, 180, 240])
    >>> windows.overlaps(windows.take([2]))
    array([False,  True,  True])
    """

    start: Times
    end: Times

    @classmethod
    def of(cls, time: npt.ArrayLike, label_time: npt.ArrayLike | None) -> "LabelWindows":
        """Make the intervals of samples.

        Parameters
        ----------
        time : array-like of shape (n,)
            When each sample was taken: whole seconds, or datetime64.
        label_time : array-like of shape (n,) or None
            When each label became known. None means that nobody recorded it; each label then occupies one
            second only, and no overlap can be found.

        Raises
        ------
        DatasetError
            If the lengths differ, a time is missing or not whole, or a label is known before its sample was taken.
        """
        start = whole_seconds(time, "time")
        known = start if label_time is None else whole_seconds(label_time, "label_time")
        if known.shape != start.shape:
            raise DatasetError(f"time has {start.size} entries and label_time {known.size}; each sample needs both.")
        early = np.flatnonzero(known < start)
        if early.size:
            i = early[0]
            raise DatasetError(
                f"Sample {i} was taken at {start[i]}, but its label_time is {known[i]}, which is earlier "
                f"({early.size} such samples). Swap the arguments, or repair the samples."
            )
        return cls(start, np.maximum(known, start + 1))

    def __len__(self) -> int:
        return self.start.size

    def take(self, rows: npt.ArrayLike) -> "LabelWindows":
        """Return the intervals of some rows, in the order asked for."""
        chosen = np.asarray(rows)
        return LabelWindows(self.start[chosen], self.end[chosen])

    def merged(self) -> "LabelWindows":
        """Return the same covered time as intervals that are sorted and do not touch.

        Examples
        --------
        >>> LabelWindows.of([0, 5, 30], [10, 12, 40]).merged()
        LabelWindows(start=array([ 0, 30]), end=array([12, 40]))
        """
        if not len(self):
            return self
        order = np.argsort(self.start, kind="stable")
        start, reach = self.start[order], np.maximum.accumulate(self.end[order])
        first = np.r_[True, start[1:] > reach[:-1]]
        last = np.r_[first[1:], True]
        return LabelWindows(start[first], reach[last])

    def overlaps(self, others: "LabelWindows", embargo: int = 0) -> npt.NDArray[np.bool_]:
        """Return for each interval whether it overlaps any of `others`.

        Parameters
        ----------
        others : LabelWindows
            For splits: the test samples.
        embargo : int
            Seconds by which each of `others` is prolonged at its end.

        Returns
        -------
        ndarray of shape (n,), bool

        Notes
        -----
        O((n + m) log m): `others` are merged, then each interval looks up the first merged one that ends after its
        own start. The three cases of an overlap (López de Prado 2018, section 7.4.1, snippet 7.1) are one comparison.
        """
        blocks = LabelWindows(others.start, others.end + embargo).merged()
        if not len(blocks):
            return np.zeros(len(self), dtype=np.bool_)
        candidate = np.searchsorted(blocks.end, self.start, side="right")
        inside = candidate < len(blocks)
        starts = blocks.start[np.minimum(candidate, len(blocks) - 1)]
        return np.asarray(inside & (starts < self.end), dtype=np.bool_)


def whole_seconds(values: npt.ArrayLike, name: str) -> Times:
    """Turn times into int64 seconds, or say which entry is not one."""
    array: npt.NDArray[Any] = utc_times(values)
    if array.ndim != 1:
        raise DatasetError(f"{name} must be one-dimensional; its shape is {array.shape}.")
    if np.issubdtype(array.dtype, np.datetime64):
        bad = np.isnat(array)
        array = array.astype("datetime64[s]")
    elif array.dtype.kind in "iu":
        return array.astype(np.int64)
    elif array.dtype.kind == "f":
        bad = ~np.isfinite(array) | (array != np.floor(array))
    else:
        raise DatasetError(f"{name} must hold whole seconds or datetime64; its type is {array.dtype}.")
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DatasetError(f"{name}[{row}] is {array[row]}; every time must be a whole number of seconds.")
    return array.astype(np.int64)
