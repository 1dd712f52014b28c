# cython: language_level=3
"""Recursions over many windows of a series side by side: each lane is one window, and what is kept is its last value.

Each lane sees the operations of a kernel elsewhere on its window alone, in their order, so the bits are the same.
Sixteen lanes are computed abreast, what they remember in local arrays that fit the processor's registers.

The windows' rows are found by `where`: row i of the windows `first`, `first` + 1, ... stands at
``x[where[i] + first]``, ``x[where[i] + first + 1]``, ... (see `laying`). Outputs have room for a multiple of
thirty-two windows.

The build compiles this file twice, for any processor and for those with wide vectors and fused multiply-adds; there, a
division by a whole number that is known beforehand is three multiplications, exactly rounded all the same.
"""

import cython
from cython.cimports.libc.math import sqrt

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

    def quotient(x: float, divisor: float, inverse: float) -> float:
        """Return x / divisor; the compiled one, in the .pxd, is told 1 / divisor, too."""
        return x / divisor


@cython.ccall
def ema(
    x: cython.const[cython.double][::1],
    scaled: cython.const[cython.double][::1],
    alpha: cython.double,
    where: cython.const[cython.Py_ssize_t][::1],
    out: cython.double[::1],
) -> cython.void:
    # scaled: alpha·x
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    rest: cython.double = 1 - alpha
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                mean[j] = x[first + j]
            for i in range(1, where.shape[0]):
                at = where[i] + first
                for j in range(16):
                    mean[j] = scaled[at + j] + rest * mean[j]
            for j in range(16):
                out[first + j] = mean[j]


@cython.ccall
def macd(
    x: cython.const[cython.double][::1],
    x_fast: cython.const[cython.double][::1],
    x_slow: cython.const[cython.double][::1],
    fast: cython.double,
    slow: cython.double,
    smooth: cython.double,
    where: cython.const[cython.Py_ssize_t][::1],
    line: cython.double[::1],
    signal: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
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
            for i in range(1, where.shape[0]):
                at = where[i] + first
                for j in range(16):
                    quick[j] = x_fast[at + j] + (1 - fast) * quick[j]
                    lazy[j] = x_slow[at + j] + (1 - slow) * lazy[j]
                    mean[j] = smooth * (quick[j] - lazy[j]) + (1 - smooth) * mean[j]
            for j in range(16):
                line[first + j] = quick[j] - lazy[j]
                signal[first + j] = mean[j]


@cython.ccall
def wilder(
    head: cython.const[cython.double][::1],
    x: cython.const[cython.double][::1],
    period: cython.Py_ssize_t,
    where: cython.const[cython.Py_ssize_t][::1],
    out: cython.double[::1],
) -> cython.void:
    # head: what stands in the first row of a window, where x needs the row before it. Twice sixteen windows at once:
    # each step waits for the one before, and meanwhile the others have their turn.
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    inverse: cython.double = 1 / length
    mean = cython.declare(cython.double[16])
    other = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 32):
            for j in range(16):
                mean[j] = head[first + j]
                other[j] = head[first + 16 + j]
            for i in range(1, period):
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + x[at + j]
                    other[j] = other[j] + x[at + 16 + j]
            for j in range(16):
                mean[j] = mean[j] / length
                other[j] = other[j] / length
            for i in range(period, where.shape[0]):
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + quotient(x[at + j] - mean[j], length, inverse)
                    other[j] = other[j] + quotient(x[at + 16 + j] - other[j], length, inverse)
            for j in range(16):
                out[first + j] = mean[j]
                out[first + 16 + j] = other[j]


