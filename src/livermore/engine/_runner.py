"""Runs one route: its strategy's bars, and the events of its fills."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from livermore.candles import Rows
from livermore.engine._kernels.book import OrderBook
from livermore.engine._kernels.desk import OrderDesk
from livermore.engine._kernels.exchange import Broker, Exchange
from livermore.engine._kernels.idle import run_idle_bars
from livermore.engine._kernels.market import Frame, Market, SessionClock
from livermore.engine._kernels.position import Position
from livermore.engine._routes import RouteSpec
from livermore.engine.accounts import Account
from livermore.errors import ConflictingRulesError, StrategyError
from livermore.strategies import Strategy
from livermore.trading import ClosedTrade, Order, PositionType

if TYPE_CHECKING:
    from livermore.engine._session import Session

__all__ = ["RouteRunner"]


class RouteRunner:
    """One route of a session. What it shows to its strategy is `livermore.strategies._ports.RoutePort`.

    Attributes
    ----------
    strategy : Strategy
        The instance; set by `attach`.
    idle_hooks : tuple of (callable or None)
        The strategy's before, should_short, should_long, after and update_chart; None for those it leaves as they are.
    observers : list of callable
        Are shown the newest candle at the beginning of each bar.
    position, book, broker : Position, OrderBook, Broker
        Of its symbol.
    """

    def __init__(self, spec: RouteSpec, index: int, *, book: OrderBook, run: "Session") -> None:
        self.spec = spec
        self.index = index
        self.run = run
        self.book = book
        self.market: Market = run.markets[spec.symbol]
        self.account: Account = run.account
        self.clock: SessionClock = run.clock
        self.candles: Frame = self.market.frame(spec.timeframe)
        self.position = Position(self.market, self.account)
        self.broker = Broker(
            market=self.market,
            position=self.position,
            book=book,
            account=self.account,
            clock=run.clock,
            queue=run.exchange.queue,
        )
        self.others: Sequence[RouteRunner] = ()
        self.strategy: Strategy
        self._exchange: Exchange = run.exchange
        self._desk: OrderDesk
        self._trade: ClosedTrade | None = None
        self.observers: list[Callable[[Rows], None]] = []
        self._in_bar = False

    def attach(self, strategy: Strategy, name: str) -> None:
        """Give the route its strategy, and the strategy its place."""
        spec = self.spec
        self.strategy = strategy
        strategy.name = name
        strategy.symbol, strategy.exchange, strategy.timeframe = spec.symbol, spec.exchange, spec.timeframe
        strategy.position = self.position
        strategy.broker = self.broker
        strategy._route = self
        self.position.strategy = strategy
        self._before = _overridden(strategy, "before")
        self._after = _overridden(strategy, "after")
        self._update_chart = _overridden(strategy, "update_chart")
        self._update_position = _overridden(strategy, "update_position")
        self._should_short = _overridden(strategy, "should_short")
        self._should_long: Callable[[], bool] = strategy.should_long
        self.idle_hooks = self._before, self._should_short, self._should_long, self._after, self._update_chart
        self._desk = OrderDesk(
            strategy,
            position=self.position,
            book=self.book,
            broker=self.broker,
            spot=self.account.kind == "spot",
        )

    # --- Bars ---------------------------------------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Whether nothing can happen before its next bar: flat, and no order waits."""
        return self.position.qty == 0 and not self.book.cycle

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

    def run_bar(self) -> None:
        """Run one bar of the strategy."""
        self._in_bar = True
        strategy, position = self.strategy, self.position
        if self.observers:
            self.show_candle()
        if self._before is not None:
            self._before()
        if position.qty == 0:
            if self.book.cycle and strategy.should_cancel_entry():
                self._cancel_orders()
        else:
            self._manage()
        if self._exchange.queue:
            self._exchange.drain_queue()
        if position.qty == 0 and not self.book.cycle:
            self._decide()
        if self._after is not None:
            self._after()
        if self._update_chart is not None:
            self._update_chart()
        strategy.index += 1
        self._in_bar = False

    def _manage(self) -> None:
        if self._update_position is not None:
            self._update_position()
        if self.strategy._changed:
            self._desk.check_changes()

    def _decide(self) -> None:
        if self.strategy._changed:
            self.forget_intents()
        short = False if self._should_short is None else self._should_short()
        long = self._should_long()
        if short or long:
            self.enter(bool(long), bool(short))

    def forget_intents(self) -> None:
        """Drop what the strategy asked for outside of its entry hooks."""
        self._desk.forget()

    def enter(self, long: bool, short: bool) -> None:
        """Submit what `go_long` or `go_short` sets, unless a filter objects."""
        strategy = self.strategy
        name = type(strategy).__name__
        if short and self.account.kind == "spot":
            raise StrategyError(f"{name}: should_short is true, but a spot account cannot sell what it does not have")
        if long and short:
            raise ConflictingRulesError(f"{name}: should_long and should_short are both true on one bar")
        self._desk.forget()
        variable = "buy" if long else "sell"
        (strategy.go_long if long else strategy.go_short)()
        rows = self._desk.check_entry(variable)
        if self._filters_pass():
            self._desk.submit_entry(variable, rows)
        else:
            self._desk.forget()

    def _filters_pass(self) -> bool:
        for passes in self.strategy.filters():
            try:
                passed = passes()
            except TypeError as error:
                raise StrategyError(
                    f"{type(self.strategy).__name__}: filters() must return methods, not what they return: "
                    "write [self.my_filter], not [self.my_filter()]"
                ) from error
            if not passed:
                return False
        return True

    # --- Events of fills ----------------------------------------------------------------------------------------

    def on_fill(self, order: Order, before: float) -> None:
        """Tell the strategies what an order that was just filled has done to the position.

        Parameters
        ----------
        order : Order
            The filled one.
        before : float
            The position's quantity before.
        """
        after = self.position.qty
        forget = not self._in_bar
        if forget:
            self.strategy._cache.clear()
        if before == 0 or (after != 0 and (before > 0) != (after > 0)):
            self._on_open(order)
        elif after == 0:
            self._on_close(order)
        elif abs(after) > abs(before):
            self.strategy.increased_count += 1
            self._tell_others("on_route_increased_position")
            self.strategy.on_increased_position(order)
        else:
            self.strategy.reduced_count += 1
            self._tell_others("on_route_reduced_position")
            self.strategy.on_reduced_position(order)
        self._desk.check_changes()
        if forget:
            self.strategy._cache.clear()

    def _on_open(self, order: Order) -> None:
        self.strategy.increased_count = 1
        self._tell_others("on_route_open_position")
        self._desk.submit_stored_exits()
        self.strategy.on_open_position(order)

    def _on_close(self, order: Order) -> None:
        strategy = self.strategy
        strategy.last_trade_index = strategy.index
        trade = self._exchange.trades[-1]
        self._tell_others("on_route_close_position")
        self._cancel_orders()
        strategy.on_close_position(order, trade)

    def _cancel_orders(self) -> None:
        self._desk.cancel_all()
        self._tell_others("on_route_canceled")
        self.strategy.on_cancel()

    def _tell_others(self, hook: str) -> None:
        for other in self.others:
            if not other._in_bar:
                other.strategy._cache.clear()
            getattr(other.strategy, hook)(self.strategy)
            other._desk.check_changes()
            if not other._in_bar:
                other.strategy._cache.clear()

    # --- Trades -------------------------------------------------------------------------------------------------

    def current_trade(self) -> ClosedTrade:
        """Return the running trade, a new one if there is none."""
        if self._trade is None:
            self._trade = ClosedTrade(
                strategy_name=type(self.strategy).__name__,
                exchange=self.spec.exchange,
                symbol=self.spec.symbol,
                timeframe=self.spec.timeframe,
                leverage=self.account.leverage,
            )
        return self._trade

    def mark_opened(self, time: float) -> None:
        """Note that the running trade has opened a position."""
        trade = self.current_trade()
        trade.type = PositionType.LONG if self.position.qty > 0 else PositionType.SHORT
        trade.opened_at = time

    def mark_closed(self, time: float) -> ClosedTrade:
        """Note that the running trade has closed its position, and hand it over."""
        trade, self._trade = self.current_trade(), None
        trade.closed_at = time
        self.strategy.trades_count += 1
        if self.strategy._open_observations:
            self.strategy._open_observations.take_trade(trade)
        return trade

    # --- The end ------------------------------------------------------------------------------------------------

    def terminate(self) -> float | None:
        """End the route: last hooks, last close. Return the open profit that this closed, None if it was flat."""
        strategy, position = self.strategy, self.position
        strategy.before_terminate()
        self._desk.check_changes()
        self._exchange.drain_queue()
        if position.qty != 0:
            return self._close_at_end()
        if self.book.cycle:
            self._cancel_orders()
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
        self._exchange.execute(order)
        self._exchange.drain_queue()
        return open_profit

    def observe(self, observer: Callable[[Rows], None]) -> None:
        """Call `observer` with the newest candle at the beginning of each bar."""
        self.observers.append(observer)

    def show_candle(self) -> None:
        """Show the newest candle to those that observe it."""
        candle = self.candles.view()[-1]
        for observer in self.observers:
            observer(candle)


def _overridden(strategy: Strategy, hook: str) -> Callable[[], Any] | None:
    """Return the strategy's own hook; None if it has none, so that it need not be called."""
    method = getattr(strategy, hook)
    return None if getattr(method, "__func__", None) is getattr(Strategy, hook) else method
