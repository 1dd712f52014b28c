"""Names that moved to `_kernels.market`."""

from livermore.engine._kernels.market import Frame, Market

__all__ = ["Frame", "Market"]
