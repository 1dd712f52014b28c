"""Names for the array types that appear in signatures everywhere."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Booleans", "Floats", "Integers", "Rows"]

#: An array of any type, such as encoded labels (int64 or float64).
Array = npt.NDArray[Any]

#: Any array of float64.
Floats = npt.NDArray[np.float64]

#: Any array of int64.
Integers = npt.NDArray[np.int64]

#: Any array of truth values.
Booleans = npt.NDArray[np.bool_]

#: Candles, shape (n, 6): opening time in UTC ms, open, close, high, low, volume.
Rows = npt.NDArray[np.float64]
