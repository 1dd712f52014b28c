# cython: annotation_typing=False
"""One market's one-minute candles, compiled: checks, the next row that reaches a price, and aggregation to bars."""

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.typing import Integers, Rows

if not cython.compiled:
    warn_uncompiled()

    def fetch(address: object) -> None:
        """Prefetch memory; only C can."""


#: Passes over all rows wait for memory more than they compute, so rows that lie so far ahead are prefetched.
AHEAD = 128


def are_sound(rows: Rows, minute: float, latest: float) -> bool:
    """Return whether all rows keep all rules: ascending whole minutes up to `latest`, finite numbers, prices in order.

    False may be a false alarm: numbers so large that the difference of two overflows count as infinite. When it is
    False, `livermore.candles._check` looks for the rule that is broken, and for the row.

    Parameters
    ----------
    rows : ndarray of shape (n, 6), float64, C-contiguous
        UTC ms, open, close, high, low, volume.
    minute : float
        In ms.
    latest : float
        The last time that can be, UTC ms; the earliest is its negative.
    """
    count = rows.shape[0]
    before = -latest - 1
    # The smallest of all differences that must not be negative. Minima ignore NaN, so NaN is looked for apart.
    least = 0.0
    # Becomes NaN at the first NaN or infinity, and stays NaN: one addition per row instead of five tests.
    not_finite = 0.0
    # Uncompiled, the numbers are numpy's, which would warn of NaN.
    with np.errstate(invalid="ignore", over="ignore"), cython.nogil:
        for row in range(count):
            if cython.compiled and row + AHEAD < count:
                fetch(cython.address(rows[row + AHEAD, 0]))
            time = rows[row, 0]
            if time != before + minute and not (before < time <= latest and time % minute == 0):
                least = -1.0
                break
            before = time
            opened, closed, high, low, volume = rows[row, 1], rows[row, 2], rows[row, 3], rows[row, 4], rows[row, 5]
            least = min(least, min(min(opened, closed) - low, high - max(opened, closed), volume))
            not_finite += ((high - low) + (opened - closed) + volume) * 0.0
    return least >= 0 and not_finite == 0 and before <= latest


class Minutes:
    """One market's minutes: warm-up rows and traded rows, numbered as one series, without a copy of either.

    Parameters
    ----------
    head : ndarray of shape (k, 6), float64, C-contiguous
        UTC ms, open, close, high, low, volume; the first rows, k may be 0.
    tail : ndarray of shape (n, 6), float64, C-contiguous
        The rows after them.
    """

    def __init__(self, head: Rows, tail: Rows) -> None:
        self.head = head
        self.tail = tail
        self._head = head
        self._tail = tail
        self._split = len(head)
        self.size = len(head) + len(tail)

    def __len__(self) -> int:
        return self.size

    def row(self, row: int) -> Rows:
        """Return one row, shape (6,); not a copy."""
        found: Rows = self.head[row] if row < self._split else self.tail[row - self._split]
        return found

    def value(self, row: int, column: int) -> float:
        """Return one number, as numpy does."""
        number: float = self.head[row, column] if row < self._split else self.tail[row - self._split, column]
        return number

    def between(self, start: int, stop: int) -> Rows:
        """Return rows [start, stop); a copy only where they come from both parts."""
        if start >= self._split:
            return self.tail[start - self._split : stop - self._split]
        if stop <= self._split:
            return self.head[start:stop]
        return np.concatenate([self.head[start:], self.tail[: stop - self._split]])

    def times(self) -> Rows:
        """Return when each row opens, UTC ms, shape (n,)."""
        if self._split == 0:
            return self.tail[:, 0]
        return np.concatenate([self.head[:, 0], self.tail[:, 0]])

    def find(self, start: int, stop: int, below: float, above: float) -> int:
        """Return the first row in [start, stop) with low <= below or high >= above; -1 if there is none."""
        if start < self._split:
            found = _find(self._head, start, min(stop, self._split), below, above)
            if found >= 0:
                return found
            start = self._split
        found = _find(self._tail, start - self._split, stop - self._split, below, above)
        return found + self._split if found >= 0 else -1

    def combine_into(self, candle: Rows, start: int, stop: int) -> None:
        """Write rows [start, stop) as one candle to `candle`, shape (6,), whose time is left as it is.

        Volumes are summed in the order of numpy's `.sum()` of a slice, bit for bit.
        """
        if start >= self._split:
            _combine(self._tail, start - self._split, stop - self._split, candle)
        elif stop <= self._split:
            _combine(self._head, start, stop, candle)
        else:
            _combine(self.between(start, stop), 0, stop - start, candle)

    def resample(self, span: float, starts: Integers, bars: Rows) -> int:
        """Aggregate all rows to bars of `span` ms, and return how many there are.

        The same as `livermore.candles.resample`, bit for bit, with the last bar even if it is incomplete. What is
        returned in `starts` are the indices of the bars' first rows.
        """
        count = _resample(self._head, 0, span, starts, bars)
        if self.size == self._split:
            return count
        if count == 0 or self._tail[0, 0] >= bars[count - 1, 0] + span:
            return count + _resample(self._tail, self._split, span, starts[count:], bars[count:])
        # The last bar of the first part continues in the second: it is aggregated again from both.
        bar = count - 1
        first = starts[bar]
        count = bar + _resample(self._tail, self._split, span, starts[bar:], bars[bar:])
        starts[bar] = first
        self.combine_into(bars[bar], first, starts[bar + 1] if bar + 1 < count else self.size)
        return count


