# cython: language_level=3
"""Strength and direction of a trend: true range, RSI, directional movement, SuperTrend.

Formulas: J. W. Wilder, New Concepts in Technical Trading Systems (1978), unless a function names another source.
"""

import cython
import numpy as np

from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def true_range(high: Values, low: Values, close: Values) -> Values:
    """High - low, or the distance to the previous close where that is larger."""
    rows, lows, closes = grids(high, low, close)
    out = np.empty(rows.shape)
    if len(rows):
        _true_range(rows, lows, closes, out)
    return shaped(out, high)


def relative_strength(x: Values, period: int) -> Values:
    """Wilder's RSI; NaN before row `period`, 100 where there is no loss."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period < len(rows):
        _relative_strength(rows, period, np.zeros(rows.shape[1]), np.zeros(rows.shape[1]), out)
    return shaped(out, x)


def directional_index(high: Values, low: Values, close: Values, period: int) -> Values:
    """Wilder's ADX; NaN before row 2·period."""
    rows, lows, closes = grids(high, low, close)
    out = np.full(rows.shape, np.nan)
    if 0 < 2 * period < len(rows):
        _directional_index(rows, lows, closes, period, np.zeros((4, rows.shape[1])), out)
    return shaped(out, high)


def super_trend(high: Values, low: Values, close: Values, atr: Values, period: int, factor: float) -> list[Values]:
    """Return the trend line and whether it switched sides; 0 before row period - 1."""
    rows, highs, lows, ranges = grids(close, high, low, atr)
    trend = np.zeros(rows.shape)
    changed = np.zeros(rows.shape)
    if 0 < period <= len(rows):
        bands = np.empty((2, rows.shape[1]))
        _super_trend(highs, lows, rows, ranges, period, factor, bands, trend, changed)
    return [shaped(trend, close), shaped(changed, close)]


def directional_movement(high: Values, low: Values) -> list[Values]:
    """Plus and minus directional movement; 0 in the first row."""
    rows, lows = grids(high, low)
    out = np.zeros((2, *rows.shape))
    _directional_movement(rows, lows, out)
    return [shaped(out[0], high), shaped(out[1], high)]


def running_loss(x: Values, period: int, start: int) -> Values:
    """Wilder's sum: the plain sum of rows 1 to `start`, then s - s / period + x; NaN before row `start`.

    With `start` 0 the sum begins with the first row.
    """
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 <= start < len(rows):
        _running_loss(rows, period, start, out)
    return shaped(out, x)


def movement_sum(x: Values, period: int) -> Values:
    """Return the plain sum of rows 1 to `period`, then (s·(period - 1) + x) / period; NaN before row `period`."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period < len(rows):
        _movement_sum(rows, period, out)
    return shaped(out, x)


def one_sidedness(plus: Values, minus: Values, ranges: Values) -> Values:
    """DX from smoothed movements and ranges, 0 where there is no movement."""
    rows, losses, widths = grids(plus, minus, ranges)
    out = np.empty(rows.shape)
    _one_sidedness(rows, losses, widths, out)
    return shaped(out, plus)


def parabolic(high: Values, low: Values, acceleration: float, maximum: float) -> Values:
    """Wilder's parabolic stop and reverse; NaN in the first row, whose direction the second one decides."""
    rows, lows = grids(high, low)
    out = np.full(rows.shape, np.nan)
    if len(rows) > 1:
        _parabolic(rows, lows, acceleration, maximum, np.empty((4, rows.shape[1])), out)
    return shaped(out, high)


def seeded_later(x: Values, period: int, start: int) -> Values:
    """Wilder's average seeded at row period - 1 with the mean, continued from row `start` on; NaN between.

    `start` is at least `period`.
    """
    out = np.full(x.shape, np.nan)
    if 0 < period <= len(x):
        out[period - 1] = wilder_seed(x, period)
    if 0 < period <= start < len(x):
        rows = grid(x)
        lanes = grid(out)
        seed = lanes[period - 1].copy()
        _continue_average(rows, period, start, seed, lanes)
        return shaped(lanes, x)
    return out


def wilder_seed(x: Values, period: int) -> Values:
    """Return the mean of the first `period` rows, added up one after the other."""
    total: Values = x[0].copy() if x.ndim == 2 else x[0]
    for row in x[1:period]:
        total = total + row
    return total / period


