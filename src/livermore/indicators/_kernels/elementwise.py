# cython: language_level=3
"""Functions of single rows: quotients and logarithms with a stated value at zero, and shifts in time.

They are compiled, although numpy has them, because numpy's own loops warn at zero and its logarithm and arc tangent
may differ in the last bit between processors.
"""

import cython
import numpy as np
from cython.cimports.libc.math import atan, log

from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def ratio(a: Values, b: Values, otherwise: float) -> Values:
    """Divide: a / b, and `otherwise` where b is 0."""
    rows, divisors = grids(a, b)
    out = np.empty(rows.shape)
    _ratio(rows, divisors, otherwise, out)
    return shaped(out, a)


def quotient(a: Values, b: Values) -> Values:
    """Divide: a / b by IEEE rules: infinite, or NaN for 0 / 0, where b is 0."""
    rows, divisors = grids(a, b)
    out = np.empty(rows.shape)
    _quotient(rows, divisors, out)
    return shaped(out, a)


def logarithm(x: Values) -> Values:
    """Natural logarithm; NaN below 0, -inf at 0."""
    rows = grid(x)
    out = np.empty(rows.shape)
    _logarithm(rows, out)
    return shaped(out, x)


def degrees(slope: Values) -> Values:
    """Return the angle of a slope, in degrees."""
    rows = grid(slope)
    out = np.empty(rows.shape)
    _degrees(rows, out)
    return shaped(out, slope)


def lag(x: Values, rows: int, before: float = np.nan) -> Values:
    """Return the value so many rows ago; `before` where there is none."""
    out = np.full(x.shape, before)
    if 0 <= rows < len(x):
        out[rows:] = x[: len(x) - rows]
    return out


def change(x: Values, rows: int = 1, before: float = np.nan) -> Values:
    """Return the difference to the value so many rows ago; `before` where there is none."""
    out = np.full(x.shape, before)
    if 0 <= rows < len(x):
        out[rows:] = x[rows:] - x[: len(x) - rows]
    return out


def filled(x: Values, value: float) -> Values:
    """Return the values, NaN replaced."""
    return np.where(np.isnan(x), value, x)


@cython.ccall
def _ratio(
    a: cython.const[cython.double][:, ::1],
    b: cython.const[cython.double][:, ::1],
    otherwise: cython.double,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                # What a quotient by 0 means differs between indicators: 0, 50, infinite or NaN.
                out[i, j] = a[i, j] / b[i, j] if b[i, j] != 0 else otherwise


@cython.ccall
def _quotient(
    a: cython.const[cython.double][:, ::1], b: cython.const[cython.double][:, ::1], out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    inf: cython.double = float("inf")
    with cython.nogil:
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                # Infinity times a is what IEEE division by 0 gives; a plain a / b would warn as Python.
                out[i, j] = a[i, j] / b[i, j] if b[i, j] != 0 else a[i, j] * inf


@cython.ccall
def _logarithm(x: cython.const[cython.double][:, ::1], out: cython.double[:, ::1]) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    inf: cython.double = float("inf")
    nan: cython.double = float("nan")
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # As Python, `log` raises at 0 and below; compiled, it would set errno, which nobody reads.
                if x[i, j] > 0:
                    out[i, j] = log(x[i, j])
                else:
                    out[i, j] = -inf if x[i, j] == 0 else nan


@cython.ccall
def _degrees(slope: cython.const[cython.double][:, ::1], out: cython.double[:, ::1]) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(slope.shape[0]):
            for j in range(slope.shape[1]):
                # 180 / pi.
                out[i, j] = atan(slope[i, j]) * 57.29577951308232
