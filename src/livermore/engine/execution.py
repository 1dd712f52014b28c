"""How the orders of a session are executed: by the simulated exchange, or by one outside of the program."""

from collections.abc import Callable
from typing import Protocol

from livermore.engine.account import Account
from livermore.engine.config import BacktestConfig
from livermore.engine.exchange import Exchange
from livermore.engine.external_exchange import ExternalExchange, ExternalSpotAccount
from livermore.engine.futures_account import FuturesAccount
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position
from livermore.engine.spot_account import SpotAccount
from livermore.engine.trade_log import OrderLog
from livermore.market.clock import SessionClock
from livermore.market.market import Market

__all__ = ["Execution", "ExternalExecution", "SimulatedExecution"]


class Execution(Protocol):
    """Makes the account and the exchange of a session."""

    def account(
        self, config: BacktestConfig, currency: str, books: dict[str, OrderBook], positions: dict[str, Position]
    ) -> Account:
        """Return the account; arguments as for `Account`."""
        ...

    def exchange(
        self, clock: SessionClock, markets: dict[str, Market], account: Account, log: OrderLog | None
    ) -> Exchange:
        """Return the exchange; arguments as for `Exchange`."""
        ...


class SimulatedExecution:
    """Orders are matched with the candles: backtests, and sessions on paper."""

    def account(
        self, config: BacktestConfig, currency: str, books: dict[str, OrderBook], positions: dict[str, Position]
    ) -> Account:
        """Return the account of the config's kind."""
        kind = SpotAccount if config.type == "spot" else FuturesAccount
        return kind(config, currency, books, positions)

    def exchange(
        self, clock: SessionClock, markets: dict[str, Market], account: Account, log: OrderLog | None
    ) -> Exchange:
        """Return an `Exchange`."""
        return Exchange(clock, markets, account, log)


class ExternalExecution:
    """Orders wait in the books until the session is told what became of them.

    Parameters
    ----------
    on_queue : callable
        As for `ExternalExchange`.
    """

    def __init__(self, on_queue: Callable[[], None]) -> None:
        self._on_queue = on_queue

    def account(
        self, config: BacktestConfig, currency: str, books: dict[str, OrderBook], positions: dict[str, Position]
    ) -> Account:
        """Return the account of the config's kind; its fills have prices and fees of their own."""
        kind = ExternalSpotAccount if config.type == "spot" else FuturesAccount
        return kind(config, currency, books, positions)

    def exchange(
        self, clock: SessionClock, markets: dict[str, Market], account: Account, log: OrderLog | None
    ) -> Exchange:
        """Return an `ExternalExchange`."""
        return ExternalExchange(clock, markets, account, log, self._on_queue)
