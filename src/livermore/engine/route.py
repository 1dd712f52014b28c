# cython: annotation_typing=False, nonecheck=True
"""One route of a session: its bars, the order of a strategy's hooks, and the events of its fills."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cython

from livermore.engine.broker import Broker
from livermore.engine.order_book import OrderBook
from livermore.engine.order_variables import OrderSubmitter
from livermore.engine.position import Position
from livermore.engine.routes import RouteSpec
from livermore.errors import ConflictingRulesError, StrategyError, warn_uncompiled
from livermore.strategies import Strategy, state_of
from livermore.trading import PositionType
from livermore.trading.order import Order
from livermore.trading.trade import ClosedTrade
from livermore.typing import Floats, Rows

if TYPE_CHECKING:
    from livermore.engine.session import Session

if not cython.compiled:
    warn_uncompiled()

__all__ = ["TradedRoute"]

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
LONG = PositionType.LONG
SHORT = PositionType.SHORT


class TradedRoute:
    """One route of a session: what its strategy trades with, its bars, and the events of its fills.

    Parameters
    ----------
    spec : RouteSpec
        The route as it was given.
    index : int
        Its place among the routes.
    session : Session
        The session.
    book : OrderBook
        The orders of its symbol.

    Attributes
    ----------
    strategy : Strategy
        The instance, once `attach` was called.
    market, candles : Market, Frame
        Of its symbol, and of its timeframe.
    position, broker : Position, Broker
        Of its symbol.
    session : Session
        The session, with its `account` and `clock`.
    others : list of TradedRoute
        The other routes of the session.
    observers : list of callable
        Called with the newest candle at the beginning of each bar.
    entries_allowed : bool
        Whether the strategy is asked for entries; exits go on. A live session forbids them while its candles are old.
    on_error : callable or None
        Called with the route and the error when its strategy raises; the route is stopped then. None: the error ends
        the run. A live session goes on with its other routes.
    is_stopped : bool
        Whether its strategy has raised, and is asked for nothing any more. Its exits stay.
    in_hooks : bool
        Whether hooks of its strategy are running, or were when an error ended the run.
    """

    strategy: Strategy

    def __init__(self, spec: RouteSpec, index: int, session: "Session", book: OrderBook) -> None:
        self.spec = spec
        self.index = index
        self.session = session
        self.clock = session.clock
        self.account = session.account
        self.market = session.markets[spec.symbol]
        self.candles = self.market.frame(spec.timeframe)
        self.book = book
        self.position = Position(self.market, self.account)
        self._exchange = session.exchange
        self._queue = session.exchange.queue
        self.broker = Broker(
            market=self.market,
            position=self.position,
            book=book,
            account=self.account,
            clock=self.clock,
            queue=self._queue,
            log=session.trade_log,
        )
        self.others: list[TradedRoute] = []
        self.observers: list[Callable[[Rows], None]] = []
        self.entries_allowed = True
        self.on_error: Callable[[TradedRoute, Exception], None] | None = None
        self.is_stopped = False
        self.in_hooks = False
        self._in_bar = False
        self._trade: ClosedTrade | None = None
        self._minutes: Any = None
        self.update_minutes()

    def attach(self, strategy: Strategy) -> None:
        """Connect the route with its strategy."""
        spec = self.spec
        self.strategy = strategy
        strategy.name = type(strategy).__name__
        strategy.symbol, strategy.exchange, strategy.timeframe = spec.symbol, spec.exchange, spec.timeframe
        strategy.position = self.position
        strategy.broker = self.broker
        self.position.strategy = strategy
        self._state = state_of(strategy)
        self._state.bind_market(self.market, self.candles, self.clock)
        # A hook that the strategy does not override does nothing, so it is not called at all.
        self._before = _overridden(strategy, "before")
        self._after = _overridden(strategy, "after")
        self._update_chart = _overridden(strategy, "update_chart")
        self._update_position = _overridden(strategy, "update_position")
        self._should_short = _overridden(strategy, "should_short")
        self._should_long: Callable[[], bool] = strategy.should_long
        self._submitter = OrderSubmitter(
            strategy,
            position=self.position,
            book=self.book,
            broker=self.broker,
            spot=self.account.kind == "spot",
        )

    # --- Bars ---------------------------------------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Whether nothing can happen before its next bar: the position is flat, and no order waits."""
        return self.position.qty == 0 and not self.book.trade_orders

    def run_bar(self) -> None:
        """Run one bar of the strategy: all its hooks, in Jesse's order."""
        if self.is_stopped:
            return
        if self.on_error is None:
            self._run_bar()
            return
        try:
            self._run_bar()
        except Exception as error:
            self.stop(error)

    def _run_bar(self) -> None:
        strategy, position, book = self.strategy, self.position, self.book
        self._in_bar = self.in_hooks = True
        if self.observers:
            self._show_candle()
        if self._before is not None:
            self._before()
        if position.qty == 0:
            if book.trade_orders and strategy.should_cancel_entry():
                self.cancel_orders()
        else:
            if self._update_position is not None:
                self._update_position()
            self._submitter.check_changes()
        # Before the entry decision: a strategy that has just closed its position may enter again on the same bar.
        if self._queue:
            self._exchange.drain_queue()
        if position.qty == 0 and not book.trade_orders and self.entries_allowed:
            self._decide()
        if self._after is not None:
            self._after()
        if self._update_chart is not None:
            self._update_chart()
        strategy.index += 1
        self._in_bar = self.in_hooks = False

    def run_idle_bars(self, events: Sequence[int]) -> int:
        """Run bars until one of them leaves the route with orders or a position; return how many were run.

        Parameters
        ----------
        events : sequence of int
            The minutes at which bars complete. Nothing but hooks of this route happens between the first and the last.
        """
        clock, position, book = self.clock, self.position, self.book
        # Nearly always the bars are evenly spaced: then no Python number is made of each.
        first = step = 0
        if isinstance(events, range):
            first, step = events.start, events.step
        for bar in range(len(events)):
            clock.event = first + step * bar if step else events[bar]
            self.run_bar()
            if position.qty != 0 or book.trade_orders:
                return bar + 1
        return len(events)

    def _decide(self) -> None:
        """Ask the strategy for an entry; the route is idle."""
        if self._state.order_variables_changed:
            self._submitter.clear()
        short = False if self._should_short is None else self._should_short()
        long = self._should_long()
        if short or long:
            self._enter(bool(long), bool(short))

    def _enter(self, long: bool, short: bool) -> None:
        """Submit what `go_long` or `go_short` sets, unless a filter objects."""
        strategy = self.strategy
        if short and self.account.kind == "spot":
            raise StrategyError(
                f"{type(strategy).__name__}: should_short is true, but a spot account cannot sell what it does not have"
            )
        if long and short:
            raise ConflictingRulesError(
                f"{type(strategy).__name__}: should_long and should_short are both true on one bar"
            )
        self._submitter.clear()
        variable = "buy" if long else "sell"
        if long:
            strategy.go_long()
        else:
            strategy.go_short()
        rows = self._submitter.check_entry(variable)
        if self._filters_pass():
            self._submitter.submit_entry(variable, rows)
        else:
            self._submitter.clear()

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

    def _show_candle(self) -> None:
        """Call the observers with the newest candle."""
        view = self.candles.view()
        candle: Floats = view[len(view) - 1]
        for observer in self.observers:
            observer(candle)

    # --- Events of fills ----------------------------------------------------------------------------------------

    def on_fill(self, order: Order, before: float) -> None:
        """Call the hooks that a fill triggers.

        Parameters
        ----------
        order : Order
            What was filled.
        before : float
            The quantity of the position before the fill.
        """
        if self.is_stopped:
            if self.position.qty == 0:
                # What is left of its exits would open a position.
                self.broker.cancel_all()
            return
        if self.on_error is None:
            self._on_fill(order, before)
            return
        try:
            self._on_fill(order, before)
        except Exception as error:
            self.stop(error)

    def _on_fill(self, order: Order, before: float) -> None:
        strategy, after = self.strategy, self.position.qty
        self.in_hooks = True
        # Other routes hear of it before the strategy itself does, as in Jesse.
        if not self._in_bar:
            self._state.drop_cached()
        if before == 0 or (after != 0 and (before > 0) != (after > 0)):
            strategy.increased_count = 1
            self._tell_others("on_route_open_position")
            self._submitter.submit_stored_exits()
            strategy.on_open_position(order)
        elif after == 0:
            strategy.last_trade_index = strategy.index
            trades = self._exchange.trades
            trade = trades[len(trades) - 1]  # compiled without wraparound, [-1] would read before the list
            self._tell_others("on_route_close_position")
            self.cancel_orders()
            strategy.on_close_position(order, trade)
        elif abs(after) > abs(before):
            strategy.increased_count += 1
            self._tell_others("on_route_increased_position")
            strategy.on_increased_position(order)
        else:
            strategy.reduced_count += 1
            self._tell_others("on_route_reduced_position")
            strategy.on_reduced_position(order)
        self._submitter.check_changes()
        if not self._in_bar:
            self._state.drop_cached()
        self.in_hooks = self._in_bar

    def cancel_orders(self) -> None:
        """Cancel all orders of the symbol, and call the hooks of that."""
        if self.is_stopped:
            self.broker.cancel_all()
            return
        self._submitter.cancel_all()
        self._tell_others("on_route_canceled")
        self.strategy.on_cancel()

    def _tell_others(self, hook: str) -> None:
        """Call a hook of the strategies of all other routes."""
        for other in self.others:
            if other.is_stopped:
                continue
            if other.on_error is None:
                other._hear(hook, self.strategy)
                continue
            try:
                other._hear(hook, self.strategy)
            except Exception as error:
                other.stop(error)

    def _hear(self, hook: str, strategy: Strategy) -> None:
        """Call a hook of an event of another route."""
        if not self._in_bar:
            self._state.drop_cached()
        getattr(self.strategy, hook)(strategy)
        self._submitter.check_changes()
        if not self._in_bar:
            self._state.drop_cached()

    def stop(self, error: Exception) -> None:
        """Ask the strategy for nothing any more: its entries are cancelled, and its exits stay."""
        assert self.on_error is not None
        self.on_error(self, error)
        self.is_stopped = True
        self.in_hooks = self._in_bar = False
        held = self.position.qty
        for order in self.book.waiting():
            if held * order.qty >= 0:
                self.broker.cancel(order)

    # --- Trades -------------------------------------------------------------------------------------------------

    def trade(self) -> ClosedTrade:
        """Return the trade that is running; a new one if there is none."""
        trade = self._trade
        if trade is None:
            trade = self._trade = ClosedTrade(
                strategy_name=type(self.strategy).__name__,
                exchange=self.spec.exchange,
                symbol=self.spec.symbol,
                timeframe=self.spec.timeframe,
                leverage=self.account.leverage,
            )
        return trade

    def open_trade(self, time: float) -> None:
        """Note when the running trade has opened a position, and its direction."""
        trade = self.trade()
        trade.type = LONG if self.position.qty > 0 else SHORT
        trade.opened_at = time

    def close_trade(self, time: float) -> ClosedTrade:
        """Note when the running trade has closed its position, and return it."""
        trade = self.trade()
        self._trade = None
        trade.closed_at = time
        self.strategy.trades_count += 1
        if self._state.open_observations:
            self._state.open_observations.take_trade(trade)
        return trade

    # --- The session --------------------------------------------------------------------------------------------

    def update_minutes(self) -> None:
        """Read the minutes that the market has now; a session that is fed replaces them with each minute."""
        minutes = self.market.rows
        if minutes is not self._minutes:
            self._minutes = minutes
            # All that is traded.
            self.rows: Any = minutes.tail
            self.first_row = len(minutes.head)

    def terminate(self) -> float | None:
        """End the route: last hooks, last close.

        Returns
        -------
        float or None
            The open profit of the position that was closed, before fees; None if the route was flat.
        """
        strategy, position = self.strategy, self.position
        if self.is_stopped:
            return self._end_stopped()
        self.in_hooks = True
        strategy.before_terminate()
        self._submitter.check_changes()
        self._exchange.drain_queue()
        open_profit = position.pnl if position.qty != 0 else None
        if open_profit is not None:
            self._close_at_end()
        else:
            if self.book.trade_orders:
                self.cancel_orders()
            strategy.terminate()
        self.in_hooks = False
        return open_profit

    def _end_stopped(self) -> float | None:
        """End the route without a hook: its strategy has raised."""
        open_profit = self.position.pnl if self.position.qty != 0 else None
        if open_profit is None:
            self.broker.cancel_all()
        else:
            self._close_at_end()
        return open_profit

    def _close_at_end(self) -> None:
        if self.account.kind == "spot":
            # Sells that wait would leave nothing to close with.
            self.broker.cancel_all()
        order = self.broker.close_at(self.market.last_price)
        order.created_at = self.clock.now
        self.book.add(order)
        if not self.is_stopped:
            self.strategy.terminate()
        self._exchange.execute(order)
        self._exchange.drain_queue()


def _overridden(strategy: Strategy, hook: str) -> Callable[[], Any] | None:
    """Return the strategy's own hook; None if it has none, so that it need not be called."""
    method = getattr(strategy, hook)
    return None if getattr(method, "__func__", None) is getattr(Strategy, hook) else method
