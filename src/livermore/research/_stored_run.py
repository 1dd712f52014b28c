"""A backtest described in a few words, over candles of the project's store: what the command line runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from livermore.candles import CandleStore, bucket_start, project_store, timeframe_ms
from livermore.candles import utc_text as utc
from livermore.errors import CandlesNotFoundError, ConfigError, DateRangeError
from livermore.jesse.helpers import date_to_timestamp, key
from livermore.research._settings import ProjectSettings

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
        Timeframe of the route.
    start, finish : str, optional
        Days, YYYY-MM-DD, UTC; `finish` is excluded. By default all that is stored, after the warm-up.
    warm_up_candles : int
        How many bars indicators have before the first bar of the backtest.
    starting_balance : float
        Of the account, in its currency.
    fee : float
        Of each fill, as a fraction.
    market : {"futures", "spot"}
        Kind of account.
    leverage : int
        Of futures.
    config : mapping
        Further keys of `backtest`'s config, such as ``futures_leverage_mode``.

    Examples
    --------
    >>> StoredRun("TrendFilter", symbol="BTC-USDT", timeframe="4h", start="2024-01-01").fee
    0.0006
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
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_project(
        cls, root: Path | str = ".", *, period: Literal["training", "test"] = "test", **given: Any
    ) -> "StoredRun":
        """Describe the backtest that the scripts of a project run, with changes.

        Parameters
        ----------
        root : path-like
            The project folder. What its ``settings.py`` does not say has the default of this class.
        period : {"training", "test"}
            Which days of ``settings.py`` are used.
        **given
            Fields that replace those of the project; None leaves the project's.

        Raises
        ------
        ConfigError
            If no strategy is named, neither here nor in ``settings.py``.
        """
        settings = ProjectSettings.read(root)
        days = getattr(settings, period) or (None, None)
        config = dict(settings.config)
        warm_up = config.pop("warm_up_candles", None)
        said = {
            "strategy": settings.strategy,
            "exchange": settings.exchange,
            "symbol": settings.symbol,
            "timeframe": settings.timeframe,
            "start": days[0],
            "finish": days[1],
            "warm_up_candles": warm_up if settings.warm_up_candles is None else settings.warm_up_candles,
            "starting_balance": config.pop("starting_balance", None),
            "fee": config.pop("fee", None),
            "market": config.pop("type", None),
            "leverage": config.pop("futures_leverage", None),
            "config": config,
        }
        said |= {name: value for name, value in given.items() if value is not None}
        known = {name: value for name, value in said.items() if value is not None}
        if "strategy" not in known:
            raise ConfigError("name a strategy, or set STRATEGY in settings.py")
        return cls(**known)

    def arguments(self, root: Path | str = ".") -> dict[str, Any]:
        """Return what `backtest` takes: config, routes, data_routes, candles, warmup_candles.

        Raises
        ------
        CandlesNotFoundError, ConfigError, DateRangeError
            If the store does not hold the candles, or holds several symbols and none is named.
        """
        store = project_store(root)
        exchange, symbol = self._series(store, root)
        start, finish = self._days(store, exchange, symbol)
        name = key(exchange, symbol)

        def named(begin: int, end: int) -> dict[str, Any]:
            rows = store.read(exchange, symbol, begin, end)
            return {name: {"exchange": exchange, "symbol": symbol, "candles": rows}}

        before = bucket_start(start - self._warm_up_ms, self.timeframe)
        return {
            "config": self.config_on(exchange),
            "routes": [
                {"exchange": exchange, "symbol": symbol, "timeframe": self.timeframe, "strategy": self.strategy}
            ],
            "data_routes": [],
            "candles": named(start, finish),
            "warmup_candles": named(before, start) if self.warm_up_candles else None,
        }

    @property
    def _warm_up_ms(self) -> int:
        return self.warm_up_candles * timeframe_ms(self.timeframe)

    def _days(self, store: CandleStore, exchange: str, symbol: str) -> tuple[int, int]:
        """Return start and finish in UTC ms, after checking that candles and their warm-up are stored."""
        if self.warm_up_candles < 0:
            raise ConfigError(f"warm_up_candles must be 0 or more; it is {self.warm_up_candles}")
        first, last = store.interval(exchange, symbol)
        earliest = first + self._warm_up_ms
        start = date_to_timestamp(self.start) if self.start else -(-earliest // DAY_MS) * DAY_MS
        finish = date_to_timestamp(self.finish) if self.finish else last
        stored = f"{exchange} {symbol} is stored from {utc(first)} to {utc(last)}"
        if self.start is None and start >= finish:
            raise DateRangeError(
                f"{stored}; with {self.warm_up_candles} bars of warm-up nothing is left until {utc(finish)}"
            )
        if start >= finish:
            raise DateRangeError(f"the start, {utc(start)}, must be before the finish, {utc(finish)}")
        if finish > last:
            raise DateRangeError(f"{stored}, and the finish, {utc(finish)}, is later. Choose an earlier day")
        if start < earliest:
            raise DateRangeError(
                f"{stored}: there are no {self.warm_up_candles} bars of {self.timeframe} before {utc(start)}. Start on "
                f"{utc(earliest)} or later, or ask for fewer warm-up candles"
            )
        return start, finish

    def config_on(self, exchange: str) -> dict[str, Any]:
        """Return the config of a backtest on an exchange."""
        return {
            "futures_leverage_mode": "cross",
            **self.config,
            "starting_balance": self.starting_balance,
            "fee": self.fee,
            "type": self.market,
            "futures_leverage": self.leverage,
            "exchange": exchange,
            "warm_up_candles": self.warm_up_candles,
        }

    def _series(self, store: CandleStore, root: Path | str) -> tuple[str, str]:
        """Find the stored series that is meant."""
        stored = store.symbols()
        if not stored:
            raise CandlesNotFoundError(
                f"there are no candles in {Path(root).resolve() / 'storage' / 'candles'}. Import some with: "
                "livermore import-candles FILE --exchange NAME --symbol BTC-USDT"
            )
        fitting = [
            (exchange, symbol)
            for exchange, symbol in stored
            if self.exchange in (None, exchange) and self.symbol in (None, symbol)
        ]
        listed = ", ".join(f"{exchange} {symbol}" for exchange, symbol in stored)
        if not fitting:
            wanted = " ".join(name for name in (self.exchange, self.symbol) if name)
            raise CandlesNotFoundError(f"there are no candles of {wanted}; stored are: {listed}")
        if len(fitting) > 1:
            raise ConfigError(f"name one of the stored series with --exchange and --symbol: {listed}")
        return fitting[0]
