# cython: annotation_typing=True, infer_types=True, auto_pickle=False
"""Recursive indicators: each recursion is written once, for whole series, for many windows and for a partial bar.

A `Recursion` keeps a few numbers, its *state*, from one row to the next. It is used in two ways:

- `run` computes the state at the end of many windows of a series at once, sixteen windows side by side, so that the
  compiler uses vector instructions; `value` makes the indicator's values of these states;
- `update` advances the state by one row, such as a bar that is not complete; `value` makes the value of it.

The functions with names in ``_rows`` compute a whole series and keep every row; `averages` and `trend` call them. All
of them call the same step functions in the same order, so all ways give the same bits. They stand in one file, since
the C compiler makes a step part of the loop around it only where it sees both. Means, deviations and extremes of whole
series are in `rolling` and `statistics`: those for means leave out NaN, which windows do not accept.

The build compiles this file twice, for any processor and for AVX2 with fused multiply-add (`recursions_wide`). Without
the second build a gathering with 3 features takes 34 % more CPU time, one with 10 features 38 %.

States of sixteen windows are one array: number k of window j is ``s[16 * k + j]``.
"""

from math import nan
from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels.batch import Values, grids, shaped
from livermore.indicators._source import CLOSE as CLOSE_COLUMN
from livermore.indicators._source import HIGH as HIGH_COLUMN
from livermore.indicators._source import LOW as LOW_COLUMN
from livermore.indicators._source import Series, columns, source

if cython.compiled:
    from cython.cimports.libc.math import sqrt
else:
    warn_uncompiled()

    # The compiled ones are in the .pxd.
    from math import sqrt

    LANES, CLOSE, HIGH, LOW = 16, 2, 3, 4

    def quotient(x: float, divisor: float, inverse: float) -> float:
        """Return x / divisor. The compiled function also uses ``inverse``, 1 / divisor."""
        return x / divisor

    def has_avx2() -> bool:
        """Tell whether the processor has what the second build needs."""
        return False


NAN = nan


def ema_step(mean: float, x: float, alpha: float) -> float:
    """Return the next exponential average."""
    return alpha * x + (1 - alpha) * mean


def wilder_step(mean: float, x: float, length: float, inverse: float) -> float:
    """Return the next of Wilder's averages, as the ATR has them."""
    return mean + quotient(x - mean, length, inverse)


def smoothed_step(mean: float, x: float, length: float, inverse: float) -> float:
    """Return the next of Wilder's averages, as RSI and ADX have them: the same number but for the last bits."""
    return quotient(mean * (length - 1) + x, length, inverse)


def rise(change: float) -> float:
    """Return a change that is positive, else 0."""
    return change if change > 0 else 0.0


def fall(change: float) -> float:
    """Return the size of a change that is not positive, else 0."""
    return 0.0 if change > 0 else -change


def strength(gain: float, loss: float) -> float:
    """Return the RSI of an average gain and loss; without a branch, so that lanes are computed at once."""
    share = gain / (loss if loss != 0 else 1.0)
    share = 100 - 100 / (1 + share)
    return share if loss != 0 else 100.0


def directional_share(plus: float, minus: float, ranges: float) -> float:
    """Return the DX, 0 where there is no movement; without a branch."""
    whole = ranges if ranges != 0 else 1.0
    up = 100 * plus / whole
    down = 100 * minus / whole
    up = up if ranges != 0 else 0.0
    down = down if ranges != 0 else 0.0
    both = up + down
    gap = up - down
    gap = gap if gap > 0 else -gap
    whole = both if both != 0 else 1.0
    gap = 100 * gap / whole
    return gap if both != 0 else 0.0


def bar_range(high: float, low: float, close_before: float) -> float:
    """Return high - low, or the distance to the close before where that is larger."""
    up = high - close_before
    up = up if up > 0 else -up
    down = low - close_before
    down = down if down > 0 else -down
    up = up if up > down else down
    return up if up > high - low else high - low


def fading_sum_step(total: float, x: float, length: float, inverse: float) -> float:
    """Return the next of Wilder's sums, s - s / length + x."""
    return total - quotient(total, length, inverse) + x


def movement(move: float, opposite: float) -> float:
    """Return a move of the high or the low that is larger than the opposite one, else 0; of equal ones none counts."""
    move = move if move > opposite else 0.0
    return move if move > 0 else 0.0


def adx_step(
    s: cython.p_double,
    j: cython.Py_ssize_t,
    up: cython.double,
    down: cython.double,
    span: cython.double,
    length: cython.double,
    inverse: cython.double,
) -> cython.void:
    """Advance the sums of movements and ranges (numbers 1 to 3 of the state)."""
    s[LANES + j] = fading_sum_step(s[LANES + j], up, length, inverse)
    s[2 * LANES + j] = fading_sum_step(s[2 * LANES + j], down, length, inverse)
    s[3 * LANES + j] = fading_sum_step(s[3 * LANES + j], span, length, inverse)


