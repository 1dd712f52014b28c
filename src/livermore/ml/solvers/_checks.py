"""Checks of the arrays that are passed to the solvers, and their limit of BLAS threads."""

from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livermore.errors import DatasetError
from livermore.typing import Floats

__all__ = ["checked", "one_blas_thread"]


def checked(X: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.generic]]:
    """Return `X` as (n, k) float64 and `y` as (n,); raise DatasetError if they do not fit."""
    rows = np.ascontiguousarray(X, dtype=np.float64)
    target = np.asarray(y)
    if rows.ndim != 2 or target.shape != rows.shape[:1]:
        raise DatasetError(
            f"X must be (rows, features) and y (rows,), not {rows.shape} and {target.shape}; give one label a row"
        )
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0]
        raise DatasetError(
            f"X[{row}, {column}] is {rows[row, column]}; support vector machines need finite features: impute it"
        )
    return rows, target


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS to one thread: the products are too small to share, and waiting threads spin."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # a dependency of scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits
