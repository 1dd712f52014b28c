"""OHLCV candles: the array and its checks, timeframes, resampling, files, the store, synthetic markets.

A candle is a row of six floats: opening time in UTC ms, open, close, high, low, volume (Jesse's order). Intervals of
time are half-open. What reads, stores and invents candles is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.candles._base import MINUTE_BASE as MINUTE_BASE
from livermore.candles._base import Base as Base
from livermore.candles._check import check_candles as check_candles
from livermore.candles._check import utc_text as utc_text
from livermore.candles._columns import CLOSE as CLOSE
from livermore.candles._columns import COLUMN_NAMES as COLUMN_NAMES
from livermore.candles._columns import HIGH as HIGH
from livermore.candles._columns import LOW as LOW
from livermore.candles._columns import MINUTE_MS as MINUTE_MS
from livermore.candles._columns import OPEN as OPEN
from livermore.candles._columns import TIMESTAMP as TIMESTAMP
from livermore.candles._columns import VOLUME as VOLUME
from livermore.candles._resample import combine as combine
from livermore.candles._resample import resample as resample
from livermore.candles._timeframe import TIMEFRAMES as TIMEFRAMES
from livermore.candles._timeframe import bucket_start as bucket_start
from livermore.candles._timeframe import timeframe_minutes as timeframe_minutes
from livermore.candles._timeframe import timeframe_ms as timeframe_ms
from livermore.lazy import lazy_exports
from livermore.typing import Rows as Rows

if TYPE_CHECKING:
    from livermore.candles._dates import date_ms as date_ms
    from livermore.candles._download import CandleDownload as CandleDownload
    from livermore.candles._download import download as download
    from livermore.candles._exchange import ExchangeMarket as ExchangeMarket
    from livermore.candles._exchange import connect as connect
    from livermore.candles._exchange import known_exchanges as known_exchanges
    from livermore.candles._import import CandleImport as CandleImport
    from livermore.candles._import import summarise_import as summarise_import
    from livermore.candles._options import ReadOptions as ReadOptions
    from livermore.candles._postgres import DatabaseImport as DatabaseImport
    from livermore.candles._postgres import import_markets as import_markets
    from livermore.candles._postgres import is_postgres as is_postgres
    from livermore.candles._postgres import open_database as open_database
    from livermore.candles._quality import Quality as Quality
    from livermore.candles._read import read_candle_file as read_candle_file
    from livermore.candles._read import read_candles as read_candles
    from livermore.candles._store import CandleStore as CandleStore
    from livermore.candles._store import MarketSummary as MarketSummary
    from livermore.candles._store_report import MarketReport as MarketReport
    from livermore.candles._store_report import MonthReport as MonthReport
    from livermore.candles._store_report import check_market as check_market
    from livermore.candles._stored_market import StoredMarket as StoredMarket
    from livermore.candles._stored_market import project_store as project_store
    from livermore.candles._synthetic import best_auc as best_auc
    from livermore.candles._synthetic import planted_signal as planted_signal
    from livermore.candles._synthetic import synthetic_candles as synthetic_candles
    from livermore.candles._write import write_candles as write_candles
    from livermore.candles.sources import CandleRead as CandleRead
    from livermore.candles.sources import CandleSource as CandleSource
    from livermore.candles.sources import Preset as Preset
    from livermore.candles.sources import known_sources as known_sources
    from livermore.candles.sources import source_of as source_of
    from livermore.frames import candle_frame as candle_frame

    # These moved to `livermore.market`, which is above this package; nothing of livermore's imports them from here.
    from livermore.market.indicator_window import indicator_window as indicator_window
    from livermore.market.series import CandleSeries as CandleSeries
    from livermore.market.view import CandleView as CandleView
    from livermore.market.view import origin_of as origin_of

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
