"""Candles for scripts: out of the project's store, into it, from files, from exchanges, and made-up ones for tests.

The store is the folder ``storage/candles`` of the project, and the project is the working directory. Nothing else needs
to be there.
"""

import random
import warnings
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.candles import (
    CLOSE,
    MINUTE_MS,
    OPEN,
    TIMESTAMP,
    VOLUME,
    CandleStore,
    read_candles,
    resample,
    timeframe_ms,
)
from livermore.candles import (
    utc_text as utc,
)
from livermore.errors import CandlesNotFoundError, DateRangeError, LivermoreWarning
from livermore.trading.clock import now_ms
from livermore.typing import Rows

__all__ = [
    "CandleImport",
    "candle_store",
    "candles_from_close_prices",
    "fake_candle",
    "fake_range_candles",
    "get_candles",
    "import_candles",
    "import_candles_file",
    "store_candles",
]

_DAY_MS = 1440 * MINUTE_MS
_FAKE_START_MS = 1_609_459_200_000  # 2021-01-01 00:00 UTC
_FAKE_FIELDS = ("timestamp", "open", "close", "high", "low", "volume")


def get_candles(
    exchange: str,
    symbol: str,
    timeframe: str,
    start_date_timestamp: int,
    finish_date_timestamp: int,
    warmup_candles_num: int = 0,
    caching: bool = False,
    is_for_jesse: bool = False,
) -> tuple[Rows | None, Rows]:
    """Read candles from the store of the project in the working directory.

    Parameters
    ----------
    exchange, symbol : str
        As they were stored.
    timeframe : str
        One of `livermore.candles.TIMEFRAMES`.
    start_date_timestamp, finish_date_timestamp : int
        UTC ms; both are taken back to 00:00 UTC of their day, and the day of the finish is not included.
    warmup_candles_num : int
        How many candles of `timeframe` to return from before the start.
    caching : bool
        Accepted for Jesse's sake; the store is as fast as a cache, and never out of date.
    is_for_jesse : bool
        Return one-minute candles, for `backtest` and `gather_ml_data`, and as many of them as make `warmup_candles_num`
        candles of `timeframe`.

    Returns
    -------
    warmup : ndarray of shape (m, 6), or None if none were asked for
        Candles before the start.
    candles : ndarray of shape (n, 6)
        Candles from the start until the finish; completed ones only.

    Raises
    ------
    DateRangeError
        If the start is not before the finish, or the finish in the future.
    CandlesNotFoundError
        If nothing of that time is stored, or too little before it.

    Warns
    -----
    LivermoreWarning
        If the stored candles begin or end more than a day short of what was asked for.
    """
    timeframe_ms(timeframe)  # a name that does not exist is told before anything is read
    start, finish = _day_of(start_date_timestamp), _day_of(finish_date_timestamp)
    _check_range(start, finish)
    market = _Market(candle_store(), exchange, symbol)
    candles = market.read(start, finish)
    if len(candles) == 0:
        raise CandlesNotFoundError(market.nothing_between(start, finish))
    market.warn_if_short(start, finish)
    if timeframe == "1m" or is_for_jesse:
        return market.warmup_minutes(start, timeframe, warmup_candles_num), candles
    known_until = min(finish, market.end)
    bars = resample(candles, timeframe, until=known_until)
    if not warmup_candles_num:
        return None, bars
    return market.warmup_bars(start, timeframe, warmup_candles_num), bars


def store_candles(candles: Rows, exchange: str, symbol: str, *, root: Path | str | None = None) -> None:
    """Store one-minute candles in the project, where `get_candles` finds them.

    Candles that are stored already are replaced; storing the same ones again changes nothing.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        UTC ms, open, close, high, low, volume; gaps are allowed.
    exchange, symbol : str
        What they are of: names as routes will say them, the symbol with a dash.
    root : path-like, optional
        The project folder; the working directory by default.

    Raises
    ------
    TypeError
        If `candles` is no array.
    CandleError
        If a candle breaks a rule, or the candles are of a larger timeframe. Nothing is stored then.
    """
    if not isinstance(candles, np.ndarray):
        raise TypeError(f"candles must be a numpy array of shape (n, 6), not {type(candles).__name__}")
    candle_store(root).write(candles, exchange, symbol)


def candle_store(root: Path | str | None = None) -> CandleStore:
    """Return the candle store of a project folder, by default of the working directory."""
    return CandleStore(Path(root or ".") / "storage" / "candles")


@dataclass(frozen=True)
class CandleImport:
    """What an import found and stored.

    Attributes
    ----------
    exchange, symbol : str
        What was imported.
    rows : int
        Candles in the file.
    new_rows : int
        Those that were not stored before, or with other values.
    first, last : int
        Opening times of the first and last candle, UTC ms.
    gaps : int
        How often minutes are missing between two candles.
    missing_minutes : int
        How many minutes that makes.
    longest_gap_minutes : int
        The longest of the gaps.
    has_volume : bool
        Whether any candle has a volume.
    """

    exchange: str
    symbol: str
    rows: int
    new_rows: int
    first: int
    last: int
    gaps: int
    missing_minutes: int
    longest_gap_minutes: int
    has_volume: bool

    def __str__(self) -> str:
        """Say it in two or three lines."""
        lines = [
            f"{self.exchange} {self.symbol}: {self.rows:,} one-minute candles, {utc(self.first)} to {utc(self.last)}"
            f" ({self.new_rows:,} of them new)"
        ]
        if self.gaps:
            lines.append(
                f"{self.missing_minutes:,} minutes are missing in {self.gaps:,} gaps, the longest of "
                f"{self.longest_gap_minutes:,} minutes; that is allowed"
            )
        if not self.has_volume:
            lines.append("there are no volumes; indicators that need them see zeros")
        return "\n".join(lines)


