"""Stored candles: which markets, from when to when, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livermore.candles import TIMEFRAMES, Base, CandleStore, MarketReport, check_market, project_store, resample
from livermore.candles._columns import DAY_MS
from livermore.dates import day
from livermore.errors import LivermoreError
from livermore.ui._charts import candle_series
from livermore.ui._screen import Asked, NotInProjectError, Screen, Shown

__all__ = ["SCREEN"]

#: Days in the chart of a market, at most.
MOST_DAYS = 730


@dataclass(frozen=True)
class StoredSeries:
    """A stored market, without its candles.

    Attributes
    ----------
    base, exchange, symbol : str
        Which.
    months : int
        How many months have candles.
    missing_months : int
        How many between the first and the last have none.
    days : str
        First and last day.
    problem : str
        What is wrong with its files; empty if they could be read.
    """

    base: str
    exchange: str
    symbol: str
    months: int
    missing_months: int
    days: str
    problem: str


def show(asked: Asked) -> Shown:
    """Show all markets."""
    stores = [project_store(asked.root, Base(name)) for name in TIMEFRAMES]
    markets = [_series(store, *market) for store in stores for market in store.symbols()]
    return Shown("candles", "Candles", {"markets": markets})


def show_market(asked: Asked) -> Shown:
    """Show one market, month by month."""
    store = _store(asked)
    report = check_market(store, asked["exchange"], asked["symbol"])
    title = f"{report.exchange} {report.symbol}, {store.base.timeframe}"
    values = {"report": report, "base": store.base.timeframe, "missing": _missing_months(report)}
    return Shown("candles_market", title, values)


def chart(asked: Asked) -> Mapping[str, Any]:
    """Return the bars of the last days."""
    store = _store(asked)
    end = store.interval(asked["exchange"], asked["symbol"])[1]
    rows = store.read(asked["exchange"], asked["symbol"], end - MOST_DAYS * DAY_MS)
    bars = resample(rows, "1D", base=store.base)
    return {"panes": [[candle_series(bars, asked["symbol"])]]}


def _store(asked: Asked) -> CandleStore:
    """Return the store of a market that is there."""
    base = asked["base"] or "1m"
    if base not in TIMEFRAMES:
        raise NotInProjectError(f"{base[:20]!r} is no timeframe")
    store = project_store(asked.root, Base(base))
    if (asked["exchange"], asked["symbol"]) not in store.symbols():
        raise NotInProjectError(f"no candles of {asked['exchange'][:50]} {asked['symbol'][:50]} are stored")
    return store


def _series(store: CandleStore, exchange: str, symbol: str) -> StoredSeries:
    paths: Sequence[Path] = ()
    try:
        paths = store.months(exchange, symbol)
        first, end = store.interval(exchange, symbol)
        days, problem = f"{day(first / 1000)} to {day((end - 1) / 1000)}", ""
    except (LivermoreError, OSError) as error:
        days, problem = "", str(error)
    missing = _between([path.stem for path in paths]) - len(paths) if paths else 0
    return StoredSeries(store.base.timeframe, exchange, symbol, len(paths), missing, days, problem)


def _missing_months(report: MarketReport) -> int:
    return _between([month.month for month in report.months]) - len(report.months)


def _between(months: Sequence[str]) -> int:
    """Return how many months there are from the first to the last of some, such as "2024-01"."""
    first, last = (12 * int(month[:4]) + int(month[5:7]) for month in (months[0], months[-1]))
    return last - first + 1


SCREEN = Screen("/candles", "Candles", {"/candles": show, "/candles/market": show_market}, {"/candles/chart": chart})
