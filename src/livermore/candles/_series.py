"""Names that moved to `_view` and `_kernels.series`."""

from livermore.candles._kernels.series import CandleSeries
from livermore.candles._view import CandleView, Rows, origin_of

__all__ = ["CandleSeries", "CandleView", "Rows", "origin_of"]
