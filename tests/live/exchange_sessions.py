"""What tests of sessions on an exchange have in common: made-up prices, a strategy by script, clients of ccxt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tests.live.loopback_client import connect

from livermore.engine import BacktestSpec
from livermore.live import Event, ExchangeAccount, ExchangeFeed, LiveSession
from livermore.strategies import Strategy
from livermore.testing import LoopbackExchange

#: 2024-01-01 00:00 UTC.
START = 1_704_067_200_000
SYMBOL = "BTC-USDT"
#: By ccxt's name: the exchange's name in routes, and the kind of account.
EXCHANGES = {"kraken": ("Kraken Pro Spot", "spot"), "binanceusdm": ("Binance Perpetual Futures", "futures")}
#: What must be neither written nor shown.
KEYS = {"apiKey": "key-of-the-test", "secret": "c2VjcmV0LW9mLXRoZS10ZXN0"}


def candles(*closes: float, spread: float = 0.0) -> np.ndarray:
    """Minutes that end at these prices; each opens at the end of the one before."""
    close = np.array(closes, dtype=float)
    opening = np.r_[close[0], close[:-1]]
    times = START + 60_000.0 * np.arange(len(close))
    high, low = np.maximum(opening, close) + spread, np.minimum(opening, close) - spread
    return np.column_stack([times, opening, close, high, low, np.full(len(close), 10.0)])


class Scripted(Strategy):
    """Does what a script says on each bar, and notes its hooks in ``seen``."""

    #: Bar to what is called with the strategy on it.
    script: dict[int, Callable[["Scripted"], None]]
    #: What `on_open_position` sets.
    stop: float | None = None
    target: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Any, ...]] = []
        self._wish: tuple[float, float] | None = None

    def wish(self, qty: float, price: float) -> None:
        """Enter on this bar."""
        self._wish = qty, price

    def before(self) -> None:
        self._wish = None
        if self.index in self.script:
            self.script[self.index](self)

    def should_long(self) -> bool:
        return self._wish is not None

    def go_long(self) -> None:
        assert self._wish is not None
        self.buy = self._wish

    def should_cancel_entry(self) -> bool:
        return False

    def update_position(self) -> None:
        pass

    def _set_exits(self) -> None:
        if self.stop is not None:
            self.stop_loss = self.position.qty, self.stop
        if self.target is not None:
            self.take_profit = self.position.qty, self.target

    def on_open_position(self, order: Any) -> None:
        self.seen.append(("opened", self.position.qty, self.position.entry_price))
        self._set_exits()

    def on_increased_position(self, order: Any) -> None:
        self.seen.append(("increased", self.position.qty))
        self._set_exits()

    def on_reduced_position(self, order: Any) -> None:
        self.seen.append(("reduced", self.position.qty))

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        self.seen.append(("closed", closed_trade.exit_price))

    def on_cancel(self) -> None:
        self.seen.append(("cancel",))


def scripted(
    script: dict[int, Callable[[Scripted], None]], stop: float | None = None, target: float | None = None
) -> type[Scripted]:
    """Return a strategy with a script."""
    return type("Scripted", (Scripted,), {"script": script, "stop": stop, "target": target})


@dataclass
class Trial:
    """A strategy, the loopback exchange that it trades on, and a folder: sessions are opened and opened again."""

    exchange: LoopbackExchange
    folder: Path
    strategy: type[Strategy]
    options: dict[str, Any] = field(default_factory=dict)
    symbols: tuple[str, ...] = (SYMBOL,)
    ml_mode: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def spec(self) -> BacktestSpec:
        """Of the session."""
        name, kind = EXCHANGES[self.exchange.name]
        config = {
            "exchange": name, "type": kind, "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0,
            "futures_leverage": 2, "futures_leverage_mode": "cross",
        }  # fmt: skip
        market = {"exchange": name, "timeframe": "1m", "strategy": self.strategy}
        routes = [{**market, "symbol": symbol} for symbol in self.symbols]
        return BacktestSpec(config | self.config, routes, ml_mode=self.ml_mode)

    def open(
        self, *, paper: bool = False, name: str | None = None, account: dict[str, Any] | None = None, **options: Any
    ) -> LiveSession:
        """Return a session; in the same folder it goes on."""
        given = {"poll_ms": 5_000, **self.options, **(account or {})}
        # A name of its own: tests that run at the same time share the locks.
        named = ExchangeAccount(connect(self.exchange, **KEYS), name or self.folder.parent.name, **given)
        feed = ExchangeFeed(self.exchange.client(), self.symbols, clock=self.exchange.clock)
        return LiveSession(
            self.spec,
            feed,
            self.folder,
            start=START,
            account=None if paper else named,
            on_event=self.events.append,
            **options,
        )

    def run(self, minutes: int, **options: Any) -> LiveSession:
        """Open the session, run it until a minute, close it, and return it."""
        with self.open(**options) as session:
            session.run(until=START + 60_000 * minutes)
        return session

    def kinds(self, *kinds: str) -> Sequence[Event]:
        """Return the events of some kinds."""
        return [event for event in self.events if event.kind in kinds]


def seen(session: LiveSession) -> list[tuple[Any, ...]]:
    """Return the hooks that ran."""
    found: list[tuple[Any, ...]] = session.session.runners[0].strategy.seen  # type: ignore[attr-defined]
    return found
