# cython: language_level=3
"""Volume: averages since an anchor, flows, indices of rising and falling volume."""

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels.batch import Values, grid, shaped

if not cython.compiled:
    warn_uncompiled()


def anchored(x: Values, volume: Values, group: Values) -> Values:
    """Σ(x·volume) / Σ volume since the group last changed; NaN where the volume is 0."""
    rows = grid(x)
    out = np.empty(rows.shape)
    _anchored(rows, grid(volume), grid(group), np.zeros((2, rows.shape[1])), out)
    return shaped(out, x)


def compounded(x: Values, volume: Values, rising: bool) -> Values:
    """1000, changed by x's return on rows of rising (or falling) volume alone."""
    rows = grid(x)
    out = np.empty(rows.shape)
    _compounded(rows, grid(volume), 1.0 if rising else -1.0, out)
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
        for j in range(x.shape[1]):
            out[0, j] = 1000.0
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = out[i - 1, j]
                if sign * (volume[i, j] - volume[i - 1, j]) > 0:
                    out[i, j] += out[i - 1, j] * (x[i, j] - x[i - 1, j]) / x[i - 1, j]