def _find(
    rows: Rows,
    start: int,
    stop: int,
    below: float,
    above: float,
) -> int:
    """Return the first row in [start, stop) with low <= below or high >= above; -1 if there is none."""
    found = -1
    with cython.nogil:
        for row in range(start, stop):
            if rows[row, 4] <= below or rows[row, 3] >= above:
                found = row
                break
    return found


def _combine(
    rows: Rows,
    start: int,
    stop: int,
    candle: Rows,
) -> None:
    """Write rows [start, stop) as one candle, all but its time."""
    high = rows[start, 3]
    low = rows[start, 4]
    for row in range(start + 1, stop):
        high = max(high, rows[row, 3])
        low = min(low, rows[row, 4])
    candle[1] = rows[start, 1]
    candle[2] = rows[stop - 1, 2]
    candle[3] = high
    candle[4] = low
    candle[5] = _sum(rows, start, stop - start)


def _resample(
    rows: Rows,
    offset: int,
    span: float,
    starts: Integers,
    bars: Rows,
) -> int:
    """Aggregate rows to bars, and return how many; `offset` is the number of the first row."""
    count = 0
    first = 0
    end = 0.0
    high = 0.0
    low = 0.0
    for row in range(rows.shape[0]):
        if cython.compiled and row + AHEAD < rows.shape[0]:
            fetch(cython.address(rows[row + AHEAD, 0]))
        time = rows[row, 0]
        if count == 0 or time >= end:
            if count > 0:
                _finish(bars, count - 1, rows, first, row, high, low)
            first = row
            starts[count] = offset + row
            bars[count, 0] = time // span * span
            end = bars[count, 0] + span
            high = rows[row, 3]
            low = rows[row, 4]
            count += 1
        else:
            high = max(high, rows[row, 3])
            low = min(low, rows[row, 4])
    if count > 0:
        _finish(bars, count - 1, rows, first, rows.shape[0], high, low)
    return count


def _finish(
    bars: Rows,
    bar: int,
    rows: Rows,
    first: int,
    stop: int,
    high: float,
    low: float,
) -> None:
    """Write a bar when its last row is known."""
    bars[bar, 1] = rows[first, 1]
    bars[bar, 2] = rows[stop - 1, 2]
    bars[bar, 3] = high
    bars[bar, 4] = low
    bars[bar, 5] = _sum(rows, first, stop - first)


def _sum(rows: Rows, start: int, count: int) -> float:
    """Sum volumes in numpy's order, equal to the bit: eight running sums, and halves beyond 128 rows."""
    if count < 8:
        total: float = -0.0
        for i in range(start, start + count):
            total += rows[i, 5]
        return total
    if count > 128:
        half = count // 2
        half -= half % 8
        return _sum(rows, start, half) + _sum(rows, start + half, count - half)
    a, b, c, d = rows[start, 5], rows[start + 1, 5], rows[start + 2, 5], rows[start + 3, 5]
    e, f, g, h = rows[start + 4, 5], rows[start + 5, 5], rows[start + 6, 5], rows[start + 7, 5]
    i = 8
    while i < count - count % 8:
        a += rows[start + i, 5]
        b += rows[start + i + 1, 5]
        c += rows[start + i + 2, 5]
        d += rows[start + i + 3, 5]
        e += rows[start + i + 4, 5]
        f += rows[start + i + 5, 5]
        g += rows[start + i + 6, 5]
        h += rows[start + i + 7, 5]
        i += 8
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    while i < count:
        total += rows[start + i, 5]
        i += 1
    return total
