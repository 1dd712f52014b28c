# cython: annotation_typing=False, auto_pickle=False
"""Values of a bar that is still forming: one step on from what is remembered of the completed bars.

Each step does what the pass of its indicator does in its last row, in the same order, so the bits are the same. The
rows are those of candles, one behind the other: row i begins at ``rows[6 * i]``.
"""

import math
from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.indicators._source import columns

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.
    from math import sqrt

    CLOSE, HIGH, LOW = 2, 3, 4

NAN = math.nan


class Step:
    """How to go on with one more row.

    Attributes
    ----------
    size : int
        How many numbers the value of a bar has.
    """

    def __init__(self) -> None:
        self.size = 1

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        """Set `out` to the value at row `last`, from the state of the window without it; False if it does not apply."""
        return False


class Priced(Step):
    """A step that needs a price.

    Parameters
    ----------
    source_type : str
        Which; see `livermore.indicators.source`.
    """

    def __init__(self, source_type: str) -> None:
        self.size = 1
        self._columns = np.array(columns(source_type), dtype=np.intp)
        self._count = len(self._columns)

    def price(self, rows: Any, at: int) -> float:
        """Return the price of a row, as `livermore.indicators.source`."""
        x = rows[6 * at + self._columns[0]]
        if self._count > 1:
            for i in range(1, self._count):
                x += rows[6 * at + self._columns[i]]
            x /= self._count
        return x


class Decay(Priced):
    """`averages.ema`."""

    def __init__(self, period: float, source_type: str, **_: object) -> None:
        Priced.__init__(self, source_type)
        self._alpha = 2 / (period + 1)

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        out[0] = decayed(before[0], self.price(rows, last), self._alpha)
        return True


class Mean(Priced):
    """`rolling.mean` of numbers, from their sum."""

    def __init__(self, period: int, source_type: str, **_: object) -> None:
        Priced.__init__(self, source_type)
        self._period = period

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        total = before[0] - self.price(rows, last - self._period) + self.price(rows, last)
        out[0] = total / self._period
        return total == total


class Range(Step):
    """`averages.wilder` of the true range."""

    def __init__(self, period: float, **_: object) -> None:
        self.size = 1
        self._period = period

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        out[0] = before[0] + (true_range(rows, last) - before[0]) / self._period
        return True


class Strength(Priced):
    """`trend.relative_strength`, from the average gain and loss."""

    def __init__(self, period: float, source_type: str, **_: object) -> None:
        Priced.__init__(self, source_type)
        self._period = period

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        out[0] = self.strength(before, rows, last)
        return True

    def strength(self, before: Any, rows: Any, last: int) -> float:
        """Return the index at a row."""
        change = self.price(rows, last) - self.price(rows, last - 1)
        gain = smoothed(before[0], change if change > 0 else 0.0, self._period)
        loss = smoothed(before[1], 0.0 if change > 0 else -change, self._period)
        return 100 - 100 / (1 + gain / loss) if loss != 0 else 100.0


class StochasticStrength(Strength):
    """Where the index lies in its range, from the average gain and loss and the indices of the rows before."""

    def __init__(self, period: float, period_stoch: int, k: int, d: int, source_type: str, **_: object) -> None:
        Strength.__init__(self, period, source_type)
        self.size = 2
        self._range = period_stoch
        self._k = k
        self._d = d
        # The indices, and below them where each lies in its range.
        self._row = np.empty(period_stoch + k + d - 2)
        self._raw = np.empty(k + d - 1)

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        known = self._range + self._k + self._d - 3
        for i in range(known):
            self._row[i] = before[2 + i]
        self._row[known] = self.strength(before, rows, last)
        for row in range(self._k + self._d - 1):
            high = low = self._row[row]
            for i in range(row + 1, row + self._range):
                high = higher(high, self._row[i])
                low = lower(low, self._row[i])
            self._raw[row] = position(self._row[row + self._range - 1], low, high, NAN)
        total = 0.0
        mean = NAN
        for row in range(self._d):
            mean = self._raw[row]
            for i in range(row + 1, row + self._k):
                mean += self._raw[i]
            mean /= self._k
            total += mean
        out[0] = mean
        out[1] = total / self._d
        # Where one is no number, the other mean reaches further back.
        return total == total


