# cython: language_level=3
"""The shapes that all kernels accept: one series, or a batch of series that are computed side by side.

A kernel takes values of shape (n,), one series, or (n, m), m series of n rows each, called lanes. Its outer loop runs
over the rows, its inner loop over the lanes. Each lane sees the same operations in the same order as if it were alone,
so the results are equal to the bit, and the compiler computes several lanes with one vector instruction.
"""

from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import IndicatorError, warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

Values = npt.NDArray[Any]


def grid(x: Values) -> Values:
    """Values as float64 rows of lanes, shape (n, m), contiguous."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    return x if x.ndim == 2 else x[:, None]


def grids(*series: Values) -> list[Values]:
    """Return several series as grids of one shape.

    Raises
    ------
    IndicatorError
        If the shapes differ: kernels index all series by the rows and lanes of the first, without bounds checks.
    """
    rows = [grid(x) for x in series]
    if any(x.shape != rows[0].shape for x in rows):
        shapes = ", ".join(str(x.shape) for x in rows)
        raise IndicatorError(f"series that are computed together must have one shape, not {shapes}")
    return rows


def shaped(out: Values, x: Values) -> Values:
    """Return a kernel's output in the shape of its input."""
    return out if x.ndim == 2 else out[:, 0]
