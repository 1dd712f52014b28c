"""The candles before the start of a session: from the store, and what is newer from the exchange."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from livermore.candles import MINUTE_MS, TIMESTAMP, CandleStore, bucket_start, timeframe_ms, utc_text
from livermore.errors import CandlesNotFoundError
from livermore.typing import Rows

__all__ = ["History", "warm_up_candles"]


class History(Protocol):
    """What an `ExchangeFeed` serves of the past."""

    def history(self, symbol: str, start: int, end: int) -> Rows:
        """Return the candles that opened from `start` until before `end`, UTC ms, as far as there are any."""
        ...


def warm_up_candles(
    store: CandleStore,
    source: History | None,
    markets: Sequence[tuple[str, str]],
    timeframes: Sequence[str],
    *,
    bars: int,
    start: int,
) -> dict[str, dict[str, Any]] | None:
    """Return the candles before `start` that a session needs, and store those that were not.

    Parameters
    ----------
    store : CandleStore
        Asked first.
    source : History, optional
        Asked for what the store lacks at the end.
    markets : sequence of (str, str)
        Exchange and symbol of each route and data route.
    timeframes : sequence of str
        Of the routes; the largest decides.
    bars : int
        How many bars indicators need.
    start : int
        UTC ms.

    Returns
    -------
    dict or None
        As `BacktestSpec` takes `warmup_candles`; None if no bars are needed.

    Raises
    ------
    CandlesNotFoundError
        If store and exchange together do not have them.
    """
    if bars == 0:
        return None
    largest = max(timeframes, key=timeframe_ms)
    first = bucket_start(start - bars * timeframe_ms(largest), largest)
    found = {}
    for exchange, symbol in dict.fromkeys(markets):
        rows = _stored(store, exchange, symbol, first, start)
        if source is not None:
            after = first if not len(rows) else int(rows[-1, TIMESTAMP]) + MINUTE_MS
            newer = source.history(symbol, after, start)
            if len(newer):
                store.write(newer, exchange, symbol)
                rows = np.concatenate([rows, newer])
        _check(rows, exchange, symbol, first, start)
        found[f"{exchange}-{symbol}"] = {"exchange": exchange, "symbol": symbol, "candles": rows}
    return found


def _stored(store: CandleStore, exchange: str, symbol: str, first: int, start: int) -> Rows:
    try:
        return store.read(exchange, symbol, first, start)
    except CandlesNotFoundError:
        return np.empty((0, 6))


def _check(rows: Rows, exchange: str, symbol: str, first: int, start: int) -> None:
    """Refuse candles with a hole of an hour or more, before, between or after them."""
    edges = np.r_[first - MINUTE_MS, rows[:, TIMESTAMP], start]
    holes = np.flatnonzero(np.diff(edges) > 3_600_000)
    if len(holes):
        begins, ends = int(edges[holes[0]]) + MINUTE_MS, int(edges[holes[0] + 1])
        raise CandlesNotFoundError(
            f"the warm-up of {exchange} {symbol} needs candles from {utc_text(first)} on, and those from "
            f"{utc_text(begins)} to {utc_text(ends)} are missing: the store does not have them, and the exchange does "
            f"not serve them. Import them, or ask for fewer warm-up candles"
        )
