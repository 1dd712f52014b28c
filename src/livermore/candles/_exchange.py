"""One-minute candles from exchanges, through ccxt (the extra ``ccxt``)."""

import difflib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from livermore.candles._columns import MINUTE_MS
from livermore.errors import CandlesNotFoundError, DateRangeError, MissingExtraError
from livermore.typing import Rows

__all__ = ["download_minutes"]

# Jesse's names: the exchange in ccxt, and the kind of market.
_EXCHANGES = {
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
_TIMEFRAME = "1m"
_ROWS_A_REQUEST = 1000
# ccxt gives open, high, low, close; ours is open, close, high, low.
_TO_OURS = [0, 1, 4, 2, 3, 5]


def download_minutes(exchange: str, symbol: str, start_date: str, *, show_progressbar: bool) -> Iterator[Rows]:
    """Yield one-minute candles from the day `start_date` (UTC) to the last full minute, some hundred at a time."""
    source, market = _connect(exchange, symbol)
    since = _start_ms(start_date)
    begin, end = since, int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    while since < end:
        rows = [row for row in source.fetch_ohlcv(market, _TIMEFRAME, since, _ROWS_A_REQUEST) if since <= row[0] < end]
        if rows:
            yield np.array(rows, dtype=np.float64)[:, _TO_OURS]
            since = int(rows[-1][0]) + MINUTE_MS
        else:
            # Nothing was traded, or the market was not listed yet: continue a day later.
            since += 1440 * MINUTE_MS
        if show_progressbar:
            print(f"\r{symbol}: {min(1.0, (since - begin) / (end - begin)):.0%}", end="", flush=True)
    if show_progressbar:
        print()


def _connect(exchange: str, symbol: str) -> tuple[Any, str]:
    try:
        import ccxt
    except ImportError as error:
        raise MissingExtraError.of("ccxt", extra="ccxt") from error

    name, kind = _EXCHANGES.get(exchange, (exchange, "spot"))
    if name not in ccxt.exchanges:
        known = [*_EXCHANGES, *ccxt.exchanges]
        near = difflib.get_close_matches(exchange, known, n=3)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(_EXCHANGES)}, and those of ccxt."
        )
        raise CandlesNotFoundError(f"unknown exchange {exchange!r}; {hint}")
    source = getattr(ccxt, name)({"enableRateLimit": True, "options": {"defaultType": kind}})
    base, _, quote = symbol.partition("-")
    market = f"{base}/{quote}:{quote}" if kind == "swap" else f"{base}/{quote}"
    markets = source.load_markets()
    if market not in markets:
        near = difflib.get_close_matches(market, list(markets), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else " Symbols have a dash: BTC-USDT."
        raise CandlesNotFoundError(f"{exchange} has no market {market} for {symbol!r}.{hint}")
    return source, market


def _start_ms(date: str) -> int:
    try:
        start = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise DateRangeError(f"the start {date!r} must be a day such as 2024-01-31.") from None
    return int(start.timestamp()) * 1000
