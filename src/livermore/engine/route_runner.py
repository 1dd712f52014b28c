"""Runs one route: its strategy's idle bars in one go, and its end."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from livermore.engine.exchange import TradedRoute
from livermore.engine.idle_bars import run_idle_bars
from livermore.engine.order_book import OrderBook
from livermore.engine.routes import RouteSpec
from livermore.strategies import Strategy, state_of
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.engine.session import Session

__all__ = ["RouteRunner"]


class RouteRunner(TradedRoute):
    """One route of a session. What it shows to its strategy is `livermore.strategies._protocols.RouteProtocol`."""

    def __init__(self, spec: RouteSpec, index: int, *, book: OrderBook, run: "Session") -> None:
        super().__init__(spec, market=run.markets[spec.symbol], book=book, account=run.account, exchange=run.exchange)
        self.index = index
        self.run = run
        self.clock = run.clock

    def attach(self, strategy: Strategy, name: str) -> None:
        """Give the route its strategy, and the strategy its place."""
        spec = self.spec
        strategy.name = name
        strategy.symbol, strategy.exchange, strategy.timeframe = spec.symbol, spec.exchange, spec.timeframe
        strategy.position = self.position
        strategy.broker = self.broker
        state_of(strategy).bind_market(self.market, self.candles, self.clock)
        self.take(strategy)

    def run_idle_bars(self, events: Sequence[int]) -> int:
        """Run bars while the route is idle; return how many were run.

        Parameters
        ----------
        events : sequence of int
            The minutes at which bars complete.
        """
        strategy = self.strategy
        first = strategy.index
        run_idle_bars(self, events, self.clock, strategy)
        return strategy.index - first

    def observe(self, observer: Callable[[Rows], None]) -> None:
        """Call `observer` with the newest candle at the beginning of each bar."""
        self.observers.append(observer)

    def terminate(self) -> float | None:
        """End the route: last hooks, last close. Return the open profit that this closed, None if it was flat."""
        strategy, position = self.strategy, self.position
        strategy.before_terminate()
        self.check_changes()
        self.run.exchange.drain_queue()
        if position.qty != 0:
            return self._close_at_end()
        if self.book.cycle:
            self.cancel_orders()
        strategy.terminate()
        return None

    def _close_at_end(self) -> float:
        open_profit = self.position.pnl
        if not self.account.open_orders_may_rest():
            self.broker.cancel_all()
        order = self.broker.close_at(self.market.last_price)
        order.created_at = self.clock.now
        self.book.add(order)
        self.strategy.terminate()
        self.run.exchange.execute(order)
        self.run.exchange.drain_queue()
        return open_profit
