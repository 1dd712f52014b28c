# cython: annotation_typing=False, nonecheck=True
"""The simulated exchange: matches orders with candles, and fills them.

It also finds the next minute in which an order could fill, so that the minutes before it need not be looked at.
"""

from collections.abc import Sequence

import cython

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME
from livermore.engine.account import Account
from livermore.engine.position import Position
from livermore.engine.price_path import Path, first_touched, gap_fills
from livermore.engine.route import TradedRoute
from livermore.engine.trade_log import OrderLog
from livermore.errors import warn_uncompiled
from livermore.market.clock import SessionClock
from livermore.market.market import Market
from livermore.trading import OrderStatus
from livermore.trading.order import Fill, Order
from livermore.trading.trade import ClosedTrade

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Exchange"]

NAN = float("nan")
INFINITY = float("inf")

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
EXECUTED = OrderStatus.EXECUTED


class Exchange:
    """The simulated exchange of a session: matches orders with candles, and fills them.

    Parameters
    ----------
    clock, account : SessionClock, Account
        Of the session.
    markets : dict of str to Market
        By symbol, in the order in which they are matched.
    log : OrderLog, optional
        Is told of each fill.

    Attributes
    ----------
    queue : list of Order
        Market orders, which fill at the end of the minute.
    trades : list of ClosedTrade
        Closed trades of all routes, in closing order.
    """

    def __init__(
        self, clock: SessionClock, markets: dict[str, Market], account: Account, log: OrderLog | None = None
    ) -> None:
        self.queue: list[Order] = []
        self.trades: list[ClosedTrade] = []
        self._clock = clock
        self._markets = markets
        self._account = account
        self._log = log
        self._liquidates = account.liquidation.active
        self._routes: dict[str, TradedRoute] = {}
        self._traded: list[TradedRoute] = []

    def add_routes(self, routes: Sequence[TradedRoute]) -> None:
        """Add the routes whose orders it matches."""
        self._routes = {route.spec.symbol: route for route in routes}
        self._traded = [self._routes[symbol] for symbol in self._markets if symbol in self._routes]

    def execute(self, order: Order) -> None:
        """Fill an order at its price, if it is still active, and call the hooks of that."""
        if order.status is not ACTIVE:
            return
        route = self._routes[order.symbol]
        fill = self._fill(order, route.position)
        order.status = EXECUTED
        order.executed_at = fill.time
        order.filled_qty = fill.qty
        order.fee = fill.fee
        self._book_fill(route, fill)

    def drain_queue(self) -> None:
        """Fill all queued market orders, and those that their hooks submit."""
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
            # Only minutes before the touch that was found for another symbol are of interest.
            touch = route.market.next_touch(first, (last if found < 0 else found) + 1, book.below, book.above)
            if touch >= 0:
                found = touch
        return found

    def match_minute(self, event: int) -> None:
        """Match all orders with the candles of the minute at which the clock is, symbol by symbol."""
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
        """Remove filled and cancelled orders from all books."""
        for route in self._traded:
            route.book.drop_done()

    def _fill(self, order: Order, position: Position) -> Fill:
        qty = order.qty
        if order.reduce_only and abs(qty) > abs(position.qty):
            qty = -position.qty
        fee = abs(qty) * order.price * self._account.fee_rate
        return Fill(order, order.price, qty, fee, self._clock.read())

    def _book_fill(self, route: TradedRoute, fill: Fill) -> None:
        """Book a fill that its order knows of already, and call the hooks of that."""
        # Order, account, position and book change together, before the first hook can look at any of them.
        order, position, trade = fill.order, route.position, route.trade()
        before = position.qty
        if order.trade is trade:
            # A further part of what has been filled in part.
            trade.note_part()
        else:
            order.trade = trade
            trade._orders.append(order)
        self._account.settle(fill, position.apply(fill))
        route.book.note_done()
        after = position.qty
        if self._log is not None:
            self._log.executed(order, before, after, position.entry_price)
        turned = before * after < 0
        if before != 0 and (after == 0 or turned):
            self.trades.append(route.close_trade(fill.time))
        if after != 0 and (before == 0 or turned):
            route.open_trade(fill.time)
        route.on_fill(order, before)

    def _find_bounds(self, route: TradedRoute) -> None:
        price = route.market.price
        if price is None:
            # No order can wait before the first candle.
            route.book.below, route.book.above = -INFINITY, INFINITY
            return
        liquidation = self._account.liquidation.price(route.position) if self._liquidates else NAN
        route.book.find_bounds(price, liquidation)

    def _match(self, route: TradedRoute) -> None:
        market, book = route.market, route.book
        route.update_minutes()
        rows, cursor = route.rows, market.cursor - route.first_row
        path = Path(rows[cursor, OPEN], rows[cursor, CLOSE], rows[cursor, HIGH], rows[cursor, LOW])
        previous_close = rows[cursor - 1, CLOSE] if cursor + route.first_row > market.first_row else NAN
        # NaN before the first candle: there is no gap then.
        if (path.open < previous_close or path.open > previous_close) and book.active:
            self._fill_gap(route, cursor, previous_close, path.open)
        # A hook may submit orders at each fill: what is left of the path is asked again each time.
        while book.active:
            order = first_touched(book.active, path)
            if order is None:
                break
            until, path = path.until(order.price), path.after(order.price)
            _show(route, cursor, until, rows[cursor, VOLUME])
            self.execute(order)
        market.partial = None
        if self._liquidates and route.position.qty != 0:
            self._liquidate(route, cursor, previous_close)

    def _fill_gap(self, route: TradedRoute, cursor: int, previous_close: float, opening: float) -> None:
        for order in gap_fills(route.book.active, previous_close, opening):
            if order.status is ACTIVE:
                _show(route, cursor, Path(opening, opening, opening, opening), 0.0)
                order.vars["submitted_price"] = order.price
                order.price = opening
                self.execute(order)
        route.market.partial = None

    def _liquidate(self, route: TradedRoute, cursor: int, previous_close: float) -> None:
        rule = self._account.liquidation
        price = rule.price(route.position)
        low, high, opening = route.rows[cursor, LOW], route.rows[cursor, HIGH], route.rows[cursor, OPEN]
        inside = low <= price <= high
        if not inside:
            # Or in the gap before it; there is none where the close before is NaN.
            inside = previous_close <= price <= opening or opening <= price <= previous_close
        if inside:
            order = route.broker.close_at(route.position.bankruptcy_price)
            route.book.add(order)
            self.execute(order)


def _show(route: TradedRoute, cursor: int, until: Path, volume: float) -> None:
    """Show hooks the minute up to a fill."""
    partial = route.market.rows.tail[cursor].copy()
    partial[OPEN], partial[CLOSE], partial[HIGH], partial[LOW] = until.open, until.close, until.high, until.low
    partial[VOLUME] = volume
    route.market.partial = partial