# `inline`, since the compiler takes this step for too long to be part of a loop by itself; then the loop is not
# vectorised, and the windows of SuperTrend take four times as long.
@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def super_trend_step(
    s: cython.p_double,
    j: cython.Py_ssize_t,
    middle: cython.double,
    reach: cython.double,
    close_before: cython.double,
    close: cython.double,
) -> cython.void:
    """Advance the line (number 0), whether it switched (1), the upper and the lower band (3 and 4).

    Choices are made without branches: with one, the compiler computes one window at a time.
    """
    top = s[3 * LANES + j]
    bottom = s[4 * LANES + j]
    upper = middle + reach
    lower = middle - reach
    on_upper = 1.0 if s[j] == top else 0.0
    # The narrower of the two bands, but only while the close before has not passed the old one.
    narrow = top if top < upper else upper
    upper = narrow if close_before <= top else upper
    narrow = bottom if bottom > lower else lower
    lower = narrow if close_before >= bottom else lower
    below = 1.0 if close <= upper else 0.0
    above = 1.0 if close >= lower else 0.0
    kept = below if on_upper > 0 else above
    near = upper if on_upper > 0 else lower
    far = lower if on_upper > 0 else upper
    s[j] = near if kept > 0 else far
    s[LANES + j] = 1.0 - kept
    s[3 * LANES + j] = upper
    s[4 * LANES + j] = lower


class Recursion:
    """A recursion with its parameters.

    Attributes
    ----------
    states, size : int
        How many numbers the state and the value have.
    seed_rows : int
        How many rows a window must have so that it has a state; for recursions without a state, how many rows back the
        value reaches.
    averaged : int
        How many of the inputs, from the first, `run` divides by a whole number in each row.
    needs_state : bool
        False where the value of a bar follows from the last rows alone; then there is no `run`.
    nan_reaches_back : bool
        Whether a value that is NaN depends on more than the state: means leave NaN out, and look further back instead.
    params : dict
        The parameters.
    """

    def __init__(self, period: int = 1, source_type: str = "close", **params: Any) -> None:
        self.params = {"period": period, "source_type": source_type, **params}
        self.states = self.size = 1
        self.seed_rows = period
        self.averaged = 0
        self.needs_state = True
        self.nan_reaches_back = False
        self.period = period
        self._length = period
        self._inverse = 1 / self._length
        self._alpha = 2 / (self._length + 1)
        self._columns = np.array(columns(source_type), dtype=np.intp)

    def values(self, states: cython.double[:, ::1], out: cython.double[:, ::1]) -> None:
        """Set `out`, shape (size, windows), to the values of the states that `run` computed."""
        if cython.compiled:
            self.value(cython.address(states[0, 0]), states.shape[1], cython.address(out[0, 0]))
        else:
            self.value(states.reshape(-1), states.shape[1], out.reshape(-1))

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return the series that `run` reads; None where the recursion does not apply to these candles."""
        return (source(candles, self.params["source_type"]),)

    def run(self, x: Any, where: Any, out: Any) -> None:
        """Compute the state at the end of many windows.

        Parameters
        ----------
        x : ndarray of shape (inputs, places)
            The inputs, laid out so that row i of the windows `first`, `first` + 1, ... stands at
            ``x[:, where[i] + first]``, ``x[:, where[i] + first + 1]``, ...
        where : ndarray of shape (rows,)
            Where the rows of the first window stand.
        out : ndarray of shape (states, windows)
            Receives the states. The number of windows is a multiple of 32.
        """
        raise NotImplementedError

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        """Advance the first state of `s` by row `last` of candles, whose row i begins at ``rows[6 * i]``."""

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        """Set `out`, shape (size, width), to the values of the states `s`, shape (states, width)."""
        for i in range(self.size * width):
            out[i] = s[i]

    def price(self, rows: cython.p_const_double, at: cython.Py_ssize_t) -> cython.double:
        """Return the price of a row of candles, as `livermore.indicators._source.source` does."""
        x = rows[6 * at + self._columns[0]]
        if self._columns.shape[0] > 1:
            for i in range(1, self._columns.shape[0]):
                x += rows[6 * at + self._columns[i]]
            x /= self._columns.shape[0]
        return x


def _run_ema(
    x: cython.const[cython.double][:, ::1],
    alpha: cython.double,
    where: cython.const[cython.Py_ssize_t][::1],
    out: cython.double[:, ::1],
) -> None:
    # The states of the lanes are local arrays in all loops of this file: the compiler then keeps them in vector
    # registers from row to row. As attributes or through a pointer they would be loaded and stored in each row.
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[1], 16):
            for j in range(LANES):
                mean[j] = x[0, first + j]
            for i in range(1, where.shape[0]):
                at = where[i] + first
                for j in range(LANES):
                    mean[j] = ema_step(mean[j], x[0, at + j], alpha)
            for j in range(LANES):
                out[0, first + j] = mean[j]


class Ema(Recursion):
    """Exponential average. State: the average."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.seed_rows = 1

    def run(self, x: Any, where: Any, out: Any) -> None:
        _run_ema(x, self._alpha, where, out)

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        s[0] = ema_step(s[0], self.price(rows, last), self._alpha)


