# cython: annotation_typing=False
"""When the bars of a timeframe open and end, and which candles each of them is made of."""

import cython
import numpy as np
import numpy.typing as npt

from livermore.candles.minutes import Minutes
from livermore.errors import warn_uncompiled
from livermore.typing import Integers, Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["BarTimes", "ClockBars"]


class BarTimes:
    """When the bars of a timeframe open and end, UTC ms. A *candle* is one of those that the bars are made of.

    Times of candles are when they open; each of them lies in a bar.
    """

    def opening(self, time: float) -> float:
        """Return the time with which the bar is labelled that holds the candle of a time."""
        raise NotImplementedError

    def end(self, time: float) -> float:
        """Return when the bar ends that holds the candle of a time."""
        raise NotImplementedError

    def is_last(self, time: float) -> bool:
        """Return whether the candle of a time is the last that its bar can have."""
        raise NotImplementedError

    def is_end(self, time: float) -> bool:
        """Return whether a bar ends at a time."""
        raise NotImplementedError

    def openings(self, times: Rows) -> Rows:
        """Return `opening` of each candle, shape (n,)."""
        raise NotImplementedError

    def ends(self, times: Rows) -> Rows:
        """Return `end` of each candle, shape (n,)."""
        raise NotImplementedError

    def are_ends(self, times: Rows) -> npt.NDArray[np.bool_]:
        """Return `is_end` of each time, shape (n,)."""
        raise NotImplementedError

    def are_openings(self, times: Rows) -> npt.NDArray[np.bool_]:
        """Return whether a bar is labelled with each time, shape (n,)."""
        raise NotImplementedError

    def openings_of(self, ends: Rows) -> Rows:
        """Return `opening` of the bars that end at some times, shape (n,); where none ends, a length before."""
        raise NotImplementedError

    def between(self, times: Rows) -> npt.NDArray[np.int64]:
        """Return how many bars open from each time until before the next, shape (n - 1,)."""
        raise NotImplementedError

    def end_after(self, time: float) -> float:
        """Return the first end of a bar after a time; infinity if none is known."""
        raise NotImplementedError

    def group(self, rows: Minutes) -> tuple[Integers, Rows]:
        """Aggregate all candles, at least one, to bars.

        Returns
        -------
        starts : ndarray of shape (m,), int64
            The index of the first candle of each bar.
        bars : ndarray of shape (m, 6)
            All bars, with the last one even if it is incomplete.
        """
        raise NotImplementedError


class ClockBars(BarTimes):
    """Bars that open at whole multiples of their length since 1970-01-01 00:00 UTC, as Jesse's do.

    Parameters
    ----------
    length : float
        Of a bar, in ms.
    base : float
        Of a candle, in ms; a bar is a whole number of them.

    Examples
    --------
    >>> hours = ClockBars(3_600_000, 60_000)
    >>> hours.opening(3_660_000), hours.end(3_660_000), hours.is_last(7_140_000)
    (3600000.0, 7200000.0, True)
    """

    def __init__(self, length: float, base: float) -> None:
        self._length = float(length)
        self._base = float(base)

    def opening(self, time: float) -> float:
        """See `BarTimes`."""
        return time // self._length * self._length

    def end(self, time: float) -> float:
        """See `BarTimes`."""
        return time // self._length * self._length + self._length

    def is_last(self, time: float) -> bool:
        """See `BarTimes`."""
        return (time + self._base) % self._length == 0

    def is_end(self, time: float) -> bool:
        """See `BarTimes`."""
        return time % self._length == 0

    def openings(self, times: Rows) -> Rows:
        """See `BarTimes`."""
        return times // self._length * self._length

    def ends(self, times: Rows) -> Rows:
        """See `BarTimes`."""
        return times // self._length * self._length + self._length

    def are_ends(self, times: Rows) -> npt.NDArray[np.bool_]:
        """See `BarTimes`."""
        return np.asarray(times % self._length == 0)

    def are_openings(self, times: Rows) -> npt.NDArray[np.bool_]:
        """See `BarTimes`."""
        return np.asarray(times % self._length == 0)

    def openings_of(self, ends: Rows) -> Rows:
        """See `BarTimes`."""
        return ends - self._length

    def between(self, times: Rows) -> npt.NDArray[np.int64]:
        """See `BarTimes`."""
        return np.diff(times // self._length).astype(np.int64)

    def end_after(self, time: float) -> float:
        """See `BarTimes`."""
        return self.end(time)

    def group(self, rows: Minutes) -> tuple[Integers, Rows]:
        """See `BarTimes`."""
        size = len(rows)
        most = min(size, int((rows.value(size - 1, 0) - rows.value(0, 0)) // self._length) + 2)
        starts, bars = np.empty(most, np.int64), np.empty((most, 6))
        count = rows.resample(self._length, starts, bars)
        return starts[:count], bars[:count]
