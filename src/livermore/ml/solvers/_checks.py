"""What the solvers ask of their arrays, and of the machine."""

from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livermore.errors import DatasetError

__all__ = ["checked", "one_blas_thread"]


def checked(X: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.generic]]:
    """Return `X` as (n, k) float64 and `y` as (n,), or say what is wrong with them."""
    rows = np.ascontiguousarray(X, dtype=np.float64)
    target = np.asarray(y)
    if rows.ndim != 2 or target.shape != rows.shape[:1]:
        raise DatasetError(
            f"X must be (rows, features) and y (rows,), not {rows.shape} and {target.shape}; give one label a row"
        )
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0]
        raise DatasetError(
            f"X[{row}, {column}] is {rows[row, column]}; the machines need finite features: fill or drop it"
        )
    return rows, target


def one_blas_thread() -> AbstractContextManager[object]:
    """Keep matrix products to one thread: these are too small to share, and waiting threads burn what others need."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # Comes with scikit-learn.

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits
