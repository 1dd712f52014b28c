# cython: language_level=3
"""The shape that all kernels share: rows of time, and lanes that are computed side by side.

A kernel takes values of shape (n,), one history, or (n, m), m windows of n rows each; it goes down the rows and, in its
inner loop, across the lanes. Each lane sees the same operations in the same order as a history of its own would, so the
results are the same to the last bit, while the compiler can work on several lanes at once.
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
