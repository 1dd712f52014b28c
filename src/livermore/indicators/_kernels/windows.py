# cython: language_level=3
"""Windows that are each computed from their own rows, so that a value depends on no other rows, to the last bit.

A running sum would be faster and would carry rounding from row to row; what a running sum may do is in `rolling`.
"""

from collections.abc import Sequence

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.errors import IndicatorError
from livermore.indicators._kernels.batch import Values, grid, shaped


def weighted(x: Values, weights: Sequence[float] | Values) -> Values:
    """Sum of weights times values, the oldest first; NaN before row len(weights) - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < len(weights) <= len(rows):
        kernel = _weighted_alone if rows.shape[1] == 1 else _weighted
        kernel(rows, np.asarray(weights, dtype=np.float64), out)
    return shaped(out, x)


def total(x: Values, period: int) -> Values:
    """Sum of the window; NaN before row period - 1."""
    return weighted(x, np.ones(period if period <= len(x) else len(x) + 1))


def total_so_far(x: Values, period: int) -> Values:
    """Sum of the window, or of fewer rows where there are not as many."""
    if period < 1:
        raise IndicatorError(f"a window cannot have {period} rows")
    rows = grid(x)
    out = np.empty(rows.shape)
    _total_so_far(rows, period, out)
    return shaped(out, x)


def deviation(x: Values, period: int) -> Values:
    """Compute the population standard deviation, in numpy's order of summation."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _deviation(rows, period, period, np.empty(period), out)
    return shaped(out, x)


def deviation_so_far(x: Values, period: int) -> Values:
    """Compute the population standard deviation of the window, or of fewer rows where there are not as many."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    longest = min(period, len(rows))
    if longest > 0:
        _deviation(rows, longest, 1, np.empty(longest), out)
    return shaped(out, x)


def variance(x: Values, period: int) -> Values:
    """Mean of squares less the square of the mean, in numpy's order of summation."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _variance(rows, period, np.empty(period), np.empty(period), out)
    return shaped(out, x)


def average(x: Values, period: int) -> Values:
    """Mean of all, in numpy's order of summation."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _average(rows, period, np.empty(period), out)
    return shaped(out, x)


def distance(x: Values, period: int) -> Values:
    """Mean distance of the window's values from their mean."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _distance(rows, period, np.empty(period), out)
    return shaped(out, x)


def median_distance(x: Values, period: int) -> Values:
    """Median distance of the window's values from their median."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _median_distance(rows, period, np.empty(period), np.empty(period), out)
    return shaped(out, x)


def regression_end(x: Values, period: int) -> Values:
    """Least-squares line at the window's last row, as in Jesse's ``linearreg``; NaN before row period - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 1 < period <= len(rows):
        _regression_end(rows, period, out)
    return shaped(out, x)


def regression_line(x: Values, period: int) -> list[Values]:
    """Intercept (at the oldest row) and slope, as in Jesse's ``linearreg_intercept``; NaN before row period - 1."""
    rows = grid(x)
    out = np.full((2, *rows.shape), np.nan)
    if 1 < period <= len(rows):
        _regression_line(rows, period, np.empty(period), out)
    return [shaped(out[0], x), shaped(out[1], x)]


def regression_slope(x: Values, period: int) -> Values:
    """Slope, as in Jesse's ``linearreg_slope``; NaN before row period - 1."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 1 < period <= len(rows):
        _regression_slope(rows, period, np.empty(period), np.empty(period), out)
    return shaped(out, x)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _numpy_sum(x: cython.double[::1], first: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.double:
    """Return the sum by numpy's pairwise summation: eight partial sums, halves above 128 values."""
    # Jesse's deviations are numpy's. Only with its order of additions are ours equal to the last bit, and ties on tick
    # prices fall the same way.
    i: cython.Py_ssize_t
    half: cython.Py_ssize_t
    s: cython.double = 0
    r0: cython.double
    r1: cython.double
    r2: cython.double
    r3: cython.double
    r4: cython.double
    r5: cython.double
    r6: cython.double
    r7: cython.double
    if n < 8:
        for i in range(first, first + n):
            s += x[i]
        return s
    if n > 128:
        half = n // 2
        half -= half % 8
        return _numpy_sum(x, first, half) + _numpy_sum(x, first + half, n - half)
    r0, r1, r2, r3 = x[first], x[first + 1], x[first + 2], x[first + 3]
    r4, r5, r6, r7 = x[first + 4], x[first + 5], x[first + 6], x[first + 7]
    i = 8
    while i < n - n % 8:
        r0 += x[first + i]
        r1 += x[first + i + 1]
        r2 += x[first + i + 2]
        r3 += x[first + i + 3]
        r4 += x[first + i + 4]
        r5 += x[first + i + 5]
        r6 += x[first + i + 6]
        r7 += x[first + i + 7]
        i += 8
    s = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    while i < n:
        s += x[first + i]
        i += 1
    return s


