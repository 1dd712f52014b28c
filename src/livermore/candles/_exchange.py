"""One market of an exchange as ccxt serves it (the extra ``ccxt``): its candles, a request at a time."""

import difflib
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import each_once, utc_text
from livermore.candles._columns import TIMESTAMP
from livermore.candles._retry import BadAnswerError, Retry
from livermore.candles._timeframe import TIMEFRAMES
from livermore.errors import CandlesNotFoundError, MissingExtraError
from livermore.typing import Rows

__all__ = ["EXCHANGES", "ExchangeMarket", "connect", "known_exchanges"]

#: Jesse's names: the exchange in ccxt, and the kind of market.
EXCHANGES: Mapping[str, tuple[str, str]] = {
    "Binance Spot": ("binance", "spot"),
    "Binance US Spot": ("binanceus", "spot"),
    "Binance Perpetual Futures": ("binanceusdm", "swap"),
    "Bybit Spot": ("bybit", "spot"),
    "Bybit USDT Perpetual": ("bybit", "swap"),
    "Bybit USDC Perpetual": ("bybit", "swap"),
    "Coinbase Spot": ("coinbase", "spot"),
    "Bitfinex Spot": ("bitfinex", "spot"),
    "Bitget Spot": ("bitget", "spot"),
    "Bitget USDT Perpetual": ("bitget", "swap"),
    "Gate Spot": ("gate", "spot"),
    "Gate USDT Perpetual": ("gate", "swap"),
    "Hyperliquid Perpetual": ("hyperliquid", "swap"),
    "Kraken Pro Spot": ("kraken", "spot"),
    "KuCoin Spot": ("kucoin", "spot"),
    "KuCoin USDT Perpetual": ("kucoinfutures", "swap"),
}
# How many candles back from now some exchanges serve. Asked for older ones, they give nothing, or refuse.
# Sources: Hyperliquid, "Candle snapshot" (the most recent 5,000 candles); Gate, "candlesticks" (10,000 points ago).
_SERVED_CANDLES: Mapping[str, int] = {"hyperliquid": 5000, "gate": 10_000}
# Our timeframes and ccxt's. Weeks and months of exchanges are not Jesse's: they open on Mondays and on the first.
_TIMEFRAMES: Mapping[str, str] = {name: name.lower() for name in TIMEFRAMES if name not in ("3D", "1W", "1M")}
# How many candles a request asks for where ccxt does not know how many there are at most.
_USUAL_PAGE = 500
# A candle that has just closed may still be corrected by late trades.
_SETTLING_MS = 10_000
# ccxt gives time, open, high, low, close, volume; ours is open, close, high, low.
_TO_OURS = [0, 1, 4, 2, 3, 5]


@dataclass(frozen=True)
class ExchangeMarket:
    """One market of an exchange.

    Attributes
    ----------
    source : ccxt.Exchange
        The connection; its markets are loaded.
    exchange, symbol : str
        Names as the store has them.
    market : str
        The symbol in ccxt, such as ``"BTC/USDT:USDT"``.
    retry : Retry
        What is done about failures.
    base : Base
        What candles are asked for; by the clock.
    """

    source: Any
    exchange: str
    symbol: str
    market: str
    retry: Retry = field(default_factory=Retry)
    base: Base = MINUTE_BASE

    @property
    def page(self) -> int:
        """How many candles a request asks for."""
        return int(self.source.feature_value(self.market, "fetchOHLCV", "limit") or _USUAL_PAGE)

    @property
    def served_candles(self) -> int | None:
        """How many candles back from now are served; None if that is not known to be limited."""
        return _SERVED_CANDLES.get(self.source.id)

    def end(self) -> int:
        """Return the end of the last candle that is complete, UTC ms, by the earlier of both clocks.

        A clock of this machine that is ahead would store a candle that still changes.
        """
        now = int(time.time() * 1000)
        if self.source.has.get("fetchTime") is True:
            told = self._ask(self.source.fetch_time, "its time")
            now = now if told is None else min(now, int(told))
        return (now - _SETTLING_MS) // self.base.length * self.base.length

    def candles(self, since: int) -> Rows:
        """Return candles from `since` (UTC ms) on, in the order of time: as many as a request gives, or none.

        Raises
        ------
        ExchangeError
            If the exchange cannot be reached, refuses, or gives no candles but something else.
        """
        return self._candles(_TIMEFRAMES[self.base.timeframe], since)

    def days(self, since: int) -> Rows:
        """Return daily candles from `since` (UTC ms) on; none if the exchange has no daily candles."""
        return self._candles("1d", since) if "1d" in (self.source.timeframes or {}) else np.empty((0, 6))

    def _candles(self, timeframe: str, since: int) -> Rows:
        def request() -> Rows:
            try:
                rows = _rows(self.source.fetch_ohlcv(self.market, timeframe, since, self.page))
            except (TypeError, ValueError, LookupError, AttributeError) as error:
                # ccxt itself stumbles over answers that are cut off.
                raise BadAnswerError(f"the answer holds no candles ({type(error).__name__}: {error})") from error
            return rows[rows[:, TIMESTAMP] >= since]

        found: Rows = self._ask(request, f"{timeframe} candles from {utc_text(since)} on")
        return found

    def _ask(self, request: Any, what: str) -> Any:
        return self.retry.call(request, self.source, f"{self.exchange} {self.symbol}, {what}")


