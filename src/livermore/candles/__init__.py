"""OHLCV candles: the array and its checks, timeframes, resampling, files, the store, synthetic markets.

A candle is a row of six floats: opening time in UTC ms, open, close, high, low, volume (Jesse's order). Intervals of
time are half-open. What reads, stores and invents candles is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.candles._check import check_candles, utc_text
from livermore.candles._columns import CLOSE, COLUMN_NAMES, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.candles._resample import combine, resample
from livermore.candles._timeframe import TIMEFRAMES, bucket_start, timeframe_minutes, timeframe_ms
from livermore.lazy import lazy_exports
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.candles._read import read_candles
    from livermore.candles._store import CandleStore
    from livermore.candles._synthetic import best_auc, planted_signal, synthetic_candles

__all__ = [
    "CLOSE",
    "COLUMN_NAMES",
    "HIGH",
    "LOW",
    "MINUTE_MS",
    "OPEN",
    "TIMEFRAMES",
    "TIMESTAMP",
    "VOLUME",
    "CandleStore",
    "Rows",
    "best_auc",
    "bucket_start",
    "check_candles",
    "combine",
    "planted_signal",
    "read_candles",
    "resample",
    "synthetic_candles",
    "timeframe_minutes",
    "timeframe_ms",
    "utc_text",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "CandleStore": "livermore.candles._store",
        "best_auc": "livermore.candles._synthetic",
        "planted_signal": "livermore.candles._synthetic",
        "read_candles": "livermore.candles._read",
        "synthetic_candles": "livermore.candles._synthetic",
    },
)
