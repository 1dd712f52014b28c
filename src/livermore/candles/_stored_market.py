"""The stored candles of one market: what was asked for, with its warm-up, or an error that says what is stored."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import utc_text as utc
from livermore.candles._columns import DAY_MS, TIMESTAMP
from livermore.candles._resample import resample
from livermore.candles._store import CandleStore
from livermore.candles._timeframe import timeframe_ms
from livermore.errors import CandlesNotFoundError, LivermoreWarning
from livermore.typing import Rows

__all__ = ["StoredMarket", "project_store"]


def project_store(root: Path | str | None = None, base: Base = MINUTE_BASE) -> CandleStore:
    """Return the candle store of a project folder, by default of the working directory.

    Each base has a folder of its own: ``storage/candles``, ``storage/candles-1h``.

    Examples
    --------
    >>> import tempfile
    >>> store = project_store(tempfile.mkdtemp())
    >>> store.list()
    []
    """
    name = "candles" if base.length == MINUTE_BASE.length else f"candles-{base.timeframe}"
    return CandleStore(Path(root or ".") / "storage" / name, base)


@dataclass(frozen=True)
class StoredMarket:
    """One market in a candle store.

    Attributes
    ----------
    store : CandleStore
        Where its candles are.
    exchange, symbol : str
        Names as they were stored.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import CandleStore, synthetic_candles
    >>> store = CandleStore(tempfile.mkdtemp())
    >>> _ = store.write(synthetic_candles(60, seed=1), "Sandbox", "BTC-USDT")
    >>> StoredMarket(store, "Sandbox", "BTC-USDT").symbol
    'BTC-USDT'
    """

    store: CandleStore
    exchange: str
    symbol: str

    def read(self, start: int | None, finish: int) -> Rows:
        """Return the candles in [start, finish), UTC ms."""
        return self.store.read(self.exchange, self.symbol, start, finish)

    @property
    def begin(self) -> int:
        """Opening time of the first stored candle, UTC ms."""
        return self.store.interval(self.exchange, self.symbol)[0]

    @property
    def end(self) -> int:
        """End of the last stored candle, UTC ms."""
        return self.store.interval(self.exchange, self.symbol)[1]

    def warmup_bars(self, start: int, timeframe: str, count: int) -> Rows:
        """Return the candles of `timeframe` in the stretch of `count` bars before `start`."""
        begin = start - count * timeframe_ms(timeframe)
        bars = resample(self.read(begin, start), timeframe, until=start, base=self.store.base)
        # Gaps in trading may leave fewer bars than `count`; a history that begins too late is an error.
        if len(bars) == 0 or (len(bars) < count and self.begin > begin):
            raise CandlesNotFoundError(self.too_little_before(start, count, len(bars), timeframe))
        return bars

    def warmup_minutes(self, start: int, timeframe: str, count: int) -> Rows | None:
        """Return the stored candles of the last `count` candles of `timeframe` before `start`."""
        if not count:
            return None
        length = timeframe_ms(timeframe)
        # With gaps a stretch holds fewer bars than its length suggests: look further back until there are enough.
        first, span = self.begin, count * length
        while True:
            rows = self.read(start - span, start)
            bars = resample(rows, timeframe, until=start, base=self.store.base)
            if len(bars) > count or start - span <= first:
                break
            span *= 2
        if len(bars) < count:
            raise CandlesNotFoundError(self.too_little_before(start, count, len(bars), timeframe))
        return rows[int(np.searchsorted(rows[:, TIMESTAMP], bars[-count, TIMESTAMP])) :]

    def warmed_up(self, timeframe: str, count: int) -> float:
        """Return when the first `count` stored candles of `timeframe` are complete, UTC ms; infinity if never."""
        begin, end = self.store.interval(self.exchange, self.symbol)
        times = self.store.base.bars(timeframe)
        span = count * timeframe_ms(timeframe)
        while count:
            ends = np.unique(times.ends(self.read(begin, begin + span)[:, TIMESTAMP]))
            ends = ends[ends <= begin + span]
            if len(ends) >= count:
                return float(ends[count - 1])
            if begin + span >= end:
                return float("inf")
            span *= 2
        return begin

    def warn_if_short(self, start: int, finish: int) -> None:
        """Warn if the stored candles begin or end more than a day short of [start, finish)."""
        first, end = self.store.interval(self.exchange, self.symbol)
        if first - start > DAY_MS or finish - end > DAY_MS:
            warnings.warn(
                f"of {self.exchange} {self.symbol}, {utc(start)} to {utc(finish)} was asked for, but the stored "
                f"candles reach from {utc(first)} to {utc(end)} only",
                LivermoreWarning,
                stacklevel=4,
            )

    def nothing_between(self, start: int, finish: int) -> str:
        """Return the message of an error: no candle is stored in [start, finish)."""
        first, end = self.store.interval(self.exchange, self.symbol)
        return (
            f"no candles of {self.exchange} {self.symbol} between {utc(start)} and {utc(finish)}; those in "
            f"{self.store.root} reach from {utc(first)} to {utc(end)}. {self._to_import}"
        )

    def too_little_before(self, start: int, wanted: int, found: int, timeframe: str) -> str:
        """Return the message of an error: fewer than `wanted` bars are stored before `start`."""
        return (
            f"{wanted} warm-up candles of {timeframe} before {utc(start)} were asked for, and {found} of "
            f"{self.exchange} {self.symbol} are stored (the first candle: {utc(self.begin)}). Start later, ask for "
            f"fewer, or import earlier candles. {self._to_import}"
        )

    @property
    def _to_import(self) -> str:
        return f"To import: livermore candles import FILE --exchange {self.exchange!r} --symbol {self.symbol!r}"
