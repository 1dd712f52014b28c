"""The last values of many windows in one pass: the windows of `rows` rows that end at each row of a series.

What each kernel here returns is, to the last bit, the last row of a kernel elsewhere on each window alone. Sixteen
windows are computed abreast, what they remember in local arrays that fit the processor's registers; what does not
depend on where a window begins (changes, ranges, movements) is computed once for the series.

Series have shape (n,); results have n - rows + 1 values, the first for the window that begins with the first row.
"""

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels import trend
from livermore.indicators._kernels.lanes import Values

if not cython.compiled:
    warn_uncompiled()

# How many windows are computed abreast; the local arrays and inner loops of the kernels say the same number.
ABREAST = 16


def ema(x: Values, rows: int, period: float) -> Values:
    """Return `averages.ema` at the end of each window."""
    count, out = _room(x, rows)
    alpha = 2 / (period + 1)
    x = _padded(x)
    _ema(x, alpha * x, alpha, rows, out)
    return out[:count]


def macd(x: Values, rows: int, periods: tuple[float, float, float]) -> tuple[Values, Values]:
    """Return the difference of a fast and a slow `averages.ema`, and the average of that difference."""
    count, line = _room(x, rows)
    signal = np.empty(line.shape)
    fast, slow, smooth = (2 / (period + 1) for period in periods)
    x = _padded(x)
    _macd(x, fast * x, slow * x, fast, slow, smooth, rows, line, signal)
    return line[:count], signal[:count]


def average_range(high: Values, low: Values, close: Values, rows: int, period: int) -> Values:
    """Return `averages.wilder` of `trend.true_range` at the end of each window."""
    count, out = _room(high, rows)
    _wilder(_padded(high - low), _padded(trend.true_range(high, low, close)), rows, period, out)
    return out[:count]


def relative_strength(x: Values, rows: int, period: int, last: int) -> Values:
    """Return `trend.relative_strength` in the `last` rows of each window, shape (last, windows)."""
    count, room = _room(x, rows)
    gains, losses = np.empty((2, last, len(room)))
    change = np.diff(x, prepend=x[0])
    _smoothed(_padded(np.where(change > 0, change, 0.0)), rows, period, gains)
    _smoothed(_padded(np.where(change > 0, 0.0, -change)), rows, period, losses)
    _strength(gains, losses)
    return gains[:, :count]


def directional_index(high: Values, low: Values, close: Values, rows: int, period: int) -> Values:
    """Return `trend.directional_index` at the end of each window."""
    count, out = _room(high, rows)
    plus, minus = trend.directional_movement(high, low)
    _directional_index(_padded(plus), _padded(minus), _padded(trend.true_range(high, low, close)), rows, period, out)
    return out[:count]


def running_mean(x: Values, rows: int, period: int) -> Values:
    """Return `rolling.mean` at the end of each window, of numbers."""
    count, out = _room(x, rows)
    _running_sum(_padded(x), rows, period, out)
    return out[:count] / float(period)


def running_deviation(x: Values, rows: int, period: int) -> tuple[Values, Values]:
    """Return `bands.running_deviation` at the end of each window."""
    count, means = _room(x, rows)
    deviations = np.empty(means.shape)
    x = _padded(x)
    _running_deviation(x, x * x, rows, period, means, deviations)
    return means[:count], deviations[:count]


def super_trend(
    high: Values, low: Values, close: Values, rows: int, period: int, factor: float
) -> tuple[Values, Values]:
    """Return `trend.super_trend` of the average true range at the end of each window."""
    count, line = _room(high, rows)
    changed = np.empty(line.shape)
    ranges = _padded(high - low), _padded(trend.true_range(high, low, close))
    _super_trend(*ranges, _padded((high + low) / 2), _padded(close), rows, period, factor, line, changed)
    return line[:count], changed[:count]


