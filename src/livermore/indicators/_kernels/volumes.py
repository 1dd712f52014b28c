# cython: language_level=3
"""Averages and indices that are weighted or chosen by volume."""

import cython
import numpy as np

from livermore.indicators._kernels.batch import Values, grids, shaped


def anchored(x: Values, volume: Values, group: Values) -> Values:
    """Σ(x·volume) / Σ volume since the group last changed; NaN where the volume is 0."""
    rows, volumes, groups = grids(x, volume, group)
    out = np.empty(rows.shape)
    _anchored(rows, volumes, groups, np.zeros((2, rows.shape[1])), out)
    return shaped(out, x)


def compounded(x: Values, volume: Values, rising: bool) -> Values:
    """1000, compounded with the returns of x on rows of rising (or falling) volume alone."""
    rows, volumes = grids(x, volume)
    out = np.empty(rows.shape)
    if len(rows):
        _compounded(rows, volumes, 1.0 if rising else -1.0, out)
    return shaped(out, x)


@cython.ccall
def _anchored(
    x: cython.const[cython.double][:, ::1],
    volume: cython.const[cython.double][:, ::1],
    group: cython.const[cython.double][:, ::1],
    sums: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # A new day (or hour, or week): both sums start again.
                if i > 0 and group[i, j] != group[i - 1, j]:
                    sums[0, j] = 0.0
                    sums[1, j] = 0.0
                sums[0, j] += x[i, j] * volume[i, j]
                sums[1, j] += volume[i, j]
                out[i, j] = sums[0, j] / sums[1, j] if sums[1, j] != 0 else nan


@cython.ccall
def _compounded(
    x: cython.const[cython.double][:, ::1],
    volume: cython.const[cython.double][:, ::1],
    sign: cython.double,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        # By convention both indices start at 1000.
        for j in range(x.shape[1]):
            out[0, j] = 1000.0
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                # `sign` turns falling volume into rising volume, so that one loop serves both indices.
                out[i, j] = out[i - 1, j]
                if sign * (volume[i, j] - volume[i - 1, j]) > 0:
                    out[i, j] += out[i - 1, j] * (x[i, j] - x[i - 1, j]) / x[i - 1, j]