class Direction(Step):
    """`trend.directional_index`, from the index, the movements and the range."""

    def __init__(self, period: float, **_: object) -> None:
        self.size = 1
        self._period = period

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        up = rows[6 * last + HIGH] - rows[6 * last - 6 + HIGH]
        down = rows[6 * last - 6 + LOW] - rows[6 * last + LOW]
        plus = before[1] - before[1] / self._period + (up if up > down and up > 0 else 0.0)
        minus = before[2] - before[2] / self._period + (down if down > up and down > 0 else 0.0)
        ranges = before[3] - before[3] / self._period + true_range(rows, last)
        out[0] = smoothed(before[0], one_sidedness(plus, minus, ranges), self._period)
        return True


class Convergence(Priced):
    """The difference of two averages and its own average, from all three."""

    def __init__(
        self, fast_period: float, slow_period: float, signal_period: float, source_type: str, **_: object
    ) -> None:
        Priced.__init__(self, source_type)
        self.size = 3
        self._fast = 2 / (fast_period + 1)
        self._slow = 2 / (slow_period + 1)
        self._smooth = 2 / (signal_period + 1)

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        x = self.price(rows, last)
        out[0] = decayed(before[0], x, self._fast) - decayed(before[1], x, self._slow)
        out[1] = decayed(before[2], out[0], self._smooth)
        out[2] = out[0] - out[1]
        return True


class Reach(Priced):
    """An average and bands some average ranges away, from the average range and the average."""

    def __init__(self, period: float, multiplier: float, source_type: str, **_: object) -> None:
        Priced.__init__(self, source_type)
        self.size = 3
        self._period = period
        self._alpha = 2 / (period + 1)
        self._multiplier = multiplier

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        reach = (before[0] + (true_range(rows, last) - before[0]) / self._period) * self._multiplier
        out[1] = decayed(before[1], self.price(rows, last), self._alpha)
        out[0] = out[1] + reach
        out[2] = out[1] - reach
        return True


class Spread(Priced):
    """`bands.running_deviation` and bands some deviations away, from the sums of values and squares."""

    def __init__(self, period: int, devup: float, devdn: float, source_type: str, **_: object) -> None:
        Priced.__init__(self, source_type)
        self.size = 3
        self._period = period
        self._up = devup
        self._down = devdn

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        old = self.price(rows, last - self._period)
        new = self.price(rows, last)
        mean = (before[0] - old + new) / self._period
        variance = (before[1] - old * old + new * new) / self._period - mean * mean
        spread = sqrt(variance) if variance >= 0 else NAN
        out[0] = mean + self._up * spread
        out[1] = mean
        out[2] = mean - self._down * spread
        return True


class Follow(Step):
    """`trend.super_trend`, from its line, the average range and both bands."""

    def __init__(self, period: float, factor: float, **_: object) -> None:
        self.size = 2
        self._period = period
        self._factor = factor

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        high, low, close = rows[6 * last + HIGH], rows[6 * last + LOW], rows[6 * last + CLOSE]
        earlier = rows[6 * last - 6 + CLOSE]
        reach = self._factor * (before[1] + (true_range(rows, last) - before[1]) / self._period)
        middle = (high + low) / 2
        upper, lower = middle + reach, middle - reach
        # The narrower of the two, but only while the close before has not passed the band.
        if earlier <= before[2] and before[2] < upper:
            upper = before[2]
        if earlier >= before[3] and before[3] > lower:
            lower = before[3]
        above = before[0] == before[2]
        kept = close <= upper if above else close >= lower
        out[0] = upper if kept == above else lower
        out[1] = 0.0 if kept else 1.0
        return True