@cython.ccall
def smoothed(  # noqa: C901 - three stages, each a loop over the windows
    x: cython.const[cython.double][::1],
    y: cython.const[cython.double][::1],
    period: cython.Py_ssize_t,
    where: cython.const[cython.Py_ssize_t][::1],
    of_x: cython.double[:, ::1],
    of_y: cython.double[:, ::1],
) -> cython.void:
    # The mean of rows 1 to `period` of a window, then (previous·(period - 1) + x) / period; the last rows are kept.
    # Two series at once: each step waits for the one before, and meanwhile the other series has its turn.
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    row: cython.Py_ssize_t
    rows: cython.Py_ssize_t = where.shape[0]
    last: cython.Py_ssize_t = of_x.shape[0]
    length: cython.double = period
    inverse: cython.double = 1 / length
    before: cython.double = length - 1
    mean = cython.declare(cython.double[16])
    other = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, of_x.shape[1], 16):
            for j in range(16):
                mean[j] = 0.0
                other[j] = 0.0
            for i in range(1, period + 1):
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + x[at + j]
                    other[j] = other[j] + y[at + j]
            for j in range(16):
                mean[j] = mean[j] / length
                other[j] = other[j] / length
            for i in range(period + 1, rows - last + 1):
                at = where[i] + first
                for j in range(16):
                    mean[j] = quotient(mean[j] * before + x[at + j], length, inverse)
                    other[j] = quotient(other[j] * before + y[at + j], length, inverse)
            for row in range(last):
                if row > 0:
                    at = where[rows - last + row] + first
                    for j in range(16):
                        mean[j] = quotient(mean[j] * before + x[at + j], length, inverse)
                        other[j] = quotient(other[j] * before + y[at + j], length, inverse)
                for j in range(16):
                    of_x[row, first + j] = mean[j]
                    of_y[row, first + j] = other[j]


@cython.ccall
def strength(gains: cython.double[:, ::1], losses: cython.const[cython.double][:, ::1]) -> cython.void:
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


@cython.ccall
def stochastic(  # noqa: C901 - three stages, each a loop over the windows
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    raw: cython.double[:, ::1],
    fast: cython.double[:, ::1],
    slow: cython.double[::1],
) -> cython.void:
    # raw: where x lies in its range over `period` rows, in percent, NaN where there is none; the last rows of its mean,
    # and the mean of those.
    first: cython.Py_ssize_t
    row: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    nan: cython.double = float("nan")
    k: cython.Py_ssize_t = raw.shape[0] - fast.shape[0] + 1
    short: cython.double = k
    long: cython.double = fast.shape[0]
    spread: cython.double
    high = cython.declare(cython.double[16])
    low = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, x.shape[1], 16):
            for row in range(raw.shape[0]):
                for j in range(16):
                    high[j] = x[row, first + j]
                    low[j] = high[j]
                for i in range(row + 1, row + period):
                    for j in range(16):
                        high[j] = x[i, first + j] if x[i, first + j] > high[j] else high[j]
                        low[j] = x[i, first + j] if x[i, first + j] < low[j] else low[j]
                for j in range(16):
                    spread = high[j] - low[j]
                    high[j] = 100 * (x[row + period - 1, first + j] - low[j]) / (spread if spread != 0 else 1.0)
                    raw[row, first + j] = high[j] if spread != 0 else nan
            for row in range(fast.shape[0]):
                for j in range(16):
                    high[j] = raw[row, first + j]
                for i in range(row + 1, row + k):
                    for j in range(16):
                        high[j] = high[j] + raw[i, first + j]
                for j in range(16):
                    fast[row, first + j] = high[j] / short
            for j in range(16):
                high[j] = 0.0
            for row in range(fast.shape[0]):
                for j in range(16):
                    high[j] = high[j] + fast[row, first + j]
            for j in range(16):
                slow[first + j] = high[j] / long


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
def directional_index(  # noqa: C901 - four stages, each a loop over the windows
    up: cython.const[cython.double][::1],
    down: cython.const[cython.double][::1],
    ranges: cython.const[cython.double][::1],
    period: cython.Py_ssize_t,
    where: cython.const[cython.Py_ssize_t][::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # out: the index, and what it goes on from: both movements and the range.
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    inverse: cython.double = 1 / length
    before: cython.double = length - 1
    plus = cython.declare(cython.double[16])
    minus = cython.declare(cython.double[16])
    span = cython.declare(cython.double[16])
    mean = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[1], 16):
            for j in range(16):
                plus[j] = 0.0
                minus[j] = 0.0
                span[j] = 0.0
                mean[j] = 0.0
            for i in range(1, period + 1):
                at = where[i] + first
                for j in range(16):
                    plus[j] = plus[j] + up[at + j]
                    minus[j] = minus[j] + down[at + j]
                    span[j] = span[j] + ranges[at + j]
            for i in range(period + 1, 2 * period + 1):
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + _share(plus[j], minus[j], span[j])
                    plus[j] = plus[j] - quotient(plus[j], length, inverse) + up[at + j]
                    minus[j] = minus[j] - quotient(minus[j], length, inverse) + down[at + j]
                    span[j] = span[j] - quotient(span[j], length, inverse) + ranges[at + j]
            for j in range(16):
                mean[j] = mean[j] / length
            for i in range(2 * period + 1, where.shape[0]):
                at = where[i] + first
                for j in range(16):
                    plus[j] = plus[j] - quotient(plus[j], length, inverse) + up[at + j]
                    minus[j] = minus[j] - quotient(minus[j], length, inverse) + down[at + j]
                    span[j] = span[j] - quotient(span[j], length, inverse) + ranges[at + j]
                    mean[j] = quotient(mean[j] * before + _share(plus[j], minus[j], span[j]), length, inverse)
            for j in range(16):
                out[0, first + j] = mean[j]
                out[1, first + j] = plus[j]
                out[2, first + j] = minus[j]
                out[3, first + j] = span[j]


@cython.ccall
def running_sum(
    x: cython.const[cython.double][::1],
    period: cython.Py_ssize_t,
    where: cython.const[cython.Py_ssize_t][::1],
    out: cython.double[::1],
) -> cython.void:
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    old: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    total = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, out.shape[0], 16):
            for j in range(16):
                total[j] = 0.0
            for i in range(period):
                at = where[i] + first
                for j in range(16):
                    total[j] = total[j] + x[at + j]
            for i in range(period, where.shape[0]):
                at = where[i] + first
                old = where[i - period] + first
                for j in range(16):
                    total[j] = total[j] - x[old + j] + x[at + j]
            for j in range(16):
                out[first + j] = total[j]