class Macd(Recursion):
    """Difference of a fast and a slow average, and its average. State: fast, slow and signal."""

    def __init__(self, *, fast_period: int, slow_period: int, signal_period: int, **params: Any) -> None:
        Recursion.__init__(
            self, fast_period=fast_period, slow_period=slow_period, signal_period=signal_period, **params
        )
        self.states = self.size = 3
        self._fast = 2 / (fast_period + 1)
        self._slow = 2 / (slow_period + 1)
        self._smooth = 2 / (signal_period + 1)

    def run(self, x: Any, where: Any, out: Any) -> None:
        fast = cython.declare(cython.double[16])
        slow = cython.declare(cython.double[16])
        signal = cython.declare(cython.double[16])
        with cython.nogil:
            for first in range(0, out.shape[1], 16):
                # Both averages begin with the first price, so the first difference is 0.
                for j in range(LANES):
                    fast[j] = x[0, first + j]
                    slow[j] = x[0, first + j]
                    signal[j] = fast[j] - slow[j]
                for i in range(1, where.shape[0]):
                    at = where[i] + first
                    for j in range(LANES):
                        fast[j] = ema_step(fast[j], x[0, at + j], self._fast)
                        slow[j] = ema_step(slow[j], x[0, at + j], self._slow)
                        signal[j] = ema_step(signal[j], fast[j] - slow[j], self._smooth)
                for j in range(LANES):
                    out[0, first + j] = fast[j]
                    out[1, first + j] = slow[j]
                    out[2, first + j] = signal[j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        x = self.price(rows, last)
        s[0] = ema_step(s[0], x, self._fast)
        s[LANES] = ema_step(s[LANES], x, self._slow)
        s[2 * LANES] = ema_step(s[2 * LANES], s[0] - s[LANES], self._smooth)

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        for j in range(width):
            out[j] = s[j] - s[width + j]
            out[width + j] = s[2 * width + j]
            out[2 * width + j] = out[j] - out[width + j]


class Sma(Recursion):
    """Mean by a running sum. State: the sum."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.nan_reaches_back = True

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return the prices; None with NaN among them, which the mean leaves out."""
        x = source(candles, self.params["source_type"])
        return None if np.isnan(x).any() else (x,)

    def run(self, x: Any, where: Any, out: Any) -> None:
        total = cython.declare(cython.double[16])
        period = self.period
        with cython.nogil:
            for k in range(out.shape[0]):
                for first in range(0, out.shape[1], 16):
                    for j in range(LANES):
                        total[j] = 0.0
                    for i in range(period):
                        at = where[i] + first
                        for j in range(LANES):
                            total[j] = total[j] + x[k, at + j]
                    for i in range(period, where.shape[0]):
                        at = where[i] + first
                        old = where[i - period] + first
                        # The oldest value leaves before the new one enters: the order decides the last bits.
                        for j in range(LANES):
                            total[j] = total[j] - x[k, old + j] + x[k, at + j]
                    for j in range(LANES):
                        out[k, first + j] = total[j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        s[0] = s[0] - self.price(rows, last - self.period) + self.price(rows, last)

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        for j in range(width):
            out[j] = s[j] / self._length


class BollingerBands(Sma):
    """Mean and bands some standard deviations away. State: the sums of values and of squares."""

    def __init__(self, *, devup: float, devdn: float, **params: Any) -> None:
        Recursion.__init__(self, devup=devup, devdn=devdn, **params)
        self.states = 2
        self.size = 3
        self._up = devup
        self._down = devdn

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return prices and their squares."""
        x = source(candles, self.params["source_type"])
        return x, x * x

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        old = self.price(rows, last - self.period)
        new = self.price(rows, last)
        # As in `Sma.run`: the oldest value leaves first.
        s[0] = s[0] - old + new
        s[LANES] = s[LANES] - old * old + new * new

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        # These are read once, before the loop: the compiler does not know that no output is one of them, and would
        # compute one window at a time (8.1 instead of 2.3 µs for 2,048 windows).
        length, up, down, none = self._length, self._up, self._down, NAN
        for j in range(width):
            mean = s[j] / length
            variance = s[width + j] / length - mean * mean
            # Where prices stand still, rounding can make it negative.
            spread = sqrt(variance) if variance >= 0 else none
            out[j] = mean + up * spread
            out[width + j] = mean
            out[2 * width + j] = mean - down * spread


class Atr(Recursion):
    """Wilder's average of the true range. State: the average."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.averaged = 2

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return high - low, the range of a window's first row, and the true range."""
        high, low, close = candles[:, HIGH_COLUMN], candles[:, LOW_COLUMN], candles[:, CLOSE_COLUMN]
        return high - low, true_range(high, low, close)

    def run(self, x: Any, where: Any, out: Any) -> None:
        # Twice sixteen lanes: each step waits for the one before, and meanwhile the others are computed. It saves a
        # quarter of the time; recursions with two averages wait less.
        mean = cython.declare(cython.double[16])
        other = cython.declare(cython.double[16])
        period, length, inverse = self.period, self._length, self._inverse
        with cython.nogil:
            for first in range(0, out.shape[1], 32):
                for j in range(LANES):
                    mean[j] = x[0, first + j]
                    other[j] = x[0, first + LANES + j]
                for i in range(1, period):
                    at = where[i] + first
                    for j in range(LANES):
                        mean[j] = mean[j] + x[1, at + j]
                        other[j] = other[j] + x[1, at + LANES + j]
                for j in range(LANES):
                    mean[j] = mean[j] / length
                    other[j] = other[j] / length
                for i in range(period, where.shape[0]):
                    at = where[i] + first
                    for j in range(LANES):
                        mean[j] = wilder_step(mean[j], x[1, at + j], length, inverse)
                        other[j] = wilder_step(other[j], x[1, at + LANES + j], length, inverse)
                for j in range(LANES):
                    out[0, first + j] = mean[j]
                    out[0, first + LANES + j] = other[j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        x = bar_range(rows[6 * last + HIGH], rows[6 * last + LOW], rows[6 * last - 6 + CLOSE])
        s[0] = wilder_step(s[0], x, self._length, self._inverse)


class Keltner(Atr):
    """Exponential average and bands some average ranges away. State: the average range and the average."""

    def __init__(self, *, multiplier: float, **params: Any) -> None:
        Atr.__init__(self, multiplier=multiplier, **params)
        self.states = 2
        self.size = 3
        self._multiplier = multiplier

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return ranges and prices."""
        ranges = Atr.inputs(self, candles)
        return None if ranges is None else (*ranges, source(candles, self.params["source_type"]))

    def run(self, x: Any, where: Any, out: Any) -> None:
        Atr.run(self, x, where, out)
        _run_ema(x[2:], self._alpha, where, out[1:])

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        s[LANES] = ema_step(s[LANES], self.price(rows, last), self._alpha)
        Atr.update(self, s, rows, last)

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        # The bands are not part of the state: they follow from both averages.
        for j in range(width):
            reach = s[j] * self._multiplier
            out[j] = s[width + j] + reach
            out[width + j] = s[width + j]
            out[2 * width + j] = s[width + j] - reach


class Rsi(Recursion):
    """Wilder's relative strength index. State: the average gain and loss, and the last RSIs where they are needed."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.states = 2
        self.seed_rows = self.period + 1
        self.averaged = 2
        self._kept = 0

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return rises and falls since the row before."""
        x = source(candles, self.params["source_type"])
        changes = np.empty((2, len(x)))
        change_rows(x, changes[0], changes[1])
        return changes[0], changes[1]

    def run(self, x: Any, where: Any, out: Any) -> None:  # noqa: C901 - three stages, each a loop over the windows
        # Two averages at once: each step waits for the one before, and meanwhile the processor computes the other.
        gain = cython.declare(cython.double[16])
        loss = cython.declare(cython.double[16])
        period, length, inverse = self.period, self._length, self._inverse
        rows, kept = where.shape[0], self._kept
        with cython.nogil:
            for first in range(0, out.shape[1], 16):
                for j in range(LANES):
                    gain[j] = 0.0
                    loss[j] = 0.0
                for i in range(1, period + 1):
                    at = where[i] + first
                    for j in range(LANES):
                        gain[j] = gain[j] + x[0, at + j]
                        loss[j] = loss[j] + x[1, at + j]
                for j in range(LANES):
                    gain[j] = gain[j] / length
                    loss[j] = loss[j] / length
                # The last rows are apart, so that the loop over most rows stores nothing.
                for i in range(period + 1, rows - kept + 1 if kept > 0 else rows):
                    at = where[i] + first
                    for j in range(LANES):
                        gain[j] = smoothed_step(gain[j], x[0, at + j], length, inverse)
                        loss[j] = smoothed_step(loss[j], x[1, at + j], length, inverse)
                for k in range(kept):
                    if k > 0:
                        at = where[rows - kept + k] + first
                        for j in range(LANES):
                            gain[j] = smoothed_step(gain[j], x[0, at + j], length, inverse)
                            loss[j] = smoothed_step(loss[j], x[1, at + j], length, inverse)
                    for j in range(LANES):
                        out[2 + k, first + j] = strength(gain[j], loss[j])
                for j in range(LANES):
                    out[0, first + j] = gain[j]
                    out[1, first + j] = loss[j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        change = self.price(rows, last) - self.price(rows, last - 1)
        s[0] = smoothed_step(s[0], rise(change), self._length, self._inverse)
        s[LANES] = smoothed_step(s[LANES], fall(change), self._length, self._inverse)

    def value(self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double) -> cython.void:
        for j in range(width):
            out[j] = strength(s[j], s[width + j])


class StochasticRsi(Rsi):
    """Where the RSI lies in its range, k, and its mean, d. State: as `Rsi`, with as many RSIs as d reaches back."""

    def __init__(self, *, period_stoch: int, k: int, d: int, **params: Any) -> None:
        Rsi.__init__(self, period_stoch=period_stoch, k=k, d=d, **params)
        self._range = period_stoch
        self._k = k
        self._d = d
        self._kept = period_stoch + k + d - 2
        self._raw = np.empty((0, LANES))
        self.states = 2 + self._kept
        self.nan_reaches_back = True
        self.size = 2
        self.seed_rows = self.period + self._kept

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        Rsi.update(self, s, rows, last)
        # The oldest RSI leaves, the newest enters at the end: d reaches back a fixed number of rows.
        for k in range(2, self.states - 1):
            s[LANES * k] = s[LANES * k + LANES]
        s[LANES * (self.states - 1)] = strength(s[0], s[LANES])

    def value(  # noqa: C901 - three stages, each a loop over the windows
        self, s: cython.p_const_double, width: cython.Py_ssize_t, out: cython.p_double
    ) -> cython.void:
        high = cython.declare(cython.double[16])
        low = cython.declare(cython.double[16])
        # Not before it is needed: by then periods are known to be shorter than the window.
        if self._raw.shape[0] == 0:
            self._raw = np.empty((self._k + self._d - 1, LANES))
        for first in range(0, width, 16):
            # Where each of the last RSIs lies between the least and the largest of `_range` of them.
            for row in range(self._k + self._d - 1):
                at = (2 + row) * width + first
                for j in range(LANES):
                    high[j] = s[at + j]
                    low[j] = s[at + j]
                for _ in range(1, self._range):
                    at += width
                    for j in range(LANES):
                        high[j] = s[at + j] if s[at + j] > high[j] else high[j]
                        low[j] = s[at + j] if s[at + j] < low[j] else low[j]
                for j in range(LANES):
                    spread = high[j] - low[j]
                    high[j] = 100 * (s[at + j] - low[j]) / (spread if spread != 0 else 1.0)
                    self._raw[row, j] = high[j] if spread != 0 else NAN
            for j in range(LANES):
                low[j] = 0.0
            for row in range(self._d):
                for j in range(LANES):
                    high[j] = self._raw[row, j]
                for i in range(row + 1, row + self._k):
                    for j in range(LANES):
                        high[j] = high[j] + self._raw[i, j]
                for j in range(LANES):
                    high[j] = high[j] / self._k
                    low[j] = low[j] + high[j]
            for j in range(LANES):
                out[first + j] = high[j]
                out[width + first + j] = low[j] / self._d


class Adx(Recursion):
    """Wilder's average directional index. State: the index, and the sums of both movements and of the true range."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.states = 4
        self.seed_rows = 2 * self.period + 1
        self.averaged = 3

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return both movements and the true range."""
        high, low, close = candles[:, HIGH_COLUMN], candles[:, LOW_COLUMN], candles[:, CLOSE_COLUMN]
        return *directional_movement(high, low), true_range(high, low, close)

    def run(self, x: Any, where: Any, out: Any) -> None:  # noqa: C901 - four stages, each a loop over the windows
        s = cython.declare(cython.double[64])
        period, length, inverse = self.period, self._length, self._inverse
        with cython.nogil:
            for first in range(0, out.shape[1], 16):
                for j in range(4 * LANES):
                    s[j] = 0.0
                for i in range(1, period + 1):
                    at = where[i] + first
                    for j in range(LANES):
                        s[LANES + j] = s[LANES + j] + x[0, at + j]
                        s[2 * LANES + j] = s[2 * LANES + j] + x[1, at + j]
                        s[3 * LANES + j] = s[3 * LANES + j] + x[2, at + j]
                # The first index is the mean of as many DX.
                for i in range(period + 1, 2 * period + 1):
                    at = where[i] + first
                    for j in range(LANES):
                        s[j] = s[j] + directional_share(s[LANES + j], s[2 * LANES + j], s[3 * LANES + j])
                        adx_step(s, j, x[0, at + j], x[1, at + j], x[2, at + j], length, inverse)
                for j in range(LANES):
                    s[j] = s[j] / length
                for i in range(2 * period + 1, where.shape[0]):
                    at = where[i] + first
                    for j in range(LANES):
                        adx_step(s, j, x[0, at + j], x[1, at + j], x[2, at + j], length, inverse)
                        share = directional_share(s[LANES + j], s[2 * LANES + j], s[3 * LANES + j])
                        s[j] = smoothed_step(s[j], share, length, inverse)
                for k in range(4):
                    for j in range(LANES):
                        out[k, first + j] = s[k * LANES + j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        up = rows[6 * last + HIGH] - rows[6 * last - 6 + HIGH]
        down = rows[6 * last - 6 + LOW] - rows[6 * last + LOW]
        span = bar_range(rows[6 * last + HIGH], rows[6 * last + LOW], rows[6 * last - 6 + CLOSE])
        adx_step(s, 0, movement(up, down), movement(down, up), span, self._length, self._inverse)
        share = directional_share(s[LANES], s[2 * LANES], s[3 * LANES])
        s[0] = smoothed_step(s[0], share, self._length, self._inverse)


class SuperTrend(Recursion):
    """SuperTrend. State: the line, whether it switched, the average range, the upper and the lower band."""

    def __init__(self, *, factor: float, **params: Any) -> None:
        Recursion.__init__(self, factor=factor, **params)
        self.states = 5
        self.size = 2
        self.averaged = 2
        self._factor = factor

    def inputs(self, candles: Series) -> tuple[Series, ...] | None:
        """Return high - low, the true range, the middle and the close."""
        high, low, close = candles[:, HIGH_COLUMN], candles[:, LOW_COLUMN], candles[:, CLOSE_COLUMN]
        return high - low, true_range(high, low, close), (high + low) / 2, close

    def run(self, x: Any, where: Any, out: Any) -> None:
        s = cython.declare(cython.double[80])
        period, length, inverse, factor = self.period, self._length, self._inverse, self._factor
        with cython.nogil:
            for first in range(0, out.shape[1], 16):
                for j in range(LANES):
                    s[2 * LANES + j] = x[0, first + j]
                for i in range(1, period):
                    at = where[i] + first
                    for j in range(LANES):
                        s[2 * LANES + j] = s[2 * LANES + j] + x[1, at + j]
                # Row period - 1 has the first average range, and so the first bands and the first line.
                at = where[period - 1] + first
                for j in range(LANES):
                    s[2 * LANES + j] = s[2 * LANES + j] / length
                    s[3 * LANES + j] = x[2, at + j] + factor * s[2 * LANES + j]
                    s[4 * LANES + j] = x[2, at + j] - factor * s[2 * LANES + j]
                    s[j] = s[3 * LANES + j] if x[3, at + j] <= s[3 * LANES + j] else s[4 * LANES + j]
                    s[LANES + j] = 0.0
                for i in range(period, where.shape[0]):
                    before = at
                    at = where[i] + first
                    for j in range(LANES):
                        s[2 * LANES + j] = wilder_step(s[2 * LANES + j], x[1, at + j], length, inverse)
                        super_trend_step(s, j, x[2, at + j], factor * s[2 * LANES + j], x[3, before + j], x[3, at + j])
                for k in range(5):
                    for j in range(LANES):
                        out[k, first + j] = s[k * LANES + j]

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        high, low, before = rows[6 * last + HIGH], rows[6 * last + LOW], rows[6 * last - 6 + CLOSE]
        s[2 * LANES] = wilder_step(s[2 * LANES], bar_range(high, low, before), self._length, self._inverse)
        super_trend_step(s, 0, (high + low) / 2, self._factor * s[2 * LANES], before, rows[6 * last + CLOSE])


class Donchian(Recursion):
    """Highest high, lowest low and their mean, from the last rows alone."""

    def __init__(self, **params: Any) -> None:
        Recursion.__init__(self, **params)
        self.states = self.size = 3
        self.needs_state = False

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        first = last - self.period + 1
        s[0] = highest(rows, first, last)
        s[2 * LANES] = lowest(rows, first, last)
        s[LANES] = (s[0] + s[2 * LANES]) / 2


class Stochastic(Recursion):
    """Where the close lies in the range of the last rows, its mean k and the mean of k, d, from the last rows alone.

    Parameters
    ----------
    fastk_period, slowk_period, slowd_period : int
        How many rows make the range, and how many values each mean; with a `slowk_period` of 0, k is no mean.
    flat : float, default NaN
        Where the close lies where highest and lowest are equal. NaN is left out of the means.
    """

    def __init__(
        self, *, fastk_period: int, slowk_period: int, slowd_period: int, flat: float = nan, **params: Any
    ) -> None:
        Recursion.__init__(self, period=fastk_period, **params)
        self.params = {
            "fastk_period": fastk_period,
            "slowk_period": slowk_period,
            "slowd_period": slowd_period,
            "flat": flat,
            **params,
        }
        self.states = self.size = 2
        self.needs_state = False
        self.seed_rows = fastk_period + max(slowk_period, 1) + slowd_period - 2
        self._is_smoothed = slowk_period > 0
        self._k = max(slowk_period, 1)
        self._d = slowd_period
        self._flat = flat
        self._raw = np.empty(0)

    def update(self, s: cython.p_double, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.void:
        if self._raw.shape[0] == 0:
            self._raw = np.empty(self._k + self._d - 1)
        for row in range(self._k + self._d - 1):
            self._raw[row] = self._position(rows, last - (self._k + self._d - 2) + row)
        total = 0.0
        count = 0
        mean = NAN
        for row in range(self._d):
            mean = mean_of_numbers(self._raw, row, row + self._k) if self._is_smoothed else self._raw[row]
            if mean == mean:
                total += mean
                count += 1
        s[0] = mean
        s[LANES] = total / count if count > 0 else NAN

    def _position(self, rows: cython.p_const_double, last: cython.Py_ssize_t) -> cython.double:
        """Return where the close of a row lies, in percent."""
        low = lowest(rows, last - self.period + 1, last)
        high = highest(rows, last - self.period + 1, last)
        return 100 * (rows[6 * last + CLOSE] - low) / (high - low) if high != low else self._flat


def highest(rows: cython.p_const_double, first: cython.Py_ssize_t, last: cython.Py_ssize_t) -> cython.double:
    """Return the highest high of rows `first` to `last`; NaN where one is."""
    high = rows[6 * first + HIGH]
    for i in range(first + 1, last + 1):
        x = rows[6 * i + HIGH]
        high = x if x > high or x != x else high
    return high


def lowest(rows: cython.p_const_double, first: cython.Py_ssize_t, last: cython.Py_ssize_t) -> cython.double:
    """Return the lowest low of rows `first` to `last`; NaN where one is."""
    low = rows[6 * first + LOW]
    for i in range(first + 1, last + 1):
        x = rows[6 * i + LOW]
        low = x if x < low or x != x else low
    return low


def mean_of_numbers(x: cython.double[::1], start: cython.Py_ssize_t, stop: cython.Py_ssize_t) -> cython.double:
    """Return the mean of those of the values that are numbers."""
    total = 0.0
    count = 0
    for i in range(start, stop):
        if x[i] == x[i]:
            total += x[i]
            count += 1
    return total / count if count > 0 else NAN


# The same steps for whole series: row i of series j is x[i, j], and every row is kept (see `batch` for the shapes).


def true_range(high: Values, low: Values, close: Values) -> Values:
    """High - low, or the distance to the previous close where that is larger."""
    rows, lows, closes = grids(high, low, close)
    out = np.empty(rows.shape)
    if len(rows):
        true_range_rows(rows.ravel(), lows.ravel(), closes.ravel(), rows.shape[1], out.ravel())
    return shaped(out, high)


def directional_movement(high: Values, low: Values) -> list[Values]:
    """Plus and minus directional movement; 0 in the first row."""
    rows, lows = grids(high, low)
    out = np.zeros((2, *rows.shape))
    directional_movement_rows(rows, lows, out)
    return [shaped(out[0], high), shaped(out[1], high)]


@cython.ccall
def ema_rows(x: cython.const[cython.double][:, ::1], alpha: cython.double, out: cython.double[:, ::1]) -> cython.void:
    """Set `out` to the exponential average, which begins with the first value."""
    with cython.nogil:
        for j in range(x.shape[1]):
            out[0, j] = x[0, j]
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = ema_step(out[i - 1, j], x[i, j], alpha)


@cython.ccall
def wilder_rows(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    """Set `out` to Wilder's average from row period - 1 on, where it is the mean of the rows so far."""
    first = period - 1
    length: cython.double = period
    with cython.nogil:
        # The seed is summed in its own output row, so that lanes need no further memory.
        for j in range(x.shape[1]):
            out[first, j] = x[0, j]
        for i in range(1, period):
            for j in range(x.shape[1]):
                out[first, j] = out[first, j] + x[i, j]
        for j in range(x.shape[1]):
            out[first, j] = out[first, j] / length
        for i in range(period, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = wilder_step(out[i - 1, j], x[i, j], length, 1 / length)


@cython.ccall
def smoothed_rows(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    """Set the rows of `out` from `start` on to Wilder's average, which goes on from the row before.

    With a `start` of 1 the average begins with the first value.
    """
    length: cython.double = period
    with cython.nogil:
        for j in range(x.shape[1] if start == 1 else 0):
            out[0, j] = x[0, j]
        for i in range(start, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = smoothed_step(out[i - 1, j], x[i, j], length, 1 / length)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def sum_rows(
    x: cython.const[cython.double][:, ::1], last: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    """Set row `last` of `out` to the sum of rows 1 to `last`: row 0 has no movement."""
    for j in range(x.shape[1]):
        out[last, j] = 0.0
    for i in range(1, last + 1):
        for j in range(x.shape[1]):
            out[last, j] += x[i, j]


@cython.ccall
def movement_sum_rows(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    """Set `out` to Wilder's average from row `period` on, where it is the plain sum of the rows from 1 on."""
    sum_rows(x, period, out)
    smoothed_rows(x, period, period + 1, out)


@cython.ccall
def running_loss_rows(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    """Set `out` to Wilder's sum from row `start` on, which begins with the sum of rows 1 to `start`, or with row 0."""
    length: cython.double = period
    with cython.nogil:
        sum_rows(x, start, out)
        if start == 0:
            for j in range(x.shape[1]):
                out[0, j] = x[0, j]
        for i in range(start + 1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = fading_sum_step(out[i - 1, j], x[i, j], length, 1 / length)


@cython.ccall
def true_range_rows(
    high: cython.const[cython.double][::1],
    low: cython.const[cython.double][::1],
    close: cython.const[cython.double][::1],
    lanes: cython.Py_ssize_t,
    out: cython.double[::1],
) -> cython.void:
    """Set `out` to the true range; the rows of `lanes` series stand one after the other.

    One loop over all numbers is vectorised for a single series, too.
    """
    with cython.nogil:
        # Row 0 has no previous close.
        for k in range(lanes):
            out[k] = high[k] - low[k]
        for k in range(lanes, high.shape[0]):
            out[k] = bar_range(high[k], low[k], close[k - lanes])


@cython.ccall
def directional_movement_rows(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    """Set `out[0]` and `out[1]`, from row 1 on, to the plus and the minus directional movement."""
    with cython.nogil:
        for i in range(1, high.shape[0]):
            for j in range(high.shape[1]):
                up = high[i, j] - high[i - 1, j]
                down = low[i - 1, j] - low[i, j]
                out[0, i, j] = movement(up, down)
                out[1, i, j] = movement(down, up)


@cython.ccall
def directional_share_rows(
    plus: cython.const[cython.double][:, ::1],
    minus: cython.const[cython.double][:, ::1],
    ranges: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    """Set `out` to the DX."""
    with cython.nogil:
        for i in range(plus.shape[0]):
            for j in range(plus.shape[1]):
                out[i, j] = directional_share(plus[i, j], minus[i, j], ranges[i, j])


@cython.ccall
def change_rows(x: cython.const[cython.double][:], rises: cython.double[::1], falls: cython.double[::1]) -> cython.void:
    """Set `rises` and `falls` to those of one series since the row before; the first row has none."""
    before = x[0]
    with cython.nogil:
        for i in range(x.shape[0]):
            change = x[i] - before
            rises[i] = rise(change)
            falls[i] = fall(change)
            before = x[i]


@cython.ccall
def rsi_rows(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    s: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    """Set `out` to the RSI from row `period` on.

    `s`, shape (2, series), begins with 0 and becomes the average gain and loss.
    """
    length: cython.double = period
    with cython.nogil:
        for i in range(1, period + 1):
            for j in range(x.shape[1]):
                change = x[i, j] - x[i - 1, j]
                s[0, j] += rise(change)
                s[1, j] += fall(change)
        # Wilder's seed: the plain means of the first `period` gains and losses.
        for j in range(x.shape[1]):
            s[0, j] /= length
            s[1, j] /= length
            out[period, j] = strength(s[0, j], s[1, j])
        for i in range(period + 1, x.shape[0]):
            for j in range(x.shape[1]):
                change = x[i, j] - x[i - 1, j]
                s[0, j] = smoothed_step(s[0, j], rise(change), length, 1 / length)
                s[1, j] = smoothed_step(s[1, j], fall(change), length, 1 / length)
                out[i, j] = strength(s[0, j], s[1, j])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def adx_lanes(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    first: cython.Py_ssize_t,
    width: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    """Compute `width` series from `first` on."""
    s = cython.declare(cython.double[64])
    length: cython.double = period
    for j in range(4 * LANES):
        s[j] = 0.0
    for i in range(1, high.shape[0]):
        for j in range(width):
            at = first + j
            up = high[i, at] - high[i - 1, at]
            down = low[i - 1, at] - low[i, at]
            plus = movement(up, down)
            minus = movement(down, up)
            span = bar_range(high[i, at], low[i, at], close[i - 1, at])
            if i > period:
                adx_step(s, j, plus, minus, span, length, 1 / length)
            else:
                s[LANES + j] += plus
                s[2 * LANES + j] += minus
                s[3 * LANES + j] += span
            if i >= period:
                share = directional_share(s[LANES + j], s[2 * LANES + j], s[3 * LANES + j])
                # The first index is the mean of as many DX.
                if i < 2 * period:
                    s[j] += share
                elif i == 2 * period:
                    s[j] /= length
                    out[i, at] = s[j]
                else:
                    s[j] = smoothed_step(s[j], share, length, 1 / length)
                    out[i, at] = s[j]


@cython.ccall
def adx_rows(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    """Set `out` to the ADX from row 2·period on."""
    whole = high.shape[1] - high.shape[1] % LANES
    with cython.nogil:
        for first in range(0, whole, 16):
            adx_lanes(high, low, close, period, first, LANES, out)
        for first in range(whole, high.shape[1]):
            adx_lanes(high, low, close, period, first, 1, out)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def super_trend_lanes(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    ranges: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    factor: cython.double,
    first: cython.Py_ssize_t,
    width: cython.Py_ssize_t,
    line: cython.double[:, ::1],
    switched: cython.double[:, ::1],
) -> cython.void:
    """Compute `width` series from `first` on; a constant width keeps the state in registers."""
    s = cython.declare(cython.double[80])
    start = period - 1
    for j in range(width):
        at = first + j
        middle = (high[start, at] + low[start, at]) / 2
        s[3 * LANES + j] = middle + factor * ranges[start, at]
        s[4 * LANES + j] = middle - factor * ranges[start, at]
        s[j] = s[3 * LANES + j] if close[start, at] <= s[3 * LANES + j] else s[4 * LANES + j]
        line[start, at] = s[j]
    for i in range(period, close.shape[0]):
        for j in range(width):
            at = first + j
            middle = (high[i, at] + low[i, at]) / 2
            super_trend_step(s, j, middle, factor * ranges[i, at], close[i - 1, at], close[i, at])
        # In a loop of its own: the compiler does not know that the outputs are not the inputs.
        for j in range(width):
            line[i, first + j] = s[j]
            switched[i, first + j] = s[LANES + j]


@cython.ccall
def super_trend_rows(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    ranges: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    factor: cython.double,
    line: cython.double[:, ::1],
    switched: cython.double[:, ::1],
) -> cython.void:
    """Set `line` and `switched` from row period - 1 on."""
    whole = close.shape[1] - close.shape[1] % LANES
    with cython.nogil:
        for first in range(0, whole, 16):
            super_trend_lanes(high, low, close, ranges, period, factor, first, LANES, line, switched)
        for first in range(whole, close.shape[1]):
            super_trend_lanes(high, low, close, ranges, period, factor, first, 1, line, switched)


@cython.ccall
def is_moderate(x: cython.const[cython.double][:, ::1], least: cython.double, most: cython.double) -> cython.bint:
    """Tell whether all numbers are 0 or, without their signs, between two bounds."""
    extreme: cython.Py_ssize_t = 0
    with cython.nogil:
        for k in range(x.shape[0]):
            for i in range(x.shape[1]):
                size = x[k, i] if x[k, i] > 0 else -x[k, i]
                extreme += 0 if ((size >= least) & (size <= most)) | (size == 0) else 1
    return extreme == 0


def has_wide_vectors() -> bool:
    """Tell whether the processor can run the second build of this file."""
    return bool(has_avx2())
