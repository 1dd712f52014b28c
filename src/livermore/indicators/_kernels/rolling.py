# cython: language_level=3
"""Rolling means, sums and extremes, and the number of rows since an extreme.

Means and sums here carry a running sum from row to row, as Jesse's do, so their last bits depend on all rows before;
functions whose windows are each summed from their own rows say so.
"""

import cython
import numpy as np

from livermore.errors import IndicatorError
from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def mean(x: Values, period: int) -> Values:
    """Mean of those of the last `period` rows that are not NaN, by a running sum; NaN before row period - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        if rows.shape[1] == 1 and not np.isnan(rows).any():
            _mean_of_one(rows[:, 0], period, out[:, 0])
        else:
            _mean(rows, period, np.zeros(rows.shape[1]), np.zeros(rows.shape[1]), out)
    return shaped(out, x)


def mean_by_differences(x: Values, period: int) -> Values:
    """Mean of the last `period` rows: the mean before, plus (newest - oldest) / period; of fewer rows at the start."""
    if period < 1:
        raise IndicatorError(f"a window cannot have {period} rows")
    rows = grid(x)
    out = np.cumsum(rows, axis=0)
    _mean_by_differences(rows, period, out)
    return shaped(out, x)


def total(x: Values, period: int) -> Values:
    """Sum over the last `period` rows, by a running sum; NaN before row period - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _total(rows, period, period, np.zeros(rows.shape[1]), out)
    return shaped(out, x)


def highest(x: Values, period: int) -> Values:
    """Largest value of the last `period` rows; NaN before row period - 1 and where one of them is NaN."""
    return _extreme(x, period, 1.0)


def lowest(x: Values, period: int) -> Values:
    """Smallest value of the last `period` rows; NaN before row period - 1 and where one of them is NaN."""
    return _extreme(x, period, -1.0)


def _extreme(x: Values, period: int, sign: float) -> Values:
    """Return the value that is largest, times `sign`."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        if rows.shape[1] == 1:
            _extremes_of_one(rows[:, 0], period, sign, np.empty(period), out[:, 0])
        else:
            _extremes(rows, period, sign, np.empty((period, rows.shape[1])), np.empty(rows.shape[1]), out)
    return shaped(out, x)


def since_extremes(high: Values, low: Values, period: int, latest: bool) -> list[Values]:
    """Rows since the highest high and the lowest low of the window; of equals the latest or the earliest."""
    rows, lows = grids(high, low)
    out = np.full((2, *rows.shape), np.nan)
    if 0 < period <= len(rows):
        _since_extremes(rows, lows, period, latest, out)
    return [shaped(out[0], high), shaped(out[1], high)]


def turning_points(x: Values, order: int) -> list[Values]:
    """Return peaks: values above those of the `order` rows before and after.

    The first series has each peak `order` rows after it, where it is confirmed; NaN elsewhere. The second has, at each
    row, the last peak as far as it can be seen from there: a value may count although fewer than `order` rows follow.
    """
    rows = grid(x)
    out = np.full((2, *rows.shape), np.nan)
    if order > 0:
        _turning_points(rows, order, np.full(rows.shape[1], np.nan), out)
    return [shaped(out[0], x), shaped(out[1], x)]


def mean_of_all(x: Values, period: int) -> Values:
    """Mean of the last `period` rows, summed per window; NaN before row period - 1 and where one of them is NaN."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _mean_of_all(rows, period, out)
    return shaped(out, x)


def mean_of_numbers(x: Values, count: int) -> Values:
    """Mean of the last `count` values that are not NaN, however far back; NaN where x is NaN or values are too few."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < count <= len(rows):
        _mean_of_numbers(rows, count, np.empty((count, rows.shape[1])), np.zeros(rows.shape[1], dtype=np.intp), out)
    return shaped(out, x)


def skipping_mean(x: Values, period: int) -> Values:
    """Mean of those of the last `period` rows that are not NaN, summed per window; NaN before row period - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _skipping_mean(rows, period, out)
    return shaped(out, x)


def total_so_far(x: Values, period: int) -> Values:
    """Sum over the last `period` rows, or over fewer where there are not as many, by a running sum."""
    if period < 1:
        raise IndicatorError(f"a window cannot have {period} rows")
    rows = grid(x)
    out = np.empty(rows.shape)
    _total(rows, period, 1, np.zeros(rows.shape[1]), out)
    return shaped(out, x)


def highest_so_far(x: Values, period: int) -> Values:
    """Largest value of the last `period` rows, or of fewer where there are not as many."""
    out = highest(x, period)
    head = min(len(x), period - 1)
    out[:head] = np.maximum.accumulate(x[:head], axis=0)
    return out


