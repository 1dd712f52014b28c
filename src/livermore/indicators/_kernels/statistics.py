# cython: language_level=3
"""Statistics of rolling windows: covariance, skewness and kurtosis, and deviations by running sums."""

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def covariance_sums(x: Values, y: Values, period: int) -> list[Values]:
    """Compute sums over the window of (x - mean)·(y - mean), (x - mean)² and (y - mean)²."""
    rows, others = grids(x, y)
    out = np.full((3, *rows.shape), np.nan)
    if 0 < period <= len(rows):
        _covariance_sums(rows, others, period, out)
    return [shaped(field, x) for field in out]


def central_powers(x: Values, period: int) -> list[Values]:
    """Mean second, third and fourth power of the distance from the window's mean."""
    rows = grid(x)
    out = np.full((3, *rows.shape), np.nan)
    if 0 < period <= len(rows):
        _central_powers(rows, period, out)
    return [shaped(field, x) for field in out]


def deviation_by_differences(x: Values, period: int) -> Values:
    """Compute the population standard deviation from running sums; NaN before row period - 1.

    For Jesse's Damiani volatmeter: the sums grow by the difference of the newest and the oldest term. That is not the
    order of `running_deviation`, and where prices hardly move the results differ from the sixth digit on. A negative
    variance counts as 0.
    """
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _deviation_by_differences(rows, period, np.zeros((2, rows.shape[1])), out)
    return shaped(out, x)


def running_deviation(x: Values, period: int) -> list[Values]:
    """Mean and population standard deviation from running sums of x and x²; NaN before row period - 1.

    Where prices stand still, rounding can make the variance negative: the deviation is NaN there.
    """
    rows = grid(x)
    means = np.full(rows.shape, np.nan)
    deviations = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        _running_deviation(rows, period, np.zeros((2, rows.shape[1])), means, deviations)
    return [shaped(means, x), shaped(deviations, x)]


@cython.ccall
def _covariance_sums(
    x: cython.const[cython.double][:, ::1],
    y: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    out: cython.double[:, :, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean_x: cython.double
    mean_y: cython.double
    a: cython.double
    b: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                # Two passes, means first: a sum of products less a product of sums would cancel.
                mean_x = 0.0
                mean_y = 0.0
                for k in range(i - period + 1, i + 1):
                    mean_x += x[k, j]
                    mean_y += y[k, j]
                mean_x /= length
                mean_y /= length
                out[0, i, j] = 0.0
                out[1, i, j] = 0.0
                out[2, i, j] = 0.0
                for k in range(i - period + 1, i + 1):
                    a = x[k, j] - mean_x
                    b = y[k, j] - mean_y
                    out[0, i, j] += a * b
                    out[1, i, j] += a * a
                    out[2, i, j] += b * b


@cython.ccall
def _central_powers(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, :, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    mean: cython.double
    a: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(period - 1, x.shape[0]):
            for j in range(x.shape[1]):
                # Two passes here as well: fourth powers of prices would cancel to nothing.
                mean = 0.0
                for k in range(i - period + 1, i + 1):
                    mean += x[k, j]
                mean /= length
                out[0, i, j] = 0.0
                out[1, i, j] = 0.0
                out[2, i, j] = 0.0
                for k in range(i - period + 1, i + 1):
                    a = x[k, j] - mean
                    out[0, i, j] += a * a
                    out[1, i, j] += a * a * a
                    out[2, i, j] += a * a * a * a
                out[0, i, j] /= length
                out[1, i, j] /= length
                out[2, i, j] /= length
                # The variance of equal values is rounding; as 0 it makes skewness and kurtosis NaN, as they should be.
                if out[0, i, j] <= (2.220446049250313e-16 * mean) * (2.220446049250313e-16 * mean):
                    out[0, i, j] = 0.0


@cython.ccall
def _running_deviation(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    sums: cython.double[:, ::1],
    means: cython.double[:, ::1],
    deviations: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    variance: cython.double
    length: cython.double = period
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(x.shape[0]):
            # The oldest value leaves first: the order decides the last bits, and with them the sign of a variance that
            # is 0 but for rounding.
            if i >= period:
                for j in range(x.shape[1]):
                    sums[0, j] -= x[i - period, j]
                    sums[1, j] -= x[i - period, j] * x[i - period, j]
            for j in range(x.shape[1]):
                sums[0, j] += x[i, j]
                sums[1, j] += x[i, j] * x[i, j]
            if i >= period - 1:
                for j in range(x.shape[1]):
                    means[i, j] = sums[0, j] / length
                    variance = sums[1, j] / length - means[i, j] * means[i, j]
                    deviations[i, j] = sqrt(variance) if variance >= 0 else nan


@cython.ccall
def _deviation_by_differences(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    sums: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    mean: cython.double
    variance: cython.double
    old: cython.double
    length: cython.double = period
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # Rows before the first count as 0, so the sums start with the values themselves.
                old = x[i - period, j] if i >= period else 0.0
                sums[0, j] += x[i, j] - old
                sums[1, j] += x[i, j] * x[i, j] - old * old
                if i >= period - 1:
                    mean = sums[0, j] / length
                    variance = sums[1, j] / length - mean * mean
                    out[i, j] = sqrt(variance) if variance > 0 else 0.0
