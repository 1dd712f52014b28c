"""Arrays of one's own."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["owned"]


def owned(values: npt.ArrayLike, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Copy to an array of one's own: a model read from disk may lie in memory that cannot be written to."""
    return np.array(values, dtype=dtype, order="C")
