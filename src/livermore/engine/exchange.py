# cython: annotation_typing=False, nonecheck=True
"""The simulated exchange: lets orders meet candles and fills them; and the routes that it tells of it.

It also finds the next minute in which an order could fill, so that those before need no look.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cython

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME
from livermore.engine.broker import Broker
from livermore.engine.order_book import OrderBook, Path, first_touched, gap_fills, new_path
from livermore.engine.order_variables import OrderDesk
from livermore.engine.position import Account, Position
from livermore.errors import ConflictingRulesError, StrategyError, warn_uncompiled
from livermore.strategies import Strategy
from livermore.strategies.state import state_of
from livermore.trading import OrderStatus, PositionType
from livermore.trading.orders import ClosedTrade, Fill, Order, new_fill

if TYPE_CHECKING:
    from livermore.engine.routes import RouteSpec
    from livermore.market.clock import SessionClock
    from livermore.market.market import Market
    from livermore.typing import Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Exchange", "TradedRoute"]

NAN = float("nan")
INFINITY = float("inf")

# Members of enumerations take long to look up.
ACTIVE = OrderStatus.ACTIVE
EXECUTED = OrderStatus.EXECUTED
LONG = PositionType.LONG
SHORT = PositionType.SHORT


class TradedRoute:
    """One route of a session: what its strategy trades with, its bars, and the events of its fills.

    Attributes
    ----------
    spec : RouteSpec
        What was asked for.
    strategy : Strategy
        The instance.
    market, candles : Market, Frame
        Of its symbol, and of its timeframe.
    position, book, broker : Position, OrderBook, Broker
        Of its symbol.
    account : Account
        The session's.
    others : list of TradedRoute
        The session's other routes.
    observers : list of callable
        Shown the newest candle at the beginning of each bar.
    acts : bool
        Whether its strategy's hooks are running, or were when an error ended the run.
    """

    strategy: Strategy

    def __init__(
        self, spec: "RouteSpec", *, market: "Market", book: OrderBook, account: Account, exchange: "Exchange"
    ) -> None:
        self.spec = spec
        self.market = market
        self.book = book
        self.account = account
        self._exchange = exchange
        self.candles = market.frame(spec.timeframe)
        self.position = Position(market, account)
        self.broker = Broker(
            market=market,
            position=self.position,
            book=book,
            account=account,
            clock=self._exchange._clock,
            queue=self._exchange.queue,
        )
        self.others: list[TradedRoute] = []
        self.observers: list[Callable[[Rows], None]] = []
        self.acts = False
        self._trade: ClosedTrade | None = None
        self._in_bar = False
        self._minutes: Any = None
        self._look_at_minutes()

    def take(self, strategy: Strategy) -> None:
        """Take in the route's strategy."""
        self.strategy = strategy
        self._state = state_of(strategy)
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

    def run_bar(self) -> None:
        """Run one bar of the strategy."""
        self._in_bar = self.acts = True
        if self.observers:
            self.show_candle()
        if self._before is not None:
            self._before()
        if self.position.qty == 0:
            if self.book.cycle and self.strategy.should_cancel_entry():
                self.cancel_orders()
        else:
            if self._update_position is not None:
                self._update_position()
            self._desk.check_changes()
        if self._exchange.queue:
            self._exchange.drain_queue()
        if self.position.qty == 0 and not self.book.cycle:
            self._decide()
        if self._after is not None:
            self._after()
        if self._update_chart is not None:
            self._update_chart()
        self.strategy.index += 1
        self._in_bar = self.acts = False

    def show_candle(self) -> None:
        """Show the newest candle to those that observe it."""
        view = self.candles.view()
        candle = view[len(view) - 1]
        for observer in self.observers:
            observer(candle)

    def forget_intents(self) -> None:
        """Drop what the strategy asked for outside of its entry hooks."""
        self._desk.forget()

    def enter(self, long: bool, short: bool) -> None:
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
        self._desk.forget()
        variable = "buy" if long else "sell"
        if long:
            strategy.go_long()
        else:
            strategy.go_short()
        rows = self._desk.check_entry(variable)
        if self._filters_pass():
            self._desk.submit_entry(variable, rows)
        else:
            self._desk.forget()

    def _decide(self) -> None:
        if self._state.order_variables_changed:
            self._desk.forget()
        short = False if self._should_short is None else self._should_short()
        long = self._should_long()
        if short or long:
            self.enter(bool(long), bool(short))

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

    def _on_fill(self, order: Order, before: float) -> None:
        """Tell the strategies what a fill has done to a position that was `before`."""
        strategy, after = self.strategy, self.position.qty
        self.acts = True
        if not self._in_bar:
            self._state.cache.clear()
        if before == 0 or (after != 0 and (before > 0) != (after > 0)):
            strategy.increased_count = 1
            self._tell_others("on_route_open_position")
            self._desk.submit_stored_exits()
            strategy.on_open_position(order)
        elif after == 0:
            strategy.last_trade_index = strategy.index
            trade = self._exchange.trades[len(self._exchange.trades) - 1]
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
        self._desk.check_changes()
        if not self._in_bar:
            self._state.cache.clear()
        self.acts = self._in_bar

    def check_changes(self) -> None:
        """Submit and cancel what the order variables now ask for."""
        self._desk.check_changes()

    def cancel_orders(self) -> None:
        """Cancel all orders of the symbol, and let strategies know."""
        self._desk.cancel_all()
        self._tell_others("on_route_canceled")
        self.strategy.on_cancel()

    def _tell_others(self, hook: str) -> None:
        for other in self.others:
            if not other._in_bar:
                other._state.cache.clear()
            getattr(other.strategy, hook)(self.strategy)
            other._desk.check_changes()
            if not other._in_bar:
                other._state.cache.clear()

    # --- Trades -------------------------------------------------------------------------------------------------

    def _current_trade(self) -> ClosedTrade:
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

    def _mark_opened(self, time: float) -> None:
        """Note that the running trade has opened a position."""
        trade = self._current_trade()
        trade.type = LONG if self.position.qty > 0 else SHORT
        trade.opened_at = time

    def _mark_closed(self, time: float) -> ClosedTrade:
        """Note that the running trade has closed its position, and hand it over."""
        trade = self._current_trade()
        self._trade = None
        trade.closed_at = time
        self.strategy.trades_count += 1
        if self._state.open_observations:
            self._state.open_observations.take_trade(trade)
        return trade

    def _look_at_minutes(self) -> None:
        """Look at the minutes that the market has now: a session that is fed replaces them."""
        minutes = self.market.rows
        if minutes is not self._minutes:
            self._minutes = minutes
            # All that is traded.
            self._rows, self._first = minutes.tail, len(minutes.head)