@cython.ccall
def deviation(sums: cython.double[::1], squares: cython.double[::1], period: cython.Py_ssize_t) -> cython.void:
    # In place of the sums: means and deviations.
    i: cython.Py_ssize_t
    length: cython.double = period
    variance: cython.double
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(sums.shape[0]):
            sums[i] = sums[i] / length
            variance = squares[i] / length - sums[i] * sums[i]
            squares[i] = sqrt(variance) if variance >= 0 else nan


@cython.ccall
def super_trend(
    head: cython.const[cython.double][::1],
    ranges: cython.const[cython.double][::1],
    middle: cython.const[cython.double][::1],
    close: cython.const[cython.double][::1],
    period: cython.Py_ssize_t,
    factor: cython.double,
    where: cython.const[cython.Py_ssize_t][::1],
    line: cython.double[::1],
    changed: cython.double[::1],
    average: cython.double[::1],
    uppers: cython.double[::1],
    lowers: cython.double[::1],
) -> cython.void:
    # head: the true range in the first row of a window. The last three are what the line goes on from: the average
    # range, the upper and the lower band.
    first: cython.Py_ssize_t
    at: cython.Py_ssize_t
    last: cython.Py_ssize_t
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
    inverse: cython.double = 1 / length
    mean = cython.declare(cython.double[16])
    top = cython.declare(cython.double[16])
    bottom = cython.declare(cython.double[16])
    follow = cython.declare(cython.double[16])
    switched = cython.declare(cython.double[16])
    with cython.nogil:
        for first in range(0, line.shape[0], 16):
            for j in range(16):
                mean[j] = head[first + j]
            for i in range(1, period):
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + ranges[at + j]
            at = where[period - 1] + first
            for j in range(16):
                mean[j] = mean[j] / length
                top[j] = middle[at + j] + factor * mean[j]
                bottom[j] = middle[at + j] - factor * mean[j]
                follow[j] = top[j] if close[at + j] <= top[j] else bottom[j]
                switched[j] = 0.0
            for i in range(period, where.shape[0]):
                last = at
                at = where[i] + first
                for j in range(16):
                    mean[j] = mean[j] + quotient(ranges[at + j] - mean[j], length, inverse)
                    upper = middle[at + j] + factor * mean[j]
                    lower = middle[at + j] - factor * mean[j]
                    on_upper = 1.0 if follow[j] == top[j] else 0.0
                    # The narrower of the two, but only while the close before has not passed the band.
                    other = top[j] if top[j] < upper else upper
                    upper = other if close[last + j] <= top[j] else upper
                    other = bottom[j] if bottom[j] > lower else lower
                    lower = other if close[last + j] >= bottom[j] else lower
                    below = 1.0 if close[at + j] <= upper else 0.0
                    above = 1.0 if close[at + j] >= lower else 0.0
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
                average[first + j] = mean[j]
                uppers[first + j] = top[j]
                lowers[first + j] = bottom[j]
