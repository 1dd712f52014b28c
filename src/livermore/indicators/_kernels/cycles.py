# cython: language_level=3
"""Oscillators and cycle measures that no average or filter expresses.

Formulas: J. Ehlers, Rocket Science for Traders (2001), unless a function names another source.
"""

import cython
import numpy as np
from cython.cimports.libc.math import atan, cos, exp, log, sin, sqrt

from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def fisher(x: Values, low: Values, high: Values, period: int) -> list[Values]:
    """Ehlers' Fisher transform and its value one row before; 0 before row `period`."""
    rows, lows, highs = grids(x, low, high)
    out = np.zeros((2, *rows.shape))
    if period > 0:
        _fisher(rows, lows, highs, period, np.zeros(rows.shape[1]), out)
    return [shaped(out[0], x), shaped(out[1], x)]


def jurik_strength(x: Values, period: int) -> Values:
    """Jurik's RSX."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if period > 0:
        _jurik_strength(rows, period, np.zeros((14, rows.shape[1])), out)
    return shaped(out, x)


def fractal_average(high: Values, low: Values, close: Values, window: int, fast: int, slow: int) -> Values:
    """Ehlers' fractal adaptive average over an even window; NaN before row window - 1."""
    rows, highs, lows = grids(close, high, low)
    out = np.full(rows.shape, np.nan)
    if 2 <= window <= len(rows):
        _fractal_average(highs, lows, rows, window, fast, slow, np.zeros(rows.shape[1]), out)
    return shaped(out, close)


def mesa(x: Values, fastlimit: float, slowlimit: float) -> list[Values]:
    """Ehlers' MESA adaptive moving average (MAMA) and the following average (FAMA)."""
    rows = grid(x)
    out = np.zeros((2, *rows.shape))
    _mesa(rows, fastlimit, slowlimit, np.zeros((4, *rows.shape)), np.zeros((6, rows.shape[1])), out)
    return [shaped(out[0], x), shaped(out[1], x)]


def correlation_wave(x: Values, period: int) -> list[Values]:
    """Correlation of the `period` values before this row with a cosine and a negative sine.

    NaN before row `period`, and where these values are all equal.
    """
    rows = grid(x)
    out = np.full((2, *rows.shape), np.nan)
    if 0 < period < len(rows):
        _correlation_wave(rows, period, np.empty((2, period)), out)
    return [shaped(out[0], x), shaped(out[1], x)]


def volume_force(trend: Values, ranges: Values, volume: Values) -> Values:
    """Klinger's volume force: volume times trend times |2·range / (sum of ranges since the trend changed) - 1|·100."""
    rows, widths, volumes = grids(trend, ranges, volume)
    out = np.zeros(rows.shape)
    if len(rows):
        _volume_force(rows, widths, volumes, np.zeros(rows.shape[1]), out)
    return shaped(out, trend)


def position_or_zero(x: Values, low: Values, high: Values) -> Values:
    """Where x lies between low and high, in percent; 0 where that is no number."""
    rows, lows, highs = grids(x, low, high)
    out = np.zeros(rows.shape)
    _position_or_zero(rows, lows, highs, out)
    return shaped(out, x)


