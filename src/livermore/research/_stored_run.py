"""A backtest described in a few words, over candles of the project's store: what the command line runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from livermore.candles import Base, CandleStore, StoredMarket, project_store, timeframe_ms
from livermore.candles import utc_text as utc
from livermore.candles._columns import DAY_MS
from livermore.errors import CandlesNotFoundError, ConfigError, DateRangeError
from livermore.jesse.helpers import date_to_timestamp, key
from livermore.research._settings import ProjectSettings
from livermore.typing import Rows

__all__ = ["StoredRun"]


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
    base : str
        Timeframe of the stored candles.
    calendar : str or mapping, optional
        Sessions that candles and bars align to, as in `backtest`'s config.
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
    base: str = "1m"
    calendar: str | Mapping[str, Any] | None = None
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
            "base": config.pop("base", None),
            "calendar": config.pop("calendar", None),
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
        base = Base(self.base, self.calendar)
        base.bars(self.timeframe)  # one that cannot be made of the base is an error before anything is read
        store = project_store(root, base)
        exchange, symbol = self._series(store)
        market = StoredMarket(store, exchange, symbol)
        start, finish = self._days(market)

        def named(rows: Rows | None) -> dict[str, Any] | None:
            return rows if rows is None else {key(exchange, symbol): {**place, "candles": rows}}

        place = {"exchange": exchange, "symbol": symbol}
        return {
            "config": self.config_on(exchange),
            "routes": [
                {"exchange": exchange, "symbol": symbol, "timeframe": self.timeframe, "strategy": self.strategy}
            ],
            "data_routes": [],
            "candles": named(market.read(start, finish)),
            "warmup_candles": named(market.warmup_minutes(start, self.timeframe, self.warm_up_candles)),
        }

    @property
    def _warm_up_ms(self) -> int:
        return self.warm_up_candles * timeframe_ms(self.timeframe)

    def _days(self, market: StoredMarket) -> tuple[int, int]:
        """Return start and finish in UTC ms, after checking that candles and their warm-up are stored."""
        if self.warm_up_candles < 0:
            raise ConfigError(f"warm_up_candles must be 0 or more; it is {self.warm_up_candles}")
        first, last = market.begin, market.end
        # Where trading pauses, so many bars take longer than their length suggests.
        earliest = int(min(last, max(first + self._warm_up_ms, market.warmed_up(self.timeframe, self.warm_up_candles))))
        start = date_to_timestamp(self.start) if self.start else -(-earliest // DAY_MS) * DAY_MS
        finish = date_to_timestamp(self.finish) if self.finish else last
        stored = f"{market.exchange} {market.symbol} is stored from {utc(first)} to {utc(last)}"
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
            "base": self.base,
            "calendar": self.calendar,
        }

    def _series(self, store: CandleStore) -> tuple[str, str]:
        """Find the stored series that is meant."""
        stored = store.symbols()
        if not stored:
            raise CandlesNotFoundError(
                f"there are no {store.base} in {store.root.resolve()}. Import some with: "
                "livermore candles import FILE --exchange NAME --symbol BTC-USDT"
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
