# cython: language_level=3
"""Strength and direction of a trend: true range, RSI, directional movement, SuperTrend.

Formulas: J. W. Wilder, New Concepts in Technical Trading Systems (1978), unless a function names another source.
"""

import cython
import numpy as np

from livermore.indicators._kernels import recursions
from livermore.indicators._kernels.batch import Values, grid, grids, shaped
from livermore.indicators._kernels.recursions import directional_movement as directional_movement
from livermore.indicators._kernels.recursions import true_range as true_range


def relative_strength(x: Values, period: int) -> Values:
    """Wilder's RSI; NaN before row `period`, 100 where there is no loss."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period < len(rows):
        recursions.rsi_rows(rows, period, np.zeros((2, rows.shape[1])), out)
    return shaped(out, x)


def directional_index(high: Values, low: Values, close: Values, period: int) -> Values:
    """Wilder's ADX; NaN before row 2·period."""
    rows, lows, closes = grids(high, low, close)
    out = np.full(rows.shape, np.nan)
    if 0 < 2 * period < len(rows):
        recursions.adx_rows(rows, lows, closes, period, out)
    return shaped(out, high)


def super_trend(high: Values, low: Values, close: Values, atr: Values, period: int, factor: float) -> list[Values]:
    """Return the trend line and whether it switched sides; 0 before row period - 1."""
    rows, highs, lows, ranges = grids(close, high, low, atr)
    trend = np.zeros(rows.shape)
    changed = np.zeros(rows.shape)
    if 0 < period <= len(rows):
        recursions.super_trend_rows(highs, lows, rows, ranges, period, factor, trend, changed)
    return [shaped(trend, close), shaped(changed, close)]


def running_loss(x: Values, period: int, start: int) -> Values:
    """Wilder's sum: the plain sum of rows 1 to `start`, then s - s / period + x; NaN before row `start`.

    With `start` 0 the sum begins with the first row.
    """
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 <= start < len(rows):
        recursions.running_loss_rows(rows, period, start, out)
    return shaped(out, x)


def movement_sum(x: Values, period: int) -> Values:
    """Return the plain sum of rows 1 to `period`, then (s·(period - 1) + x) / period; NaN before row `period`."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period < len(rows):
        recursions.movement_sum_rows(rows, period, out)
    return shaped(out, x)


def one_sidedness(plus: Values, minus: Values, ranges: Values) -> Values:
    """DX from smoothed movements and ranges, 0 where there is no movement."""
    rows, losses, widths = grids(plus, minus, ranges)
    out = np.empty(rows.shape)
    recursions.directional_share_rows(rows, losses, widths, out)
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
        lanes[start - 1] = lanes[period - 1]
        recursions.smoothed_rows(rows, period, start, lanes)
        lanes[period:start] = np.nan
        return shaped(lanes, x)
    return out


def wilder_seed(x: Values, period: int) -> Values:
    """Return the mean of the first `period` rows, added up one after the other."""
    total: Values = x[0].copy() if x.ndim == 2 else x[0]
    for row in x[1:period]:
        total = total + row
    return total / period


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
