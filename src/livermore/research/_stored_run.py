"""A backtest described in a few words, over candles of the project's store: what the command line runs."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from livermore.candles import bucket_start, timeframe_ms
from livermore.candles._history import project_store
from livermore.dates import day
from livermore.errors import CandlesNotFoundError, ConfigError, DateRangeError
from livermore.jesse.helpers import date_to_timestamp, key

__all__ = ["StoredRun"]

DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class StoredRun:
    """One strategy on one symbol of the store.

    Parameters
    ----------
    strategy : str
        Name of a strategy in ``strategies/``.
    exchange, symbol : str, optional
        By default the only ones in the store.
    timeframe : str
        Of the route.
    start, finish : str, optional
        Days, YYYY-MM-DD, UTC; `finish` is excluded. By default all of the store, apart from the warm-up.
    warm_up_candles : int
        How many bars indicators have before the first.
    starting_balance, fee : float
        Of the account; the fee is a fraction.
    market : {"futures", "spot"}
        Kind of account.
    leverage : int
        Of futures.
    """

    strategy: str
    exchange: str | None = None
    symbol: str | None = None
    timeframe: str = "15m"
    start: str | None = None
    finish: str | None = None
    warm_up_candles: int = 210
    starting_balance: float = 10_000.0
    fee: float = 0.0006
    market: str = "futures"
    leverage: int = 1

    def arguments(self, root: Path | str = ".") -> dict[str, Any]:
        """Return what `backtest` takes: config, routes, data_routes, candles, warmup_candles.

        Raises
        ------
        CandlesNotFoundError, ConfigError, DateRangeError
            If the store does not hold the candles, or holds several symbols and none is named.
        """
        exchange, symbol = self._series(root)
        store = project_store(root)
        first, last = store.interval(exchange, symbol)
        warm_up_ms = self.warm_up_candles * timeframe_ms(self.timeframe)
        start = date_to_timestamp(self.start) if self.start else -(-(first + warm_up_ms) // DAY_MS) * DAY_MS
        finish = date_to_timestamp(self.finish) if self.finish else last
        if start >= finish:
            message = (
                f"{exchange} {symbol} is stored from {day(first / 1000)} to {day(last / 1000)}; with "
                f"{self.warm_up_candles} bars of warm-up nothing is left from {day(start / 1000)} to "
                f"{day(finish / 1000)}. Choose other days"
            )
            raise DateRangeError(message)
        before = bucket_start(start - warm_up_ms, self.timeframe)
        name = key(exchange, symbol)

        def named(begin: int, end: int) -> dict[str, Any]:
            rows = store.read(exchange, symbol, begin, end)
            return {name: {"exchange": exchange, "symbol": symbol, "candles": rows}}

        return {
            "config": self._config(exchange),
            "routes": [
                {"exchange": exchange, "symbol": symbol, "timeframe": self.timeframe, "strategy": self.strategy}
            ],
            "data_routes": [],
            "candles": named(start, finish),
            "warmup_candles": named(before, start) if self.warm_up_candles else None,
        }

    def _config(self, exchange: str) -> dict[str, Any]:
        return {
            "starting_balance": self.starting_balance,
            "fee": self.fee,
            "type": self.market,
            "futures_leverage": self.leverage,
            "futures_leverage_mode": "cross",
            "exchange": exchange,
            "warm_up_candles": self.warm_up_candles,
        }

    def _series(self, root: Path | str) -> tuple[str, str]:
        """Find the stored series that is meant."""
        stored = project_store(root).symbols()
        if not stored:
            message = (
                f"there are no candles in {Path(root).resolve() / 'storage' / 'candles'}; bring some with: "
                "livermore import-candles FILE --exchange NAME --symbol BTC-USDT"
            )
            raise CandlesNotFoundError(message)
        fitting = [
            (exchange, symbol)
            for exchange, symbol in stored
            if self.exchange in (None, exchange) and self.symbol in (None, symbol)
        ]
        if len(fitting) != 1:
            listed = ", ".join(f"{exchange} {symbol}" for exchange, symbol in stored)
            raise ConfigError(f"name one of the stored series with --exchange and --symbol: {listed}")
        return fitting[0]