def import_candles_file(
    path: Path | str, exchange: str, symbol: str, *, root: Path | str | None = None, **options: Any
) -> CandleImport:
    """Read a file of one-minute candles and store them in the project.

    Parameters
    ----------
    path : path-like
        A CSV or Parquet file, see `livermore.candles.read_candles`.
    exchange, symbol : str
        What the candles are of: names as routes will say them, the symbol with a dash.
    root : path-like, optional
        The project folder; the working directory by default.
    **options
        As for `read_candles`: columns, separator, sort, duplicates.

    Raises
    ------
    CandleError
        If the file cannot be read or a candle breaks a rule. Nothing is stored then.
    """
    candles = read_candles(path, **options)
    new_rows = candle_store(root).write(candles, exchange, symbol)
    return _summary(candles, exchange, symbol, new_rows)


def import_candles(exchange: str, symbol: str, start_date: str, show_progressbar: bool = True) -> str:
    """Download one-minute candles from an exchange and store them in the project.

    Parameters
    ----------
    exchange : str
        Jesse's name of an exchange, such as ``"Binance Spot"``, or its name in ccxt, such as ``"binance"``.
    symbol : str
        With a dash: ``"BTC-USDT"``.
    start_date : str
        The first day, ``"2024-01-31"``, UTC.
    show_progressbar : bool
        Print how far it is.

    Returns
    -------
    str
        What was stored.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.
    CandlesNotFoundError
        If the exchange or the symbol is unknown, or has no candles of that time.
    """
    from livermore.research._download import download_minutes

    store = candle_store()
    total = first = last = 0
    for candles in download_minutes(exchange, symbol, start_date, show_progressbar=show_progressbar):
        store.write(candles, exchange, symbol)
        first = first or int(candles[0, TIMESTAMP])
        last = int(candles[-1, TIMESTAMP])
        total += len(candles)
    if total == 0:
        raise CandlesNotFoundError(f"{exchange} has no candles of {symbol} from {start_date} on.")
    return f"{exchange} {symbol}: stored {total:,} one-minute candles, {utc(first)} to {utc(last)}"


def candles_from_close_prices(prices: Sequence[float] | npt.NDArray[Any]) -> Rows:
    """Make candles that close at the given prices, a minute each, from 2021-01-01 00:00 UTC on.

    Each opens where the last one closed (the first one half a unit below its close); volumes are whole numbers up to
    200 from Python's `random`.

    Parameters
    ----------
    prices : sequence of float

    Returns
    -------
    ndarray of shape (len(prices), 6)

    Examples
    --------
    >>> candles_from_close_prices([10, 12, 11])[:, 1:5]
    array([[ 9.5, 10. , 10. ,  9.5],
           [10. , 12. , 12. , 10. ],
           [12. , 11. , 12. , 11. ]])
    """
    closes = np.asarray(prices, dtype=np.float64)
    candles = np.empty((len(closes), 6))
    if len(closes) == 0:
        return candles
    opens = np.r_[closes[0] - 0.5, closes[:-1]]
    candles[:, TIMESTAMP] = _FAKE_START_MS + MINUTE_MS * np.arange(len(closes), dtype=np.int64)
    candles[:, OPEN] = opens
    candles[:, CLOSE] = closes
    candles[:, 3] = np.maximum(opens, closes)
    candles[:, 4] = np.minimum(opens, closes)
    candles[:, VOLUME] = [random.randint(0, 200) for _ in closes]
    return candles


def fake_candle(attributes: Mapping[str, float] | None = None, reset: bool = False) -> Rows:
    """Make a candle that follows the one made before, a minute later and one to eight units higher.

    Parameters
    ----------
    attributes : mapping, optional
        Values to use instead: timestamp, open, close, high, low, volume.
    reset : bool
        Begin anew at 2020-12-31 23:59 UTC.

    Returns
    -------
    ndarray of shape (6,)

    Examples
    --------
    >>> first, second = fake_candle(reset=True), fake_candle({"volume": 3})
    >>> bool(second[1] == first[2]), int(second[0] - first[0]), float(second[5])
    (True, 60000, 3.0)
    """
    previous = None if reset else _previous_fake.get()
    time, open_ = previous or (_FAKE_START_MS - 2 * MINUTE_MS, random.randint(40, 110))
    time += MINUTE_MS
    close = open_ + random.randint(1, 8)
    _previous_fake.set((time, close))
    values: dict[str, float] = {
        "timestamp": time,
        "open": open_,
        "close": close,
        "high": max(open_, close),
        "low": min(open_ - 1, close),
        "volume": random.randint(1, 100),
    }
    values |= attributes or {}
    return np.array([values[name] for name in _FAKE_FIELDS], dtype=np.float64)


