"""The candles of a running session: its clock, its markets, and the read-only views that strategies see of them.

Arrays, files and the store of candles are in `livermore.candles`.
"""

from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView, origin_of

__all__ = ["CandleSeries", "CandleView", "indicator_window", "origin_of"]
