"""Names that moved to `_kernels.market`."""

from livermore.engine._kernels.market import SessionClock

__all__ = ["SessionClock"]