def fake_range_candles(count: int) -> Rows:
    """Make `count` fake candles in a row, from 2021-01-01 00:00 UTC on.

    Examples
    --------
    >>> candles = fake_range_candles(5)
    >>> candles.shape, int(candles[0, 0])
    ((5, 6), 1609459200000)
    """
    fake_candle(reset=True)
    return np.array([fake_candle() for _ in range(count)]).reshape(count, 6)


# Time and close of the fake candle made last, which the next one follows; by context, so that threads do not mix.
_previous_fake: ContextVar[tuple[int, int] | None] = ContextVar("previous_fake_candle", default=None)


@dataclass(frozen=True)
class _Market:
    """One market of a store, and what there is to say about it."""

    store: CandleStore
    exchange: str
    symbol: str

    def read(self, start: int | None, finish: int) -> Rows:
        return self.store.read(self.exchange, self.symbol, start, finish)

    @property
    def begin(self) -> int:
        return self.store.interval(self.exchange, self.symbol)[0]

    @property
    def end(self) -> int:
        return self.store.interval(self.exchange, self.symbol)[1]

    def warmup_bars(self, start: int, timeframe: str, count: int) -> Rows:
        """Return the candles of `timeframe` of the `count` times its length before `start`."""
        begin = start - count * timeframe_ms(timeframe)
        bars = resample(self.read(begin, start), timeframe, until=start)
        # Gaps may make them fewer; too short a history may not.
        if len(bars) == 0 or (len(bars) < count and self.begin > begin):
            raise CandlesNotFoundError(self.too_little_before(start, count, len(bars), timeframe))
        return bars

    def warmup_minutes(self, start: int, timeframe: str, count: int) -> Rows | None:
        """Return the one-minute candles of the last `count` candles of `timeframe` before `start`."""
        if not count:
            return None
        length = timeframe_ms(timeframe)
        # Gaps make a stretch hold fewer candles than its length says: look further back until there are enough.
        first, span = self.begin, count * length
        while True:
            rows = self.read(start - span, start)
            bars = resample(rows, timeframe, until=start)
            if len(bars) > count or start - span <= first:
                break
            span *= 2
        if len(bars) < count:
            raise CandlesNotFoundError(self.too_little_before(start, count, len(bars), timeframe))
        return rows[int(np.searchsorted(rows[:, TIMESTAMP], bars[-count, TIMESTAMP])) :]

    def warn_if_short(self, start: int, finish: int) -> None:
        first, end = self.store.interval(self.exchange, self.symbol)
        if first - start > _DAY_MS or finish - end > _DAY_MS:
            warnings.warn(
                f"of {self.exchange} {self.symbol}, {utc(start)} to {utc(finish)} was asked for, but the stored "
                f"candles reach from {utc(first)} to {utc(end)} only",
                LivermoreWarning,
                stacklevel=3,
            )

    def nothing_between(self, start: int, finish: int) -> str:
        first, end = self.store.interval(self.exchange, self.symbol)
        return (
            f"no candles of {self.exchange} {self.symbol} between {utc(start)} and {utc(finish)}; those in "
            f"{self.store.root} reach from {utc(first)} to {utc(end)}. {self._to_import}"
        )

    def too_little_before(self, start: int, wanted: int, found: int, timeframe: str) -> str:
        return (
            f"{wanted} warm-up candles of {timeframe} before {utc(start)} were asked for, and {found} of "
            f"{self.exchange} {self.symbol} are stored (the first minute: {utc(self.begin)}). Start later, ask for "
            f"fewer, or import earlier candles. {self._to_import}"
        )

    @property
    def _to_import(self) -> str:
        return f"To import: livermore import-candles FILE --exchange {self.exchange!r} --symbol {self.symbol!r}"


def _day_of(time_ms: float) -> int:
    return int(time_ms) // _DAY_MS * _DAY_MS


def _check_range(start: int, finish: int) -> None:
    if start >= finish:
        raise DateRangeError(
            f"the start, {utc(start)}, must be before the finish, {utc(finish)}: both are taken back to 00:00 "
            "UTC, and the day of the finish is not included."
        )
    if finish > now_ms():
        raise DateRangeError(f"the finish, {utc(finish)}, is in the future. Ask for candles until today at most.")


def _summary(candles: Rows, exchange: str, symbol: str, new_rows: int) -> CandleImport:
    missing = np.diff(candles[:, TIMESTAMP]) / MINUTE_MS - 1
    return CandleImport(
        exchange=exchange,
        symbol=symbol,
        rows=len(candles),
        new_rows=new_rows,
        first=int(candles[0, TIMESTAMP]),
        last=int(candles[-1, TIMESTAMP]),
        gaps=int((missing > 0).sum()),
        missing_minutes=int(missing.sum()),
        longest_gap_minutes=int(missing.max(initial=0)),
        has_volume=bool(candles[:, VOLUME].any()),
    )