@cython.ccall
def _true_range(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    a: cython.double
    b: cython.double
    with cython.nogil:
        # Row 0 has no previous close.
        for j in range(high.shape[1]):
            out[0, j] = high[0, j] - low[0, j]
        for i in range(1, high.shape[0]):
            for j in range(high.shape[1]):
                a = high[i, j] - close[i - 1, j]
                a = a if a > 0 else -a
                b = low[i, j] - close[i - 1, j]
                b = b if b > 0 else -b
                a = a if a > b else b
                b = high[i, j] - low[i, j]
                out[i, j] = a if a > b else b


@cython.ccall
def _relative_strength(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    gains: cython.double[::1],
    losses: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    step: cython.double
    length: cython.double = period
    with cython.nogil:
        # Wilder's seed: the plain means of the first `period` gains and losses.
        for i in range(1, period + 1):
            for j in range(x.shape[1]):
                step = x[i, j] - x[i - 1, j]
                gains[j] += step if step > 0 else 0.0
                losses[j] += 0.0 if step > 0 else -step
        for j in range(x.shape[1]):
            gains[j] /= length
            losses[j] /= length
            out[period, j] = 100 - 100 / (1 + gains[j] / losses[j]) if losses[j] != 0 else 100.0
        # Only the last average gain and loss of each lane are needed, so no further rows are kept.
        for i in range(period + 1, x.shape[0]):
            for j in range(x.shape[1]):
                step = x[i, j] - x[i - 1, j]
                gains[j] = (gains[j] * (length - 1) + (step if step > 0 else 0.0)) / length
                losses[j] = (losses[j] * (length - 1) + (0.0 if step > 0 else -step)) / length
                out[i, j] = 100 - 100 / (1 + gains[j] / losses[j]) if losses[j] != 0 else 100.0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _directional_share(plus: cython.double, minus: cython.double, ranges: cython.double) -> cython.double:
    """DX: how one-sided the movement is, 0 where there is none."""
    up: cython.double = 100 * plus / ranges if ranges != 0 else 0.0
    down: cython.double = 100 * minus / ranges if ranges != 0 else 0.0
    both: cython.double = up + down
    gap: cython.double = up - down
    return 100 * (gap if gap > 0 else -gap) / both if both != 0 else 0.0


@cython.ccall
def _directional_index(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    state: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # state: the smoothed sums of plus movement, minus movement and true range, and the sum of DX so far.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    up: cython.double
    down: cython.double
    plus: cython.double
    minus: cython.double
    a: cython.double
    b: cython.double
    dx: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(1, high.shape[0]):
            for j in range(high.shape[1]):
                up = high[i, j] - high[i - 1, j]
                down = low[i - 1, j] - low[i, j]
                plus = up if (up > down and up > 0) else 0.0
                minus = down if (down > up and down > 0) else 0.0
                a = high[i, j] - close[i - 1, j]
                a = a if a > 0 else -a
                b = low[i, j] - close[i - 1, j]
                b = b if b > 0 else -b
                a = a if a > b else b
                b = high[i, j] - low[i, j]
                a = a if a > b else b
                if i > period:
                    state[0, j] = state[0, j] - state[0, j] / length + plus
                    state[1, j] = state[1, j] - state[1, j] / length + minus
                    state[2, j] = state[2, j] - state[2, j] / length + a
                else:
                    state[0, j] += plus
                    state[1, j] += minus
                    state[2, j] += a
                if i >= period:
                    dx = _directional_share(state[0, j], state[1, j], state[2, j])
                    if i < 2 * period:
                        state[3, j] += dx
                    elif i == 2 * period:
                        out[i, j] = state[3, j] / length
                    else:
                        out[i, j] = (out[i - 1, j] * (length - 1) + dx) / length


@cython.ccall
def _super_trend(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    atr: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    factor: cython.double,
    bands: cython.double[:, ::1],
    trend: cython.double[:, ::1],
    changed: cython.double[:, ::1],
) -> cython.void:
    # bands: the final upper and lower band of the row before.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    first: cython.Py_ssize_t = period - 1
    middle: cython.double
    upper: cython.double
    lower: cython.double
    on_upper: cython.bint
    with cython.nogil:
        for j in range(close.shape[1]):
            middle = (high[first, j] + low[first, j]) / 2
            bands[0, j] = middle + factor * atr[first, j]
            bands[1, j] = middle - factor * atr[first, j]
            trend[first, j] = bands[0, j] if close[first, j] <= bands[0, j] else bands[1, j]
        for i in range(period, close.shape[0]):
            for j in range(close.shape[1]):
                middle = (high[i, j] + low[i, j]) / 2
                upper = middle + factor * atr[i, j]
                lower = middle - factor * atr[i, j]
                # A band never moves away from the price while the close has stayed on its side.
                if close[i - 1, j] <= bands[0, j] and bands[0, j] < upper:
                    upper = bands[0, j]
                if close[i - 1, j] >= bands[1, j] and bands[1, j] > lower:
                    lower = bands[1, j]
                # Which band the line was on is read from its value, as in Jesse: where both bands are equal, upper.
                on_upper = trend[i - 1, j] == bands[0, j]
                if on_upper:
                    trend[i, j] = upper if close[i, j] <= upper else lower
                    changed[i, j] = 0.0 if close[i, j] <= upper else 1.0
                else:
                    trend[i, j] = lower if close[i, j] >= lower else upper
                    changed[i, j] = 0.0 if close[i, j] >= lower else 1.0
                bands[0, j] = upper
                bands[1, j] = lower


@cython.ccall
def _directional_movement(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    up: cython.double
    down: cython.double
    with cython.nogil:
        for i in range(1, high.shape[0]):
            for j in range(high.shape[1]):
                up = high[i, j] - high[i - 1, j]
                down = low[i - 1, j] - low[i, j]
                # Only the larger of both movements counts; of equal ones, none.
                out[0, i, j] = up if (up > down and up > 0) else 0.0
                out[1, i, j] = down if (down > up and down > 0) else 0.0


@cython.ccall
def _running_loss(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for j in range(x.shape[1]):
            # Row 0 has no movement, so a plain sum leaves it out.
            out[start, j] = x[0, j] if start == 0 else 0.0
        for i in range(1, start + 1):
            for j in range(x.shape[1]):
                out[start, j] += x[i, j]
        for i in range(start + 1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = out[i - 1, j] - out[i - 1, j] / length + x[i, j]


@cython.ccall
def _movement_sum(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for j in range(x.shape[1]):
            out[period, j] = 0.0
        for i in range(1, period + 1):
            for j in range(x.shape[1]):
                out[period, j] += x[i, j]
        for i in range(period + 1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = (out[i - 1, j] * (length - 1) + x[i, j]) / length


@cython.ccall
def _one_sidedness(
    plus: cython.const[cython.double][:, ::1],
    minus: cython.const[cython.double][:, ::1],
    ranges: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(plus.shape[0]):
            for j in range(plus.shape[1]):
                out[i, j] = _directional_share(plus[i, j], minus[i, j], ranges[i, j])


@cython.ccall
def _continue_average(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
    state: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for i in range(start, x.shape[0]):
            for j in range(x.shape[1]):
                state[j] = (state[j] * (length - 1) + x[i, j]) / length
                out[i, j] = state[j]


@cython.ccall
def _parabolic(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    acceleration: cython.double,
    maximum: cython.double,
    state: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # state: direction (1 up, -1 down), extreme point, acceleration factor, stop. A falling market is a rising one
    # upside down: `stop`, `best` and `worst` carry the direction's sign.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    sign: cython.double
    stop: cython.double
    best: cython.double
    worst: cython.double
    with cython.nogil:
        for j in range(high.shape[1]):
            state[0, j] = 1.0 if high[1, j] > high[0, j] else -1.0
            state[1, j] = high[0, j] if state[0, j] > 0 else low[0, j]
            state[2, j] = acceleration
            state[3, j] = low[0, j] if state[0, j] > 0 else high[0, j]
        for i in range(1, high.shape[0]):
            for j in range(high.shape[1]):
                sign = state[0, j]
                stop = sign * (state[3, j] + state[2, j] * (state[1, j] - state[3, j]))
                # The stop never lies inside the range of the two rows before.
                for k in range(i - 2 if i > 1 else 0, i):
                    worst = low[k, j] if sign > 0 else -high[k, j]
                    stop = worst if worst < stop else stop
                worst = low[i, j] if sign > 0 else -high[i, j]
                best = high[i, j] if sign > 0 else -low[i, j]
                # Hit: the direction turns, and the extreme point becomes the stop.
                if worst < stop:
                    state[0, j] = -sign
                    stop = sign * state[1, j]
                    state[1, j] = sign * worst
                    state[2, j] = acceleration
                elif best > sign * state[1, j]:
                    state[1, j] = sign * best
                    state[2, j] = state[2, j] + acceleration if state[2, j] + acceleration < maximum else maximum
                state[3, j] = sign * stop
                out[i, j] = sign * stop
