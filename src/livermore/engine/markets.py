"""From candle arrays to markets on one clock: what is warm-up, when trading starts, which minutes there are."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from livermore.candles import MINUTE_BASE, TIMESTAMP, Base, check_candles, utc_text
from livermore.candles.minutes import Minutes
from livermore.engine.routes import RouteSpec
from livermore.errors import CandleError, CandlesNotFoundError, RouteError
from livermore.market.clock import SessionClock
from livermore.market.market import Market
from livermore.typing import Rows

__all__ = ["Timeline", "build_timeline", "empty_timeline"]

NO_ROWS = np.empty((0, 6))


class Timeline(NamedTuple):
    """The candles of a run.

    Attributes
    ----------
    clock : SessionClock
        Before the first minute.
    markets : dict of str to Market
        By symbol, in the order in which their orders are matched.
    """

    clock: SessionClock
    markets: dict[str, Market]


class _Source(NamedTuple):
    """One symbol's rows, warm-up first, and the first that is traded."""

    exchange: str
    symbol: str
    rows: Minutes
    first_row: int


def build_timeline(
    candles: Mapping[str, Mapping[str, Any]] | None,
    warmup_candles: Mapping[str, Mapping[str, Any]] | None,
    routes: Sequence[RouteSpec],
    *,
    warm_up_candles: int,
    base: Base = MINUTE_BASE,
) -> Timeline:
    """Check all candles and lay them out for a run.

    Parameters
    ----------
    candles, warmup_candles : mapping
        ``{"<exchange>-<symbol>": {"exchange", "symbol", "candles"}}`` of base candles.
    routes : sequence of RouteSpec
        Trading and data routes together.
    warm_up_candles : int
        Window of the indicators. Where minutes are missing also the number of completed candles that every route has
        before trading starts, which is later than the first row if need be.
    base : Base
        What the candles are.

    Raises
    ------
    CandleError
        If candles break a rule, or no warm-up candle lies before the first trading candle.
    CandlesNotFoundError
        If a route has no candles, or too few of them.
    RouteError
        If candles have no route.
    """
    arrays = _checked(candles, "candles", base)
    _check_coverage(arrays, routes, "candles")
    warmups = _checked(warmup_candles, "warmup_candles", base) if warmup_candles else {}
    if warmups:
        _check_coverage(warmups, routes, "warmup_candles")
    dense = _is_dense([rows for _, _, rows in arrays.values()], base)
    start = max(float(rows[0, TIMESTAMP]) for _, _, rows in arrays.values())
    sources = {symbol: _source(arrays[symbol], warmups.get(symbol), start, base) for symbol in arrays}
    if dense:
        return _dense(sources, start, warm_up_candles, base)
    return _gapped(sources, start, routes, warm_up_candles, base)


def empty_timeline(
    warmup_candles: Mapping[str, Mapping[str, Any]] | None,
    routes: Sequence[RouteSpec],
    *,
    start: float,
    warm_up_candles: int,
    base: Base = MINUTE_BASE,
) -> Timeline:
    """Lay out a run whose minutes will be fed one by one.

    Parameters
    ----------
    warmup_candles : mapping, optional
        Base candles before the start, as for `build_timeline`.
    routes : sequence of RouteSpec
        Trading and data routes together.
    start : float
        UTC ms at which the first minute opens.
    warm_up_candles : int
        Window of the indicators.
    base : Base
        What the candles are, those that will be fed as well.
    """
    warmups = _checked(warmup_candles, "warmup_candles", base) if warmup_candles else {}
    if warmups:
        _check_coverage(warmups, routes, "warmup_candles")
    clock = SessionClock(start, array("q"))
    markets = {}
    for route in routes:
        rows = _until(warmups[route.symbol][2], start, base) if warmups else NO_ROWS
        markets[route.symbol] = Market(
            Minutes(NO_ROWS, rows),
            exchange=route.exchange,
            symbol=route.symbol,
            clock=clock,
            first_row=len(rows),
            row_of_event=array("q"),
            is_fed=True,
            warm_up_candles=warm_up_candles,
            base=base,
        )
    return Timeline(clock, markets)


def _checked(given: Any, argument: str, base: Base) -> dict[str, tuple[str, str, Rows]]:
    if not isinstance(given, Mapping) or not given:
        raise CandleError(
            f"{argument} must be a dict {{'Exchange-SYM-BOL': {{'exchange': …, 'symbol': …, 'candles': array}}}} "
            f"with at least one entry, got {given!r:.80}"
        )
    found = {}
    for key, entry in given.items():
        if not isinstance(entry, Mapping) or not {"exchange", "symbol", "candles"} <= entry.keys():
            raise CandleError(f"{argument}[{key!r}] must be a dict with the keys 'exchange', 'symbol' and 'candles'")
        if not isinstance(entry["exchange"], str) or not isinstance(entry["symbol"], str):
            raise CandleError(f"{argument}[{key!r}]: 'exchange' and 'symbol' must be strings")
        rows = check_candles(entry["candles"], name=f"{argument}[{key!r}]", base=base)
        found[entry["symbol"]] = (entry["exchange"], entry["symbol"], rows)
    return found


