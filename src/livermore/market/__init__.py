"""Candles in motion: the clock of a session, its markets, and the read-only views that strategies see of them.

Candles at rest (arrays, files, the store) are in `livermore.candles`.
"""

from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView, origin_of

__all__ = ["CandleSeries", "CandleView", "indicator_window", "origin_of"]