class Exchange:
    """Where the orders of a session are.

    Parameters
    ----------
    clock : SessionClock
        The session's.
    markets : dict of str to Market
        By symbol, in the order in which they are matched.
    account : Account
        The session's.

    Attributes
    ----------
    queue : list of Order
        Market orders that wait for the end of the minute.
    trades : list of ClosedTrade
        Of all routes, in closing order.
    """

    def __init__(self, clock: "SessionClock", markets: "dict[str, Market]", account: Account) -> None:
        self.queue: list[Order] = []
        self.trades: list[ClosedTrade] = []
        self._clock = clock
        self._markets = markets
        self._account = account
        self._liquidates = account.liquidation.active
        self._routes: dict[str, TradedRoute] = {}
        self._traded: list[TradedRoute] = []

    def admit(self, routes: Sequence[TradedRoute]) -> None:
        """Take in the routes that trade."""
        self._routes = {route.spec.symbol: route for route in routes}
        self._traded = [self._routes[symbol] for symbol in self._markets if symbol in self._routes]

    def execute(self, order: Order) -> None:
        """Fill an order at its price, if it still waits, and let strategies know."""
        if order.status is not ACTIVE:
            return
        route = self._routes[order.symbol]
        position = route.position
        before = position.qty
        fill = self._fill(order, position)
        order.status = EXECUTED
        order.executed_at = fill.time
        order.filled_qty = fill.qty
        order.fee = fill.fee
        order.trade = route._current_trade()
        order.trade.orders.append(order)
        self._account.settle(fill, position.apply(fill))
        route.book.note_done()
        after = position.qty
        turned = before * after < 0
        if before != 0 and (after == 0 or turned):
            self.trades.append(route._mark_closed(order.executed_at))
        if after != 0 and (before == 0 or turned):
            route._mark_opened(order.executed_at)
        route._on_fill(order, before)

    def drain_queue(self) -> None:
        """Fill all market orders that wait, and those that their hooks submit."""
        while self.queue:
            self.execute(self.queue.pop(0))

    def next_touch(self, first: int, last: int) -> int:
        """Return the first minute in [first, last] in which an order could fill; -1 if there is none."""
        found = -1
        for route in self._traded:
            book = route.book
            if not book.active and not (self._liquidates and route.position.qty != 0):
                continue
            if not book.knows_bounds:
                self._find_bounds(route)
            touch = route.market.next_touch(first, (last if found < 0 else found) + 1, book.below, book.above)
            if touch >= 0:
                found = touch
        return found

    def match_minute(self, event: int) -> None:
        """Let all orders meet the candles of the minute at which the clock is, symbol by symbol."""
        if len(self._markets) > 1:
            for market in self._markets.values():
                market.lag = 1
        for symbol, market in self._markets.items():
            market.lag = 0
            route = self._routes.get(symbol)
            if route is not None and market.has_row(event):
                route.book.knows_bounds = False
                self._match(route)

    def drop_done(self) -> None:
        """Let all books forget orders that were filled or cancelled."""
        for route in self._traded:
            route.book.drop_done()

    def _fill(self, order: Order, position: Position) -> Fill:
        qty = order.qty
        if order.reduce_only and abs(qty) > abs(position.qty):
            qty = -position.qty
        fee = abs(qty) * order.price * self._account.fee_rate
        return new_fill(order, order.price, qty, fee, self._clock.now)

    def _find_bounds(self, route: TradedRoute) -> None:
        price = route.market.price
        if price is None:
            # Nothing can wait before the first candle.
            route.book.below, route.book.above = -INFINITY, INFINITY
            return
        liquidation = self._account.liquidation.price(route.position) if self._liquidates else NAN
        route.book.find_bounds(price, liquidation)

    def _match(self, route: TradedRoute) -> None:
        market, book = route.market, route.book
        route._look_at_minutes()
        rows, cursor = route._rows, market.cursor - route._first
        path = new_path(rows[cursor, OPEN], rows[cursor, CLOSE], rows[cursor, HIGH], rows[cursor, LOW])
        previous_close = rows[cursor - 1, CLOSE] if cursor + route._first > market.first_row else NAN
        # NaN before the first candle: there is no gap then.
        if (path.open < previous_close or path.open > previous_close) and book.active:
            self._fill_gap(route, cursor, previous_close, path.open)
        while book.active:
            order = first_touched(book.active, path)
            if order is None:
                break
            until, path = path.until(order.price), path.behind(order.price)
            _show(route, cursor, until, rows[cursor, VOLUME])
            self.execute(order)
        market.partial = None
        if self._liquidates and route.position.qty != 0:
            self._liquidate(route, cursor, previous_close)

    def _fill_gap(self, route: TradedRoute, cursor: int, previous_close: float, opening: float) -> None:
        for order in gap_fills(route.book.active, previous_close, opening):
            if order.status is ACTIVE:
                _show(route, cursor, new_path(opening, opening, opening, opening), 0.0)
                order.vars["submitted_price"] = order.price
                order.price = opening
                self.execute(order)
        route.market.partial = None

    def _liquidate(self, route: TradedRoute, cursor: int, previous_close: float) -> None:
        rule = self._account.liquidation
        price = rule.price(route.position)
        low, high, opening = route._rows[cursor, LOW], route._rows[cursor, HIGH], route._rows[cursor, OPEN]
        inside = low <= price <= high
        if not inside:
            # Or in the gap before it; there is none where the close before is NaN.
            inside = previous_close <= price <= opening or opening <= price <= previous_close
        if inside:
            order = route.broker.close_at(rule.bankruptcy_price(route.position))
            route.book.add(order)
            self.execute(order)


def _show(route: TradedRoute, cursor: int, until: Path, volume: float) -> None:
    """Let hooks see the minute up to a fill."""
    partial = route._minutes.tail[cursor].copy()
    partial[OPEN], partial[CLOSE], partial[HIGH], partial[LOW] = until.open, until.close, until.high, until.low
    partial[VOLUME] = volume
    route.market.partial = partial


def _overridden(strategy: Strategy, hook: str) -> Callable[[], Any] | None:
    """Return the strategy's own hook; None if it has none, so that it need not be called."""
    method = getattr(strategy, hook)
    return None if getattr(method, "__func__", None) is getattr(Strategy, hook) else method
