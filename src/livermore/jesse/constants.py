"""Jesse's constants (`jesse.constants`): timeframes by length, sources of candles, colours of the terminal."""

from collections.abc import Callable
from types import MappingProxyType

from livermore.candles import TIMEFRAMES, timeframe_minutes
from livermore.indicators import source
from livermore.jesse.enums import timeframes
from livermore.typing import Rows

__all__ = [
    "CANDLE_SOURCE_MAPPING",
    "SUPPORTED_COLORS",
    "TIMEFRAME_PRIORITY",
    "TIMEFRAME_TO_ONE_MINUTES",
    "timeframes",
]

SOURCES = ("close", "high", "low", "open", "volume", "hl2", "hlc3", "ohlc4")

#: Timeframe to its length in minutes.
TIMEFRAME_TO_ONE_MINUTES = MappingProxyType({timeframe: timeframe_minutes(timeframe) for timeframe in TIMEFRAMES})
#: Timeframes up to a day, the longest first.
TIMEFRAME_PRIORITY = tuple(
    sorted((t for t in TIMEFRAMES if timeframe_minutes(t) <= 1440), key=timeframe_minutes, reverse=True)
)
#: Colours that `livermore.jesse.helpers.color` knows.
SUPPORTED_COLORS = frozenset(("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"))


def _source(name: str) -> Callable[[Rows], Rows]:
    def of(candles: Rows) -> Rows:
        return source(candles, name)

    return of


#: Name of a source to a function of candles of shape (n, 6) that returns the series, shape (n,).
CANDLE_SOURCE_MAPPING = MappingProxyType({name: _source(name) for name in SOURCES})