def _check_coverage(arrays: Mapping[str, tuple[str, str, Rows]], routes: Sequence[RouteSpec], argument: str) -> None:
    needed = {(route.exchange, route.symbol) for route in routes}
    present = {(exchange, symbol) for exchange, symbol, _ in arrays.values()}
    for exchange, symbol in sorted(needed - present):
        raise CandlesNotFoundError(
            f"{argument} has nothing for {exchange} {symbol}, which a route needs; "
            f"it has {', '.join(f'{e} {s}' for e, s in sorted(present))}"
        )
    for exchange, symbol in sorted(present - needed):
        if argument == "candles":
            raise RouteError(f"candles has {exchange} {symbol}, but no route uses it; add a data route or leave it out")


def _is_dense(arrays: Sequence[Rows], base: Base) -> bool:
    first = arrays[0]
    span = float(first[-1, TIMESTAMP] - first[0, TIMESTAMP])
    if base.has_sessions or span != (len(first) - 1) * base.length:
        return False
    return all(len(rows) == len(first) and np.array_equal(rows[:, 0], first[:, 0]) for rows in arrays[1:])


def _source(found: tuple[str, str, Rows], warmup: tuple[str, str, Rows] | None, start: float, base: Base) -> _Source:
    """Put warm-up and trading rows together; rows from the start on are traded."""
    exchange, symbol, rows = found
    before = NO_ROWS
    if warmup is not None:
        before = _until(warmup[2], min(start, float(rows[0, TIMESTAMP])), base)
        if len(before) == 0:
            raise CandleError(
                f"warmup_candles of {symbol} has no candle that closes before the first trading candle; "
                "give the candles that come before it"
            )
    first_row = len(before) + _first_from(rows, start)
    return _Source(exchange, symbol, Minutes(before, rows), first_row)


def _until(rows: Rows, time: float, base: Base) -> Rows:
    """Return the rows that have closed by a time in UTC ms."""
    return rows[: bisect_right(range(len(rows)), time, key=lambda row: base.end(rows[row, TIMESTAMP]))]


def _first_from(rows: Rows, time: float) -> int:
    """Return the first row that opens at a time (UTC ms) or later; no column is copied, as numpy's search would."""
    return bisect_left(range(len(rows)), time, key=lambda row: float(rows[row, TIMESTAMP]))


def _dense(sources: Mapping[str, _Source], start: float, warm_up_candles: int, base: Base) -> Timeline:
    some = next(iter(sources.values()))
    last = int(some.rows.value(len(some.rows) - 1, TIMESTAMP))
    clock = SessionClock(start, range(int(start) + base.length, last + base.length + 1, base.length))
    markets = {
        symbol: Market(
            source.rows,
            exchange=source.exchange,
            symbol=symbol,
            clock=clock,
            first_row=source.first_row,
            warm_up_candles=warm_up_candles,
            base=base,
        )
        for symbol, source in sources.items()
    }
    return Timeline(clock, markets)


def _gapped(
    sources: Mapping[str, _Source], start: float, routes: Sequence[RouteSpec], warm_up_candles: int, base: Base
) -> Timeline:
    if warm_up_candles > 0:
        start = max(start, *(_warmed_up(sources[route.symbol], route, warm_up_candles, base) for route in routes))
    times = {symbol: source.rows.times() for symbol, source in sources.items()}
    for symbol, found in times.items():
        if found[-1] < start:
            raise CandlesNotFoundError(
                f"{symbol} has no candle left to trade on: its last opens at {utc_text(found[-1])}, and trading starts "
                f"at {utc_text(start)}, when every route has begun and is warmed up; give candles of one period"
            )
    minutes = np.unique(np.concatenate([found[found >= start] for found in times.values()]))
    ends = base.ends(minutes).astype(np.int64)
    clock = SessionClock(start, array("q", ends.tobytes()))
    markets = {}
    for symbol in sorted(sources, key=lambda symbol: f"{sources[symbol].exchange}-{symbol}"):
        source = sources[symbol]
        newest = np.searchsorted(times[symbol], ends, side="left") - 1
        markets[symbol] = Market(
            source.rows,
            exchange=source.exchange,
            symbol=symbol,
            clock=clock,
            first_row=int(np.searchsorted(times[symbol], start)),
            row_of_event=array("q", newest.astype(np.int64).tobytes()),
            warm_up_candles=warm_up_candles,
            base=base,
            arrives_with_others=True,
        )
    return Timeline(clock, markets)


def _warmed_up(source: _Source, route: RouteSpec, needed: int, base: Base) -> float:
    """Return when the route has as many completed candles as the config asks for."""
    times = source.rows.times()
    ends = np.unique(base.bars(route.timeframe).ends(times))
    if len(ends) < needed or ends[needed - 1] > base.end(float(times[-1])):
        raise CandlesNotFoundError(
            f"{route.symbol} {route.timeframe} has {len(ends)} candles, but warm_up_candles is {needed} and minutes "
            "are missing, so that trading starts only after those; give more candles or a smaller warm_up_candles"
        )
    return float(ends[needed - 1])