def known_exchanges() -> Set[str]:
    """Return the names that `connect` takes: Jesse's, and ccxt's.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.

    Examples
    --------
    >>> names = known_exchanges()  # doctest: +SKIP
    >>> "Binance Spot" in names, "kraken" in names  # doctest: +SKIP
    (True, True)
    """
    return {*EXCHANGES, *_ccxt().exchanges}


def connect(exchange: str, symbol: str, base: Base = MINUTE_BASE) -> ExchangeMarket:
    """Find a market on an exchange.

    Parameters
    ----------
    exchange : str
        Jesse's name, or ccxt's.
    symbol : str
        With a dash: ``"BTC-USDT"``.
    base : Base
        What candles will be asked for.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.
    CandlesNotFoundError
        If there is no such exchange, or it has no such market, or no such candles.
    ExchangeError
        If it cannot be reached.
    """
    ccxt = _ccxt()
    name, kind = EXCHANGES.get(exchange, (exchange, "spot"))
    if name not in ccxt.exchanges:
        raise CandlesNotFoundError(f"unknown exchange {exchange!r}; {_hint(exchange, ccxt.exchanges)}")
    source = getattr(ccxt, name)({"enableRateLimit": True, "options": {"defaultType": kind}})
    asset, _, quote = symbol.partition("-")
    name = f"{asset}/{quote}:{quote}" if kind == "swap" else f"{asset}/{quote}"
    market = ExchangeMarket(source, exchange, symbol, name, base=base)
    _check_served(market)
    return market


def _ccxt() -> Any:
    try:
        import ccxt
    except ImportError as error:
        raise MissingExtraError.of("ccxt", extra="ccxt") from error
    return ccxt


def _check_served(market: ExchangeMarket) -> None:
    """Load the markets of the exchange, and refuse one that it does not have."""
    exchange, source = market.exchange, market.source
    known = market.retry.call(source.load_markets, source, f"{exchange}, its markets")
    if market.market not in known:
        near = difflib.get_close_matches(market.market, list(known), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else " Symbols have a dash: BTC-USDT."
        raise CandlesNotFoundError(f"{exchange} has no market {market.market} for {market.symbol!r}.{hint}")
    if _TIMEFRAMES.get(market.base.timeframe) not in (source.timeframes or {}):
        raise CandlesNotFoundError(f"{exchange} serves no {market.base}; import a file of them.")


def _hint(exchange: str, of_ccxt: Sequence[str]) -> str:
    near = difflib.get_close_matches(exchange, [*EXCHANGES, *of_ccxt], n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(EXCHANGES)}, and those of ccxt."


def _rows(answer: Any) -> Rows:
    """Return the candles of an answer in the order of time, each time once."""
    # Some exchanges have no volumes; ccxt then gives None, and candles have 0.
    rows = np.array([[*row[:5], row[5] or 0] for row in answer], dtype=np.float64).reshape(-1, 6)[:, _TO_OURS]
    if not np.isfinite(rows).all():
        raise ValueError("times or prices are missing")
    rows = rows[np.argsort(rows[:, TIMESTAMP], kind="stable")]
    return each_once(rows, lambda time, values: BadAnswerError(f"two candles of {time} differ {values}"))