@cython.ccall
def _weighted(
    x: cython.const[cython.double][:, ::1], weights: cython.const[cython.double][::1], out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    first: cython.Py_ssize_t
    n: cython.Py_ssize_t = weights.shape[0]
    with cython.nogil:
        for i in range(n - 1, x.shape[0]):
            # Oldest row first, lanes inside: each lane adds in the order of a single series, and several lanes fit one
            # vector register.
            first = i - n + 1
            for j in range(x.shape[1]):
                out[i, j] = 0.0
            for k in range(n):
                for j in range(x.shape[1]):
                    out[i, j] += weights[k] * x[first + k, j]


@cython.ccall
def _weighted_alone(
    x: cython.const[cython.double][:, ::1], weights: cython.const[cython.double][::1], out: cython.double[:, ::1]
) -> cython.void:
    # As `_weighted`, for a single lane: four rows at once, since each sum has to wait for its last addition.
    i: cython.Py_ssize_t
    k: cython.Py_ssize_t
    four: cython.Py_ssize_t
    n: cython.Py_ssize_t = weights.shape[0]
    count: cython.Py_ssize_t = x.shape[0] - n + 1
    a: cython.double
    b: cython.double
    c: cython.double
    d: cython.double
    with cython.nogil:
        for four in range(count // 4):
            i = 4 * four
            a = b = c = d = 0.0
            for k in range(n):
                a += weights[k] * x[i + k, 0]
                b += weights[k] * x[i + k + 1, 0]
                c += weights[k] * x[i + k + 2, 0]
                d += weights[k] * x[i + k + 3, 0]
            out[i + n - 1, 0] = a
            out[i + n, 0] = b
            out[i + n + 1, 0] = c
            out[i + n + 2, 0] = d
        for i in range(count - count % 4, count):
            a = 0.0
            for k in range(n):
                a += weights[k] * x[i + k, 0]
            out[i + n - 1, 0] = a


@cython.ccall
def _average(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                out[i, j] = _numpy_sum(window, 0, period) / length


@cython.ccall
def _deviation(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    fewest: cython.Py_ssize_t,
    window: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # Windows have `period` rows, and as many as there are, at least `fewest`, at the start.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    n: cython.Py_ssize_t
    mean: cython.double
    with cython.nogil:
        for i in range(fewest - 1, x.shape[0]):
            n = period if i >= period else i + 1
            for j in range(x.shape[1]):
                # Copied, so that the sum runs over adjacent values whatever the number of lanes.
                for k in range(n):
                    window[k] = x[i - n + 1 + k, j]
                mean = _numpy_sum(window, 0, n) / n
                for k in range(n):
                    window[k] = (window[k] - mean) * (window[k] - mean)
                out[i, j] = sqrt(_numpy_sum(window, 0, n) / n)


@cython.ccall
def _variance(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    squares: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                    squares[k] = window[k] * window[k]
                mean = _numpy_sum(window, 0, period) / length
                out[i, j] = _numpy_sum(squares, 0, period) / length - mean * mean


@cython.ccall
def _distance(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean: cython.double
    total: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                # A plain sum here, oldest first: this is not numpy's mean but that of Jesse's CCI.
                total = 0.0
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                    total += window[k]
                mean = total / length
                total = 0.0
                for k in range(period):
                    total += window[k] - mean if window[k] > mean else mean - window[k]
                out[i, j] = total / length


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _median(x: cython.double[::1], n: cython.Py_ssize_t) -> cython.double:
    """Sort in place and return the median."""
    # By insertion: windows are short, and the distances from a median are already nearly sorted.
    i: cython.Py_ssize_t
    k: cython.Py_ssize_t
    value: cython.double
    for i in range(1, n):
        value = x[i]
        k = i
        while k > 0 and x[k - 1] > value:
            x[k] = x[k - 1]
            k -= 1
        x[k] = value
    if n % 2 == 1:
        return x[n // 2]
    return (x[n // 2 - 1] + x[n // 2]) / 2


@cython.ccall
def _median_distance(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    distances: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    middle: cython.double
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                middle = _median(window, period)
                for k in range(period):
                    distances[k] = window[k] - middle if window[k] > middle else middle - window[k]
                out[i, j] = _median(distances, period)


@cython.ccall
def _total_so_far(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = 0.0
            # At the start the window has the rows that there are.
            for k in range(i - period + 1 if i >= period else 0, i + 1):
                for j in range(x.shape[1]):
                    out[i, j] += x[k, j]


# Jesse has the same line three times, summed in three orders. Each order is followed, since a comparison of two
# regressions on tick prices is often an exact tie, which the last bit decides.


@cython.ccall
def _regression_end(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    # Distances from the means, added up one after the other.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean: cython.double
    total: cython.double
    length: cython.double = period
    middle: cython.double = (length - 1) / 2
    spread: cython.double = 0.0
    with cython.nogil:
        for k in range(period):
            spread += (k - middle) * (k - middle)
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                mean = 0.0
                total = 0.0
                for k in range(period):
                    mean += x[i - period + 1 + k, j]
                mean /= length
                for k in range(period):
                    total += (k - middle) * (x[i - period + 1 + k, j] - mean)
                out[i, j] = mean + total / spread * (length - 1 - middle)


@cython.ccall
def _regression_line(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    out: cython.double[:, :, ::1],
) -> cython.void:
    # Distances from the means, in numpy's order of summation.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean: cython.double
    length: cython.double = period
    middle: cython.double = (length - 1) / 2
    spread: cython.double = 0.0
    with cython.nogil:
        for k in range(period):
            spread += (k - middle) * (k - middle)
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                mean = _numpy_sum(window, 0, period) / length
                for k in range(period):
                    window[k] = (window[k] - mean) * (k - middle)
                out[1, i, j] = _numpy_sum(window, 0, period) / spread
                out[0, i, j] = mean - out[1, i, j] * middle


@cython.ccall
def _regression_slope(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    window: cython.double[::1],
    products: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # Sums of the values and of row times value, in numpy's order of summation; the rows' own sums have closed forms.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    length: cython.double = period
    sum_k: cython.double = length * (length - 1) / 2
    sum_kk: cython.double = length * (length - 1) * (2 * length - 1) / 6
    spread: cython.double = length * sum_kk - sum_k * sum_k
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(period):
                    window[k] = x[i - period + 1 + k, j]
                    products[k] = window[k] * k
                out[i, j] = (length * _numpy_sum(products, 0, period) - sum_k * _numpy_sum(window, 0, period)) / spread