def lowest_so_far(x: Values, period: int) -> Values:
    """Smallest value of the last `period` rows, or of fewer where there are not as many."""
    return -highest_so_far(-x, period)


def position(x: Values, low: Values, high: Values) -> Values:
    """Where x lies between low and high, in percent; NaN where they are equal."""
    rows, lows, highs = grids(x, low, high)
    out = np.empty(rows.shape)
    _position(rows, lows, highs, out)
    return shaped(out, x)


@cython.ccall
def _mean(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    sums: cython.double[::1],
    counts: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    new: cython.double
    old: cython.double
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(x.shape[0]):
            # The oldest value leaves before the new one enters: the order decides the last bits.
            if i >= period:
                for j in range(x.shape[1]):
                    old = x[i - period, j]
                    sums[j] -= old if old == old else 0.0
                    counts[j] -= 1.0 if old == old else 0.0
            for j in range(x.shape[1]):
                new = x[i, j]
                sums[j] += new if new == new else 0.0
                counts[j] += 1.0 if new == new else 0.0
            if i >= period - 1:
                for j in range(x.shape[1]):
                    out[i, j] = sums[j] / counts[j] if counts[j] > 0 else nan


@cython.ccall
def _mean_of_one(x: cython.const[cython.double][:], period: cython.Py_ssize_t, out: cython.double[:]) -> cython.void:
    # As `_mean`, for a single lane without NaN: the sum stays in a register, and no value is compared with itself.
    i: cython.Py_ssize_t
    total: cython.double = 0.0
    length: cython.double = period
    with cython.nogil:
        for i in range(period):
            total += x[i]
        out[period - 1] = total / length
        for i in range(period, x.shape[0]):
            total -= x[i - period]
            total += x[i]
            out[i] = total / length


@cython.ccall
def _mean_by_differences(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    # `out` holds the sums from row 0 on; they are needed before row `period` only.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                if i < period:
                    out[i, j] = out[i, j] / (i + 1)
                else:
                    out[i, j] = out[i - 1, j] + (x[i, j] - x[i - period, j]) / length


@cython.ccall
def _total(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    fewest: cython.Py_ssize_t,
    sums: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(x.shape[0]):
            # The oldest value leaves first, as in `_mean`: the order decides the last bits.
            if i >= period:
                for j in range(x.shape[1]):
                    sums[j] -= x[i - period, j]
            for j in range(x.shape[1]):
                sums[j] += x[i, j]
            if i >= fewest - 1:
                for j in range(x.shape[1]):
                    out[i, j] = sums[j]


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _larger(a: cython.double, b: cython.double) -> cython.double:
    """Return the larger value, the second of equal ones, NaN if one is NaN."""
    # `|` instead of `or`: without a branch, the compiler can compare several lanes with one instruction.
    return a if (a > b) | (a != a) else b


@cython.ccall
def _extremes_of_one(
    x: cython.const[cython.double][:],
    period: cython.Py_ssize_t,
    sign: cython.double,
    ahead: cython.double[::1],
    out: cython.double[:],
) -> cython.void:
    # As `_extremes`, for a single lane: the running maximum stays in a register, and `ahead` is one row of memory.
    n: cython.Py_ssize_t = x.shape[0]
    i: cython.Py_ssize_t
    block: cython.Py_ssize_t
    first: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    back: cython.Py_ssize_t
    most: cython.double
    with cython.nogil:
        for block in range((n - 1) // period + 1):
            first = block * period
            stop = first + period if first + period < n else n
            most = sign * x[first]
            for i in range(first, stop):
                most = _larger(sign * x[i], most)
                if i == first + period - 1:
                    out[i] = sign * most
                elif first > 0:
                    out[i] = sign * _larger(ahead[i - first + 1], most)
            if stop == first + period:
                # The maxima backwards from the block's end serve the windows that begin in this block.
                most = sign * x[stop - 1]
                for back in range(period):
                    most = _larger(sign * x[stop - 1 - back], most)
                    ahead[period - 1 - back] = most


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _look_back(
    x: cython.const[cython.double][:, ::1],
    first: cython.Py_ssize_t,
    period: cython.Py_ssize_t,
    sign: cython.double,
    ahead: cython.double[:, ::1],
) -> cython.void:
    """Write the running maximum of a block, from its last row backwards."""
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    back: cython.Py_ssize_t
    for j in range(x.shape[1]):
        ahead[period - 1, j] = sign * x[first + period - 1, j]
    for back in range(period - 1):
        i = period - 2 - back
        for j in range(x.shape[1]):
            ahead[i, j] = _larger(sign * x[first + i, j], ahead[i + 1, j])


@cython.ccall
def _extremes(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    sign: cython.double,
    ahead: cython.double[:, ::1],
    most: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # Blocks of `period` rows: the running maximum from the block's first row, and that from its last row backwards.
    # A window is the end of one block and the beginning of the next, so its maximum is that of two numbers.
    n: cython.Py_ssize_t = x.shape[0]
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    block: cython.Py_ssize_t
    first: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    with cython.nogil:
        for block in range((n - 1) // period + 1):
            first = block * period
            stop = first + period if first + period < n else n
            for j in range(x.shape[1]):
                most[j] = sign * x[first, j]
            for i in range(first, stop):
                for j in range(x.shape[1]):
                    most[j] = _larger(sign * x[i, j], most[j])
                if i == first + period - 1:
                    for j in range(x.shape[1]):
                        out[i, j] = sign * most[j]
                elif first > 0:
                    for j in range(x.shape[1]):
                        out[i, j] = sign * _larger(ahead[i - first + 1, j], most[j])
            if stop == first + period:
                _look_back(x, first, period, sign, ahead)


@cython.ccall
def _mean_of_all(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            # Each window is summed from its own rows. The sum starts with the first value, not with 0, as in Jesse:
            # a window of minus zeros keeps its sign.
            for j in range(x.shape[1]):
                out[i, j] = x[i - period + 1, j]
            for k in range(i - period + 2, i + 1):
                for j in range(x.shape[1]):
                    out[i, j] += x[k, j]
            for j in range(x.shape[1]):
                out[i, j] /= length


@cython.ccall
def _position(
    x: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    high: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # In an empty range every position is the same, so there is none.
                if high[i, j] != low[i, j]:
                    out[i, j] = 100 * (x[i, j] - low[i, j]) / (high[i, j] - low[i, j])
                else:
                    out[i, j] = nan


@cython.ccall
def _mean_of_numbers(
    x: cython.const[cython.double][:, ::1],
    count: cython.Py_ssize_t,
    ring: cython.double[:, ::1],
    seen: cython.Py_ssize_t[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    total: cython.double
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # The ring holds the last values that are not NaN; they are added up oldest first, each time again.
                if x[i, j] == x[i, j]:
                    ring[seen[j] % count, j] = x[i, j]
                    seen[j] += 1
                    if seen[j] >= count:
                        total = 0.0
                        for k in range(seen[j] - count, seen[j]):
                            total += ring[k % count, j]
                        out[i, j] = total / count


@cython.ccall
def _skipping_mean(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    total: cython.double
    count: cython.double
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                # Summed per window: with a running sum, what a NaN has replaced would remain as rounding.
                total = 0.0
                count = 0.0
                for k in range(i - period + 1, i + 1):
                    if x[k, j] == x[k, j]:
                        total += x[k, j]
                        count += 1
                out[i, j] = total / count if count > 0 else nan


@cython.ccall
def _since_extremes(
    high: cython.const[cython.double][:, ::1],
    low: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    latest: cython.bint,
    out: cython.double[:, :, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    top: cython.Py_ssize_t
    bottom: cython.Py_ssize_t
    with cython.nogil:
        for i in range(period - 1, high.shape[0]):
            for j in range(high.shape[1]):
                top = i - period + 1
                bottom = top
                # Of equal extremes the first wins, unless the latest is asked for.
                for k in range(i - period + 2, i + 1):
                    if high[k, j] > high[top, j] or (latest and high[k, j] == high[top, j]):
                        top = k
                    if low[k, j] < low[bottom, j] or (latest and low[k, j] == low[bottom, j]):
                        bottom = k
                out[0, i, j] = i - top
                out[1, i, j] = i - bottom


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _is_alone(
    x: cython.const[cython.double][:, ::1],
    row: cython.Py_ssize_t,
    lane: cython.Py_ssize_t,
    order: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
) -> cython.bint:
    """Whether a value is above its neighbours; rows from `end` on do not count."""
    i: cython.Py_ssize_t
    for i in range(row - order if row > order else 0, row + order + 1 if row + order < end else end):
        if i != row and not x[row, lane] > x[i, lane]:
            return False
    return True


@cython.ccall
def _turning_points(
    x: cython.const[cython.double][:, ::1],
    order: cython.Py_ssize_t,
    known: cython.double[::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    t: cython.Py_ssize_t
    j: cython.Py_ssize_t
    i: cython.Py_ssize_t
    with cython.nogil:
        for t in range(2, x.shape[0]):
            for j in range(x.shape[1]):
                if t > order and _is_alone(x, t - order, j, order, t + 1):
                    out[0, t, j] = x[t - order, j]
                    known[j] = x[t - order, j]
                # The newest candidate that is not yet confirmed stands in front of the last confirmed peak.
                out[1, t, j] = known[j]
                for i in range(t - 1, t - order if t > order else 0, -1):
                    if _is_alone(x, i, j, order, t + 1):
                        out[1, t, j] = x[i, j]
                        break
