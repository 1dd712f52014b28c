"""An array that grows (`jesse.libs`)."""

from livermore.jesse.libs._dynamic_numpy_array import DynamicNumpyArray

__all__ = ["DynamicNumpyArray"]
