"""The candles of one market as an exchange shows them: closed ones, and the one that is not over yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from livermore.candles import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME, check_candles
from livermore.candles._store import check_symbol
from livermore.errors import ConfigError
from livermore.typing import Rows

__all__ = ["LoopbackMarket", "decimals", "make_markets", "partial_candle"]


@dataclass(frozen=True)
class LoopbackMarket:
    """One market of the loopback exchange.

    Attributes
    ----------
    symbol : str
        As routes name it: ``"BTC-USDT"``.
    rows : ndarray of shape (n, 6)
        All its one-minute candles, those of the future included.
    price_step, qty_step : Decimal
        Prices and quantities are multiples of these.
    min_qty, min_notional : Decimal
        The smallest order, in the base asset and in the quote asset.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> rows = synthetic_candles(60, seed=1)
    >>> market = LoopbackMarket("BTC-USDT", rows)
    >>> market.base, market.quote, len(market.shown(int(rows[9, 0]) + 30_000))
    ('BTC', 'USDT', 10)
    """

    symbol: str
    rows: Rows
    price_step: Decimal = Decimal("0.01")
    qty_step: Decimal = Decimal("0.00001")
    min_qty: Decimal = Decimal("0.0001")
    min_notional: Decimal = Decimal(5)

    @property
    def base(self) -> str:
        """The asset that is traded."""
        return self.symbol.split("-")[0]

    @property
    def quote(self) -> str:
        """The asset that it is paid with."""
        return self.symbol.split("-")[1]

    def shown(
        self,
        now: int,
        since: int | None = None,
        until: int | None = None,
        *,
        oldest: int | None = None,
        newest: int | None = None,
    ) -> Rows:
        """Return the candles that the exchange shows at `now` (UTC ms); the last one may not be over yet.

        Parameters
        ----------
        now : int
            UTC ms.
        since, until : int, optional
            Only candles that open at `since` or later, and at `until` or earlier, UTC ms.
        oldest, newest : int, optional
            Only so many of them: the first, or the last.
        """
        times = self.rows[:, TIMESTAMP]
        # A candle that opens now has had no trade yet.
        last = now - 1 if until is None else min(now - 1, until)
        end = int(np.searchsorted(times, last, side="right"))
        first = 0 if since is None else int(np.searchsorted(times, since))
        if newest is not None:
            first = max(first, end - newest)
        if oldest is not None:
            end = min(end, first + oldest)
        rows = self.rows[first:end].copy()
        if len(rows) and rows[-1, TIMESTAMP] + MINUTE_MS > now:
            rows[-1] = partial_candle(rows[-1], now)
        return rows

    def closed_and_open(self, first: int, now: int) -> Rows:
        """Return the candles that opened from `first` until `now`, UTC ms, as they are when they are over."""
        times = self.rows[:, TIMESTAMP]
        start, end = np.searchsorted(times, first), np.searchsorted(times, now, side="right")
        rows: Rows = self.rows[int(start) : int(end)]
        return rows

    def price(self, now: int) -> float | None:
        """Return the price of the last trade before `now`; None before the first candle."""
        rows = self.shown(now, newest=1)
        return float(rows[-1, CLOSE]) if len(rows) else None


def partial_candle(row: Rows, now: int) -> Rows:
    """Return what is known at `now` (UTC ms) of a candle: its price path up to then, and that share of its volume.

    A rising candle visits open, low, high and close at the quarters of the minute, a falling one open, high, low and
    close, as the engine has it.

    Examples
    --------
    >>> partial_candle(np.array([0.0, 10, 11, 12, 9, 8]), 30_000).tolist()
    [0.0, 10.0, 9.0, 10.0, 9.0, 4.0]
    """
    elapsed = min(max(now - row[TIMESTAMP], 0), MINUTE_MS) / MINUTE_MS
    between = (LOW, HIGH) if row[CLOSE] >= row[OPEN] else (HIGH, LOW)
    path = [row[OPEN], row[between[0]], row[between[1]], row[CLOSE]]
    visited = path[: min(4, int(elapsed * 4 + 1e-9))] or path[:1]
    partial = row.copy()
    partial[CLOSE], partial[HIGH], partial[LOW] = visited[-1], max(visited), min(visited)
    partial[VOLUME] = row[VOLUME] * elapsed
    return partial


def decimals(step: Decimal) -> int:
    """Return how many decimals multiples of a step have."""
    return max(0, -int(step.as_tuple().exponent))


def make_markets(candles: Mapping[str, Rows | LoopbackMarket]) -> dict[str, LoopbackMarket]:
    """Return the markets by symbol.

    Raises
    ------
    ConfigError
        If there are none.
    CandleError
        If a symbol has no dash, or candles break a rule.
    """
    if not candles:
        raise ConfigError("a loopback exchange needs the candles of at least one symbol: {'BTC-USDT': candles}")
    markets = {}
    for symbol, given in candles.items():
        check_symbol(symbol)
        markets[symbol] = (
            given if isinstance(given, LoopbackMarket) else LoopbackMarket(symbol, check_candles(given, name=symbol))
        )
    return markets