def _room(x: Values, rows: int) -> tuple[int, Values]:
    """Return how many windows there are, and room for as many results as are computed."""
    count = len(x) - rows + 1
    return count, np.empty(-(-count // ABREAST) * ABREAST)


def _padded(x: Values) -> Values:
    """Return the series and, behind it, rows for windows that nobody asked for."""
    out = np.empty(len(x) + ABREAST)
    out[: len(x)] = x
    out[len(x) :] = x[len(x) - 1]
    return out


@cython.ccall
def _ema(
    x: cython.const[cython.double][::1],
    scaled: cython.const[cython.double][::1],
    alpha: cython.double,
    rows: cython.Py_ssize_t,
    out: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    rest: cython.double = 1 - alpha
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                mean[j] = x[first + j]
            for i in range(first + 1, first + rows):
                for j in range(16):
                    mean[j] = scaled[i + j] + rest * mean[j]
            for j in range(16):
                out[first + j] = mean[j]


@cython.ccall
def _macd(
    x: cython.const[cython.double][::1],
    x_fast: cython.const[cython.double][::1],
    x_slow: cython.const[cython.double][::1],
    fast: cython.double,
    slow: cython.double,
    smooth: cython.double,
    rows: cython.Py_ssize_t,
    line: cython.double[::1],
    signal: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    quick = cython.declare(cython.double[16])
    lazy = cython.declare(cython.double[16])
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, line.shape[0], 16):
            for j in range(16):
                quick[j] = x[first + j]
                lazy[j] = x[first + j]
                mean[j] = quick[j] - lazy[j]
            for i in range(first + 1, first + rows):
                for j in range(16):
                    quick[j] = x_fast[i + j] + (1 - fast) * quick[j]
                    lazy[j] = x_slow[i + j] + (1 - slow) * lazy[j]
                    mean[j] = smooth * (quick[j] - lazy[j]) + (1 - smooth) * mean[j]
            for j in range(16):
                line[first + j] = quick[j] - lazy[j]
                signal[first + j] = mean[j]


@cython.ccall
def _wilder(
    head: cython.const[cython.double][::1],
    x: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    out: cython.double[::1],
) -> cython.void:
    # head: what stands in the first row of a window, where x needs the row before it.
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                mean[j] = head[first + j]
            for i in range(first + 1, first + period):
                for j in range(16):
                    mean[j] = mean[j] + x[i + j]
            for j in range(16):
                mean[j] = mean[j] / length
            for i in range(first + period, first + rows):
                for j in range(16):
                    mean[j] = mean[j] + (x[i + j] - mean[j]) / length
            for j in range(16):
                out[first + j] = mean[j]


@cython.ccall
def _smoothed(
    x: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    # The mean of rows 1 to `period` of a window, then (previous·(period - 1) + x) / period; the last rows are kept.
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    row: cython.Py_ssize_t
    length: cython.double = period
    before: cython.double = length - 1
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[1], 16):
            for j in range(16):
                mean[j] = 0.0
            for i in range(first + 1, first + period + 1):
                for j in range(16):
                    mean[j] = mean[j] + x[i + j]
            for j in range(16):
                mean[j] = mean[j] / length
            for i in range(first + period + 1, first + rows - out.shape[0] + 1):
                for j in range(16):
                    mean[j] = (mean[j] * before + x[i + j]) / length
            for j in range(16):
                out[0, first + j] = mean[j]
    for row in range(1, out.shape[0]):
        _smoothed_on(x, rows - out.shape[0] + row, length, out[row - 1], out[row])


@cython.cfunc
@cython.exceptval(check=False)
def _smoothed_on(
    x: cython.const[cython.double][::1],
    at: cython.Py_ssize_t,
    length: cython.double,
    previous: cython.const[cython.double][::1],
    out: cython.double[::1],
) -> cython.void:
    j: cython.Py_ssize_t
    with cython.nogil:
        for j in range(out.shape[0]):
            out[j] = (previous[j] * (length - 1) + x[at + j]) / length


@cython.ccall
def _strength(gains: cython.double[:, ::1], losses: cython.const[cython.double][:, ::1]) -> cython.void:
    # In place of the gains.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    loss: cython.double
    share: cython.double
    with cython.nogil:
        for i in range(gains.shape[0]):
            for j in range(gains.shape[1]):
                loss = losses[i, j]
                share = gains[i, j] / (loss if loss != 0 else 1.0)
                share = 100 - 100 / (1 + share)
                gains[i, j] = share if loss != 0 else 100.0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _share(plus: cython.double, minus: cython.double, ranges: cython.double) -> cython.double:
    """DX, as in `trend`, but without branches."""
    whole: cython.double = ranges if ranges != 0 else 1.0
    up: cython.double = 100 * plus / whole
    down: cython.double = 100 * minus / whole
    up = up if ranges != 0 else 0.0
    down = down if ranges != 0 else 0.0
    both: cython.double = up + down
    gap: cython.double = up - down
    gap = gap if gap > 0 else -gap
    whole = both if both != 0 else 1.0
    gap = 100 * gap / whole
    return gap if both != 0 else 0.0


@cython.ccall
def _directional_index(  # noqa: C901 - four stages, each a loop over the windows
    up: cython.const[cython.double][::1],
    down: cython.const[cython.double][::1],
    ranges: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    out: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    before: cython.double = length - 1
    plus = cython.declare(cython.double[16])
    minus = cython.declare(cython.double[16])
    span = cython.declare(cython.double[16])
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                plus[j] = 0.0
                minus[j] = 0.0
                span[j] = 0.0
                mean[j] = 0.0
            for i in range(first + 1, first + period + 1):
                for j in range(16):
                    plus[j] = plus[j] + up[i + j]
                    minus[j] = minus[j] + down[i + j]
                    span[j] = span[j] + ranges[i + j]
            for i in range(first + period + 1, first + 2 * period + 1):
                for j in range(16):
                    mean[j] = mean[j] + _share(plus[j], minus[j], span[j])
                    plus[j] = plus[j] - plus[j] / length + up[i + j]
                    minus[j] = minus[j] - minus[j] / length + down[i + j]
                    span[j] = span[j] - span[j] / length + ranges[i + j]
            for j in range(16):
                mean[j] = mean[j] / length
            for i in range(first + 2 * period + 1, first + rows):
                for j in range(16):
                    plus[j] = plus[j] - plus[j] / length + up[i + j]
                    minus[j] = minus[j] - minus[j] / length + down[i + j]
                    span[j] = span[j] - span[j] / length + ranges[i + j]
                    mean[j] = (mean[j] * before + _share(plus[j], minus[j], span[j])) / length
            for j in range(16):
                out[first + j] = mean[j]


@cython.ccall
def _running_sum(
    x: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    out: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    total = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                total[j] = 0.0
            for i in range(first, first + period):
                for j in range(16):
                    total[j] = total[j] + x[i + j]
            for i in range(first + period, first + rows):
                for j in range(16):
                    total[j] = total[j] - x[i - period + j] + x[i + j]
            for j in range(16):
                out[first + j] = total[j]


@cython.ccall
def _running_deviation(
    x: cython.const[cython.double][::1],
    squares: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    means: cython.double[::1],
    deviations: cython.double[::1],
) -> cython.void:
    i: cython.Py_ssize_t
    length: cython.double = period
    variance: cython.double
    nan: cython.double = float("nan")
    _running_sum(x, rows, period, means)
    _running_sum(squares, rows, period, deviations)
    with cython.nogil:
        for i in range(means.shape[0]):
            means[i] = means[i] / length
            variance = deviations[i] / length - means[i] * means[i]
            deviations[i] = sqrt(variance) if variance >= 0 else nan


@cython.ccall
def _super_trend(
    head: cython.const[cython.double][::1],
    ranges: cython.const[cython.double][::1],
    middle: cython.const[cython.double][::1],
    close: cython.const[cython.double][::1],
    rows: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    factor: cython.double,
    line: cython.double[::1],
    changed: cython.double[::1],
) -> cython.void:
    # head: the true range in the first row of a window.
    first: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    upper: cython.double
    lower: cython.double
    other: cython.double
    on_upper: cython.double
    below: cython.double
    above: cython.double
    kept: cython.double
    near: cython.double
    far: cython.double
    length: cython.double = period
    mean = cython.declare(cython.double[16])
    top = cython.declare(cython.double[16])
    bottom = cython.declare(cython.double[16])
    follow = cython.declare(cython.double[16])
    switched = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, line.shape[0], 16):
            for j in range(16):
                mean[j] = head[first + j]
            for i in range(first + 1, first + period):
                for j in range(16):
                    mean[j] = mean[j] + ranges[i + j]
            i = first + period - 1
            for j in range(16):
                mean[j] = mean[j] / length
                top[j] = middle[i + j] + factor * mean[j]
                bottom[j] = middle[i + j] - factor * mean[j]
                follow[j] = top[j] if close[i + j] <= top[j] else bottom[j]
                switched[j] = 0.0
            for i in range(first + period, first + rows):
                for j in range(16):
                    mean[j] = mean[j] + (ranges[i + j] - mean[j]) / length
                    upper = middle[i + j] + factor * mean[j]
                    lower = middle[i + j] - factor * mean[j]
                    on_upper = 1.0 if follow[j] == top[j] else 0.0
                    # The narrower of the two, but only while the close before has not passed the band.
                    other = top[j] if top[j] < upper else upper
                    upper = other if close[i + j - 1] <= top[j] else upper
                    other = bottom[j] if bottom[j] > lower else lower
                    lower = other if close[i + j - 1] >= bottom[j] else lower
                    below = 1.0 if close[i + j] <= upper else 0.0
                    above = 1.0 if close[i + j] >= lower else 0.0
                    kept = below if on_upper > 0 else above
                    near = upper if on_upper > 0 else lower
                    far = lower if on_upper > 0 else upper
                    follow[j] = near if kept > 0 else far
                    switched[j] = 1.0 - kept
                    top[j] = upper
                    bottom[j] = lower
            for j in range(16):
                line[first + j] = follow[j]
                changed[first + j] = switched[j]