class Extremes(Step):
    """`rolling.highest` of the highs, `rolling.lowest` of the lows, their mean between them; nothing is remembered."""

    def __init__(self, period: int, **_: object) -> None:
        self.size = 3
        self._period = period

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        high = rows[6 * (last - self._period + 1) + HIGH]
        low = rows[6 * (last - self._period + 1) + LOW]
        for i in range(last - self._period + 2, last + 1):
            high = higher(high, rows[6 * i + HIGH])
            low = lower(low, rows[6 * i + LOW])
        out[0] = high
        out[1] = (high + low) / 2
        out[2] = low
        return True


class Stochastic(Step):
    """Where the close lies in the range of the candles, its mean, and the mean of that; nothing is remembered.

    Parameters
    ----------
    period, k, d : int
        How many rows make the range, and how many values each mean.
    still : float, default NaN
        Where the close lies in a range that is none; NaN is left out of the means.
    """

    def __init__(self, period: int, k: int, d: int, still: float = NAN) -> None:
        self.size = 2
        self._still = still
        self._period = period
        self._k = k
        self._d = d
        self._raw = np.empty(k + d - 1)

    def go_on(self, before: Any, rows: Any, last: int, out: Any) -> bool:
        for row in range(self._k + self._d - 1):
            end = last - (self._k + self._d - 2) + row
            high = rows[6 * (end - self._period + 1) + HIGH]
            low = rows[6 * (end - self._period + 1) + LOW]
            for i in range(end - self._period + 2, end + 1):
                high = higher(high, rows[6 * i + HIGH])
                low = lower(low, rows[6 * i + LOW])
            self._raw[row] = position(rows[6 * end + CLOSE], low, high, self._still)
        total = 0.0
        count = 0
        mean = NAN
        for row in range(self._d):
            mean = self.mean(row, row + self._k)
            if mean == mean:
                total += mean
                count += 1
        out[0] = mean
        out[1] = total / count if count > 0 else NAN
        return True

    def mean(self, start: int, stop: int) -> float:
        """Return the mean of those of the values that are numbers."""
        total = 0.0
        count = 0
        for i in range(start, stop):
            if self._raw[i] == self._raw[i]:
                total += self._raw[i]
                count += 1
        return total / count if count > 0 else NAN


def decayed(before: float, x: float, alpha: float) -> float:
    """Go on with `averages.ema`."""
    return alpha * x + (1 - alpha) * before


def smoothed(before: float, x: float, period: float) -> float:
    """Go on with Wilder's other average."""
    return (before * (period - 1) + x) / period


def true_range(rows: Any, last: int) -> float:
    """Return `trend.true_range` of a row."""
    high, low, close = rows[6 * last + HIGH], rows[6 * last + LOW], rows[6 * last - 6 + CLOSE]
    up = abs(high - close)
    down = abs(low - close)
    up = up if up > down else down
    return up if up > high - low else high - low


def one_sidedness(plus: float, minus: float, ranges: float) -> float:
    """Return DX, as the kernels of `trend` do."""
    up = 100 * plus / ranges if ranges != 0 else 0.0
    down = 100 * minus / ranges if ranges != 0 else 0.0
    both, gap = up + down, up - down
    return 100 * (gap if gap > 0 else -gap) / both if both != 0 else 0.0


def higher(a: float, b: float) -> float:
    """Return the larger, the former of equals, NaN where one is."""
    return b if b > a or b != b else a


def lower(a: float, b: float) -> float:
    """Return the smaller, the former of equals, NaN where one is."""
    return b if b < a or b != b else a


def position(x: float, low: float, high: float, still: float) -> float:
    """Return where x lies between low and high, in percent; `still` where they are equal."""
    return 100 * (x - low) / (high - low) if high != low else still
