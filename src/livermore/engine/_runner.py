"""Runs one route: its strategy's bars, the changes of its order variables, and the events of its fills."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles import Rows
from livermore.engine._book import OrderBook
from livermore.engine._broker import Broker
from livermore.engine._clock import SessionClock
from livermore.engine._market import Frame, Market
from livermore.engine._position import Position
from livermore.engine._routes import RouteSpec
from livermore.engine.accounts import Account
from livermore.errors import ConflictingRulesError, StrategyError
from livermore.strategies import Strategy
from livermore.strategies._intents import OrderRows, as_rows
from livermore.trading import ClosedTrade, Order, PositionType, Side, SubmittedVia

if TYPE_CHECKING:
    from livermore.engine._session import Session

__all__ = ["RouteRunner"]

EXITS = (("stop_loss", SubmittedVia.STOP_LOSS), ("take_profit", SubmittedVia.TAKE_PROFIT))


class RouteRunner:
    """One route of a session. What it shows to its strategy is `livermore.strategies._ports.RoutePort`.

    Attributes
    ----------
    strategy : Strategy
        The instance; set by `attach`.
    position, book, broker : Position, OrderBook, Broker
        Of its symbol.
    trade : ClosedTrade or None
        The trade that is running.
    """

    def __init__(
        self, spec: RouteSpec, index: int, *, market: Market, book: OrderBook, account: Account, run: "Session"
    ) -> None:
        self.spec = spec
        self.index = index
        self.market = market
        self.book = book
        self.account = account
        self.run = run
        self.clock: SessionClock = run.clock
        self.candles: Frame = market.frame(spec.timeframe)
        self.position = Position(market, account)
        self.broker = Broker(
            market=market, position=self.position, book=book, account=account, clock=run.clock, queue=run.queue
        )
        self.trade: ClosedTrade | None = None
        self.others: Sequence[RouteRunner] = ()
        self.strategy: Strategy
        self._accepted: dict[str, OrderRows | None] = {}
        self._observers: list[Callable[[Rows], None]] = []
        self._in_bar = False

    def attach(self, strategy: Strategy, name: str) -> None:
        """Give the route its strategy, and the strategy its place."""
        self.strategy = strategy
        strategy.name = name
        strategy.symbol, strategy.exchange, strategy.timeframe = self.spec.symbol, self.spec.exchange, self.spec.timeframe
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
        self._forget_orders()

    # --- What the strategy sees ---------------------------------------------------------------------------------

    @property
    def price(self) -> float:
        """The last price."""
        price = self.market.price
        if price is None:
            raise StrategyError(f"{self.strategy.name} asked for the price before the first candle")
        return price

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
        strategy, clock = self.strategy, self.clock
        before, after, chart = self._before, self._after, self._update_chart
        should_long, should_short = self._should_long, self._should_short
        index = first = strategy.index
        for event in events:
            clock.event = event
            if before is not None:
                before()
            if strategy._changed:
                self._reset_variables()
            short = False if should_short is None else should_short()
            long = should_long()
            if short or long:
                self._enter(long=bool(long), short=bool(short))
            if after is not None:
                after()
            if chart is not None:
                chart()
            index += 1
            strategy.index = index
            if strategy._changed and not self.is_idle:
                break
        return index - first

    def run_bar(self) -> None:
        """Run one bar of the strategy."""
        self._in_bar = True
        strategy, position = self.strategy, self.position
        for observe in self._observers:
            observe(self.candles.view()[-1])
        if self._before is not None:
            self._before()
        if position.qty == 0:
            if self.book.cycle and strategy.should_cancel_entry():
                self._cancel_entries()
        else:
            if self._update_position is not None:
                self._update_position()
            if strategy._changed:
                self.check_changes()
        if self.run.queue:
            self.run.drain_queue()
        if position.qty == 0 and not self.book.cycle:
            self._decide()
        if self._after is not None:
            self._after()
        if self._update_chart is not None:
            self._update_chart()
        strategy.index += 1
        self._in_bar = False

    def _decide(self) -> None:
        if self.strategy._changed:
            self._reset_variables()
        short = False if self._should_short is None else self._should_short()
        long = self._should_long()
        if short or long:
            self._enter(long=bool(long), short=bool(short))

    def _enter(self, *, long: bool, short: bool) -> None:
        strategy = self.strategy
        name = type(strategy).__name__
        if short and self.account.kind == "spot":
            raise StrategyError(f"{name}: should_short is true, but a spot account cannot sell what it does not have")
        if long and short:
            raise ConflictingRulesError(f"{name}: should_long and should_short are both true on one bar")
        self._reset_variables()
        variable, side = ("buy", Side.BUY) if long else ("sell", Side.SELL)
        (strategy.go_long if long else strategy.go_short)()
        rows = self._entry_rows(variable)
        for exit_variable in ("take_profit", "stop_loss"):
            self._accept_exit_before_opening(exit_variable)
        if not self._filters_pass():
            self._reset_variables()
            return
        self._accept(variable, rows)
        strategy._changed = True
        for qty, price in rows.tolist():
            self.broker.enter(side, qty, price)

    def _entry_rows(self, variable: str) -> OrderRows:
        value = self.strategy._intents[variable]
        name = type(self.strategy).__name__
        if not isinstance(value, tuple | list | np.ndarray):
            hook = "go_long" if variable == "buy" else "go_short"
            raise StrategyError(f"{name}: {hook} must set self.{variable} = qty, price; it is {value!r}")
        rows = as_rows(value, variable, name)
        if len(rows) == 0:
            raise StrategyError(f"{name}: self.{variable} is empty; it needs at least one (quantity, price)")
        # Filters see what will be submitted.
        self.strategy._intents[variable] = rows
        return rows

    def _accept_exit_before_opening(self, variable: str) -> None:
        value = self.strategy._intents[variable]
        if value is None:
            return
        name = type(self.strategy).__name__
        if self.account.kind == "spot":
            raise StrategyError(
                f"{name}: on spot, self.{variable} cannot be set before anything was bought; "
                "set it in on_open_position, with self.position.qty"
            )
        self._accept(variable, as_rows(value, variable, name))

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

    # --- Changes of order variables -----------------------------------------------------------------------------

    def check_changes(self) -> None:
        """Submit and cancel what the strategy's order variables now ask for; while flat, nothing."""
        strategy, position = self.strategy, self.position
        if position.qty == 0 or not strategy._changed:
            return
        strategy._changed = False
        try:
            self._check_entry("buy" if position.qty > 0 else "sell")
            for variable, via in EXITS:
                self._check_exit(variable, via)
        except TypeError as error:
            raise StrategyError(f"{type(strategy).__name__}: an order variable is malformed: {error}") from error
        self._check_exits_differ()

    def _check_entry(self, variable: str) -> None:
        value = self.strategy._intents[variable]
        if value is None:
            return
        rows = as_rows(value, variable, type(self.strategy).__name__)
        if _same(rows, self._accepted[variable]):
            return
        side = Side.BUY if variable == "buy" else Side.SELL
        self.broker.cancel_entries(side)
        self._accept(variable, rows)
        for qty, price in rows.tolist():
            self.broker.enter(side, qty, price)

    def _check_exit(self, variable: str, via: SubmittedVia) -> None:
        value = self.strategy._intents[variable]
        if value is None or self.position.qty == 0:
            return
        name = type(self.strategy).__name__
        if not isinstance(value, tuple | list | np.ndarray):
            raise StrategyError(f"{name}: self.{variable} must be (quantity, price) or a list of them, got {value!r}")
        rows = as_rows(value, variable, name)
        if _same(rows, self._accepted[variable]):
            return
        if not np.isfinite(rows).all():
            raise StrategyError(f"{name}: self.{variable} = {value!r} has a NaN or infinity")
        self._accept(variable, rows)
        self.broker.cancel_exits(via)
        for qty, price in rows.tolist():
            self.broker.exit(qty, price, via)

    def _check_exits_differ(self) -> None:
        stop, target = self._accepted["stop_loss"], self._accepted["take_profit"]
        if stop is not None and target is not None and len(stop) and _same(stop, target):
            name = type(self.strategy).__name__
            raise StrategyError(f"{name}: stop_loss and take_profit are the same: {stop.tolist()}")

    def _accept(self, variable: str, rows: OrderRows) -> None:
        """Remember what was submitted, apart from what the strategy can change in place."""
        self._accepted[variable] = rows
        self.strategy._intents[variable] = rows.copy()

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
        self.check_changes()
        if forget:
            self.strategy._cache.clear()

    def _on_open(self, order: Order) -> None:
        self.strategy.increased_count = 1
        self._tell_others("on_route_open_position")
        for variable, via in EXITS:
            rows = self._accepted[variable]
            for qty, price in [] if rows is None else rows.tolist():
                self.broker.exit_at_opening(qty, price, via)
        self.strategy.on_open_position(order)

    def _on_close(self, order: Order) -> None:
        strategy = self.strategy
        strategy.last_trade_index = strategy.index
        trade = self.run.trades[-1]
        self._tell_others("on_route_close_position")
        self._cancel_entries()
        strategy.on_close_position(order, trade)

    def _cancel_entries(self) -> None:
        self.broker.cancel_all()
        self._forget_orders()
        self._tell_others("on_route_canceled")
        self.strategy.on_cancel()

    def _tell_others(self, hook: str) -> None:
        for other in self.others:
            if not other._in_bar:
                other.strategy._cache.clear()
            getattr(other.strategy, hook)(self.strategy)
            other.check_changes()
            if not other._in_bar:
                other.strategy._cache.clear()

    # --- Trades -------------------------------------------------------------------------------------------------

    def start_trade(self) -> ClosedTrade:
        """Return the running trade, a new one if there is none."""
        if self.trade is None:
            self.trade = ClosedTrade(
                strategy_name=type(self.strategy).__name__,
                exchange=self.spec.exchange,
                symbol=self.spec.symbol,
                timeframe=self.spec.timeframe,
                leverage=self.account.leverage,
            )
        return self.trade

    def mark_opened(self, time: float) -> None:
        """Note that the running trade has opened a position."""
        trade = self.start_trade()
        trade.type = PositionType.LONG if self.position.qty > 0 else PositionType.SHORT
        trade.opened_at = time

    def mark_closed(self, time: float) -> ClosedTrade:
        """Note that the running trade has closed its position, and hand it over."""
        trade, self.trade = self.start_trade(), None
        trade.closed_at = time
        self.strategy.trades_count += 1
        return trade

    # --- The end ------------------------------------------------------------------------------------------------

    def terminate(self) -> float | None:
        """End the route: last hooks, last close. Return the open profit that this closed, None if it was flat."""
        strategy, position = self.strategy, self.position
        strategy.before_terminate()
        self.check_changes()
        self.run.drain_queue()
        if position.qty != 0:
            return self._close_at_end()
        if self.book.cycle:
            self._cancel_entries()
        strategy.terminate()
        return None

    def _close_at_end(self) -> float:
        open_profit = self.position.pnl
        if not self.account.open_orders_may_rest():
            self.broker.cancel_all()
        order = self.broker.close_at(self.price)
        order.created_at = self.clock.now
        self.book.add(order)
        self.strategy.terminate()
        self.run.execute(order)
        self.run.drain_queue()
        return open_profit

    def observe(self, observer: Callable[[Rows], None]) -> None:
        """Call `observer` with the newest candle at the beginning of each bar."""
        self._observers.append(observer)

    @property
    def is_observed(self) -> bool:
        """Whether anything watches the bars."""
        return bool(self._observers)

    # --- Helpers ------------------------------------------------------------------------------------------------

    def _forget_orders(self) -> None:
        self.book.start_over()
        self._reset_variables()

    def _reset_variables(self) -> None:
        strategy = self.strategy
        for variable in strategy._intents:
            strategy._intents[variable] = None
            self._accepted[variable] = None
        strategy.increased_count = 0
        strategy.reduced_count = 0
        strategy._changed = False


def _overridden(strategy: Strategy, hook: str) -> Callable[[], Any] | None:
    """Return the strategy's own hook; None if it has none, so that it need not be called."""
    method = getattr(strategy, hook)
    return None if getattr(method, "__func__", None) is getattr(Strategy, hook) else method


def _same(a: OrderRows, b: OrderRows | None) -> bool:
    return b is not None and a.shape == b.shape and a.tobytes() == b.tobytes()
