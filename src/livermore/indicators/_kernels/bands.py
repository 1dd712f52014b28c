# cython: language_level=3
"""Deviations from a mean."""

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels.batch import Values, grid, shaped

if not cython.compiled:
    warn_uncompiled()


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
