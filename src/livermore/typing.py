"""Names for the array types that appear in signatures everywhere."""

import numpy as np
import numpy.typing as npt

__all__ = ["Booleans", "Floats", "Integers", "Rows"]

#: Any array of float64.
Floats = npt.NDArray[np.float64]

#: Any array of int64.
Integers = npt.NDArray[np.int64]

#: Any array of truth values.
Booleans = npt.NDArray[np.bool_]

#: Candles, shape (n, 6): opening time in UTC ms, open, close, high, low, volume.
Rows = npt.NDArray[np.float64]