@cython.ccall
def _correlation_wave(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    waves: cython.double[:, ::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    w: cython.Py_ssize_t
    sx: cython.double
    sy: cython.double
    sxx: cython.double
    sxy: cython.double
    syy: cython.double
    n: cython.double = period
    with cython.nogil:
        # The waves are the same for all rows.
        for k in range(period):
            waves[0, k] = cos(6.283185307179586 * (k + 1) / n)
            waves[1, k] = -sin(6.283185307179586 * (k + 1) / n)
        for i in range(period, x.shape[0]):
            for j in range(x.shape[1]):
                for w in range(2):
                    # Plain sums, newest row first, are Jesse's: where prices hardly move, their rounding is the result.
                    sx = sy = sxx = sxy = syy = 0.0
                    for k in range(period):
                        sx += x[i - 1 - k, j]
                        sy += waves[w, k]
                        sxx += x[i - 1 - k, j] * x[i - 1 - k, j]
                        sxy += x[i - 1 - k, j] * waves[w, k]
                        syy += waves[w, k] * waves[w, k]
                    if n * sxx - sx * sx > 0 and n * syy - sy * sy > 0:
                        out[w, i, j] = (n * sxy - sx * sy) / sqrt((n * sxx - sx * sx) * (n * syy - sy * sy))


@cython.ccall
def _volume_force(
    trend: cython.const[cython.double][:, ::1],
    ranges: cython.const[cython.double][:, ::1],
    volume: cython.const[cython.double][:, ::1],
    path: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    share: cython.double
    with cython.nogil:
        for j in range(trend.shape[1]):
            path[j] = ranges[0, j]
        for i in range(1, trend.shape[0]):
            for j in range(trend.shape[1]):
                if trend[i, j] != trend[i - 1, j] and i > 1:
                    path[j] = ranges[i - 1, j]
                path[j] += ranges[i, j]
                share = 2 * ranges[i, j] / path[j] - 1 if path[j] != 0 else 0.0
                out[i, j] = volume[i, j] * trend[i, j] * (share if share > 0 else -share) * 100


@cython.ccall
def _position_or_zero(
    x: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    high: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    width: cython.double
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                width = high[i, j] - low[i, j]
                if width > 0:
                    out[i, j] = (x[i, j] - low[i, j]) / width * 100


@cython.ccall
def _fisher(
    x: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    high: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    state: cython.double[::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    place: cython.double
    with cython.nogil:
        for i in range(period, x.shape[0]):
            for j in range(x.shape[1]):
                if high[i, j] == low[i, j]:
                    state[j] = 0.0
                else:
                    place = (x[i, j] - low[i, j]) / (high[i, j] - low[i, j])
                    state[j] = 0.66 * (place - 0.5) + 0.67 * state[j]
                # The transform is infinite at 1; Ehlers cuts off at 0.999.
                if state[j] > 0.999:
                    state[j] = 0.999
                if state[j] < -0.999:
                    state[j] = -0.999
                out[0, i, j] = 0.5 * log((1 + state[j]) / (1 - state[j])) + 0.5 * out[0, i - 1, j]
                out[1, i, j] = out[0, i - 1, j]


@cython.ccall
def _jurik_strength(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    state: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # state: three pairs of averages of the change, three of its size, whether the price has moved, and the rows counted
    # so far. Jurik's RSX is not published; these are the equations of the open reconstruction that Jesse uses.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    warm: cython.double = period - 1 if period > 5 else 5
    a: cython.double = 3.0 / (period + 2.0)
    rest: cython.double = 1 - a
    value: cython.double
    size: cython.double
    with cython.nogil:
        for i in range(period, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = 50.0
                # The count starts again while the price has not moved at all: there is nothing to measure.
                if state[13, j] == 0:
                    state[13, j] = 1.0
                    state[12, j] = 0.0
                    continue
                state[13, j] = warm + 1 if warm <= state[13, j] else state[13, j] + 1
                value = 100 * x[i, j] - 100 * x[i - 1, j]
                size = value if value > 0 else -value
                if warm >= state[13, j] and value != 0:
                    state[12, j] = 1.0
                for k in range(0, 6, 2):
                    state[k, j] = rest * state[k, j] + a * value
                    state[k + 1, j] = a * state[k, j] + rest * state[k + 1, j]
                    value = 1.5 * state[k, j] - 0.5 * state[k + 1, j]
                    state[k + 6, j] = rest * state[k + 6, j] + a * size
                    state[k + 7, j] = a * state[k + 6, j] + rest * state[k + 7, j]
                    size = 1.5 * state[k + 6, j] - 0.5 * state[k + 7, j]
                if warm == state[13, j] and state[12, j] == 0:
                    state[13, j] = 0.0
                if warm < state[13, j] and size > 1e-10:
                    value = (value / size + 1) * 50
                    out[i, j] = 0.0 if value < 0 else (100.0 if value > 100 else value)


@cython.ccall
def _fractal_average(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    close: cython.const[cython.double][:, ::1],
    window: cython.Py_ssize_t,
    fast: cython.double,
    slow: cython.double,
    dimensions: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    half: cython.Py_ssize_t = window // 2
    top_old: cython.double
    low_old: cython.double
    top_new: cython.double
    low_new: cython.double
    n1: cython.double
    n2: cython.double
    n3: cython.double
    alpha: cython.double
    length: cython.double
    w: cython.double = log(2 / (slow + 1))
    slowest: cython.double = 2 / (slow + 1)
    with cython.nogil:
        for j in range(close.shape[1]):
            out[window - 1, j] = close[0, j]
            for k in range(1, window):
                out[window - 1, j] += close[k, j]
            out[window - 1, j] /= window
        for i in range(window, close.shape[0]):
            for j in range(close.shape[1]):
                top_old = high[i - window, j]
                low_old = low[i - window, j]
                top_new = high[i - half, j]
                low_new = low[i - half, j]
                for k in range(half):
                    top_old = high[i - window + k, j] if high[i - window + k, j] > top_old else top_old
                    low_old = low[i - window + k, j] if low[i - window + k, j] < low_old else low_old
                    top_new = high[i - half + k, j] if high[i - half + k, j] > top_new else top_new
                    low_new = low[i - half + k, j] if low[i - half + k, j] < low_new else low_new
                # The fractal dimension from the ranges of both halves of the window and of the whole; it stays what it
                # was where one of the ranges is 0.
                n1 = (top_new - low_new) / half
                n2 = (top_old - low_old) / half
                n3 = (
                    (top_new if top_new > top_old else top_old) - (low_new if low_new < low_old else low_old)
                ) / window
                if n1 > 0 and n2 > 0 and n3 > 0:
                    dimensions[j] = (log(n1 + n2) - log(n3)) / log(2.0)
                alpha = exp(w * (dimensions[j] - 1))
                alpha = 0.1 if alpha < 0.1 else (1.0 if alpha > 1 else alpha)
                length = (slow - fast) * ((2 - alpha) / alpha - 1) / (slow - 1) + fast
                alpha = 2 / (length + 1)
                alpha = slowest if alpha < slowest else (1.0 if alpha > 1 else alpha)
                out[i, j] = alpha * close[i, j] + (1 - alpha) * out[i - 1, j]


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _hilbert(
    x: cython.double[:, :, ::1], part: cython.Py_ssize_t, i: cython.Py_ssize_t, j: cython.Py_ssize_t
) -> cython.double:
    """Ehlers' four-tap Hilbert transformer; rows before the first count as zero."""
    total: cython.double = 0.0962 * x[part, i, j]
    if i >= 2:
        total += 0.5769 * x[part, i - 2, j]
    if i >= 4:
        total -= 0.5769 * x[part, i - 4, j]
    if i >= 6:
        total -= 0.0962 * x[part, i - 6, j]
    return total


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _cycle_period(re: cython.double, im: cython.double, before: cython.double) -> cython.double:
    """Return the period of a turning phase, held near that of the row before and within 6 and 50 rows, and smoothed."""
    period: cython.double = 0.0
    if re != 0 and im != 0:
        period = 6.283185307179586 / atan(im / re)
    # Ehlers' limits: at most half as long again or a third shorter than before, and never outside of 6 to 50 rows.
    period = 1.5 * before if period > 1.5 * before else period
    period = 0.67 * before if period < 0.67 * before else period
    period = 6.0 if period < 6 else (50.0 if period > 50 else period)
    return 0.2 * period + 0.8 * before


@cython.ccall
def _mesa(
    x: cython.const[cython.double][:, ::1],
    fastlimit: cython.double,
    slowlimit: cython.double,
    series: cython.double[:, :, ::1],
    state: cython.double[:, ::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    # series: the smoothed price, detrender, quadrature and in-phase component at each row.
    # state: I2, Q2, Re, Im, period and phase of the row before, in Ehlers' names.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    gain: cython.double
    in_phase: cython.double
    quadrature: cython.double
    phase: cython.double
    alpha: cython.double
    with cython.nogil:
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                series[0, i, j] = (
                    4 * x[i, j] + 3 * x[i - 1, j] + 2 * x[i - 2 if i > 2 else 0, j] + x[i - 3 if i > 3 else 0, j]
                ) / 10
                gain = 0.075 * state[4, j] + 0.54
                series[1, i, j] = _hilbert(series, 0, i, j) * gain
                series[2, i, j] = _hilbert(series, 1, i, j) * gain
                series[3, i, j] = series[1, i - 3, j] if i >= 3 else 0.0
                in_phase = 0.2 * (series[3, i, j] - _hilbert(series, 2, i, j) * gain) + 0.8 * state[0, j]
                quadrature = 0.2 * (series[2, i, j] + _hilbert(series, 3, i, j) * gain) + 0.8 * state[1, j]
                state[2, j] = 0.2 * (in_phase * state[0, j] + quadrature * state[1, j]) + 0.8 * state[2, j]
                state[3, j] = 0.2 * (in_phase * state[1, j] - quadrature * state[0, j]) + 0.8 * state[3, j]
                state[0, j] = in_phase
                state[1, j] = quadrature
                state[4, j] = _cycle_period(state[2, j], state[3, j], state[4, j])
                # The faster the phase turns, the smaller is alpha, between the two limits.
                phase = 0.0
                if series[3, i, j] != 0:
                    phase = atan(series[2, i, j] / series[3, i, j]) * 57.29577951308232
                alpha = state[5, j] - phase
                state[5, j] = phase
                alpha = fastlimit / (1.0 if alpha < 1 else alpha)
                alpha = slowlimit if alpha < slowlimit else alpha
                out[0, i, j] = alpha * x[i, j] + (1 - alpha) * out[0, i - 1, j]
                alpha = 0.5 * alpha
                out[1, i, j] = alpha * out[0, i, j] + (1 - alpha) * out[1, i - 1, j]
