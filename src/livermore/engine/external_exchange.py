# cython: annotation_typing=False, nonecheck=True
"""An exchange outside of the program: orders wait in the books until it is told what became of them."""

from collections.abc import Callable

import cython

from livermore.candles import CLOSE, HIGH, LOW
from livermore.engine.account import Account
from livermore.engine.exchange import Exchange
from livermore.engine.position import average_price, sum_exact
from livermore.engine.route import TradedRoute
from livermore.engine.spot_account import SpotAccount
from livermore.engine.trade_log import OrderLog
from livermore.errors import OrderError, warn_uncompiled
from livermore.market.clock import SessionClock
from livermore.market.market import Market
from livermore.trading import OrderStatus, OrderType, Side
from livermore.trading.order import Fill, Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["ExternalExchange", "ExternalSpotAccount"]

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
EXECUTED = OrderStatus.EXECUTED
MARKET = OrderType.MARKET
BUY = Side.BUY
SELL = Side.SELL


class ExternalExchange(Exchange):
    """Matches nothing: an order waits until `apply_fill` or `reject` says what became of it.

    Parameters
    ----------
    clock, account, markets, log
        As for `Exchange`.
    on_queue : callable
        Called where the simulated exchange would fill market orders: within a bar, after `update_position`, and at the
        end of a minute. What it is told of fills by then has happened before the strategy is asked for its next entry.
    """

    def __init__(
        self,
        clock: SessionClock,
        markets: dict[str, Market],
        account: Account,
        log: OrderLog | None,
        on_queue: Callable[[], None],
    ) -> None:
        super().__init__(clock, markets, account, log)
        self._on_queue = on_queue

    def execute(self, order: Order) -> None:
        """Do nothing: only `apply_fill` fills an order."""

    def drain_queue(self) -> None:
        """Let `on_queue` send market orders, and those that the hooks of their fills submit."""
        while self.queue:
            self.queue.clear()
            self._on_queue()

    def next_touch(self, first: int, last: int) -> int:
        """Return -1: no candle fills an order."""
        return -1

    def match_minute(self, event: int) -> None:
        """Do nothing: no candle fills an order."""

    def apply_fill(
        self, order: Order, qty: float, price: float, fee: float, time: float, *, complete: bool, in_minute: bool
    ) -> None:
        """Book a fill, or a part of one, and call its hooks: the first part opens a position, the next increase it.

        An order that was cancelled in the books may have been filled at the exchange before it knew; so it is filled.

        Parameters
        ----------
        order : Order
            Of one of the routes. It waits until a fill is its last; its price becomes the mean of its fills, and
            ``vars["submitted_price"]`` has the price asked for.
        qty : float
            What was filled now, without sign.
        price, fee : float
            Of this fill; the fee in the settlement currency.
        time : float
            UTC ms.
        complete : bool
            Whether nothing more of it can fill.
        in_minute : bool
            Whether a minute is being run. If not, hooks see the last candle with the fill's price as its close.
        """
        route = self._routes[order.symbol]
        filled = order.filled_qty
        if filled == 0:
            order.vars["submitted_price"] = order.price
            order.price = price
        else:
            order.price = average_price(qty, price, filled, order.price)
        signed = abs(qty) if order.side is BUY else -abs(qty)
        order.filled_qty = sum_exact(filled, signed)
        order.fee += fee
        order.executed_at = time
        if complete:
            order.status = EXECUTED
        if not in_minute:
            _show(route, price)
        self._book_fill(route, Fill(order, price, signed, fee, time))
        route.market.partial = None

    def reject(self, order: Order) -> None:
        """Take an order out of the books that the exchange has refused, or does not have any more.

        If it was the last one of a route without a position, that is as if the strategy had cancelled its entry.
        """
        route = self._routes[order.symbol]
        route.broker.cancel(order)
        if route.position.qty == 0 and not route.book.waiting():
            self.cancel_orders(order.symbol)

    def cancel_orders(self, symbol: str) -> None:
        """Cancel all orders of a symbol, and call the hooks of that; a strategy that raises stops its route."""
        route = self._routes[symbol]
        if route.on_error is None:
            route.cancel_orders()
            return
        try:
            route.cancel_orders()
        except Exception as error:
            route.stop(error)

    def close(self, symbol: str) -> None:
        """Replace all orders of a symbol by one that closes its position at the market; do nothing without one."""
        route = self._routes[symbol]
        if route.position.qty == 0:
            return
        # What the strategy has set stays: it is cleared when the position is closed.
        route.broker.cancel_all()
        price = route.market.last_price
        route.broker.reduce_position_at(route.position.qty, price, price)

    def add_foreign(self, symbol: str, qty: float, price: float) -> Order:
        """Put an order into the books that somebody else has made at the exchange, and return it.

        Parameters
        ----------
        symbol : str
            Of one of the routes.
        qty : float
            Signed: negative for a sale.
        price : float
            At which it was filled.
        """
        route = self._routes.get(symbol)
        if route is None:
            raise OrderError(f"there was a trade of {symbol}, which no route trades")
        side = BUY if qty > 0 else SELL
        order = Order(route.market.exchange, symbol, side, MARKET, qty, price, False, None, self._clock.read())
        route.book.add(order)
        return order


class ExternalSpotAccount(SpotAccount):
    """A spot account whose fills come from an exchange: at its prices, with its fees, paid in the quote asset."""

    def received(self, fill: Fill) -> float:
        """Return the filled quantity: the fee is paid in the quote asset."""
        return fill.qty

    def settle(self, fill: Fill, realised: float) -> None:
        """Exchange the two assets; what was reserved for the part that was filled is given back first."""
        order = fill.order
        released = 0.0
        if fill.qty > 0:
            asked: float = order.vars["submitted_price"]
            released = order.reserved if order.status is EXECUTED else min(order.reserved, fill.qty * asked)
            order.reserved -= released
        base = order.symbol.split("-", 1)[0]
        self._assets[base] = sum_exact(self._assets.get(base, 0.0), fill.qty)
        change = released - fill.qty * fill.price - fill.fee
        self._assets[self.currency] = sum_exact(self.balance, change)


def _show(route: TradedRoute, price: float) -> None:
    """Show hooks of a fill the last candle as if it had ended with the fill."""
    market = route.market
    cursor = market.cursor
    if cursor < 0:
        return
    partial = market.rows.row(cursor).copy()
    partial[CLOSE] = price
    partial[HIGH] = max(partial[HIGH], price)
    partial[LOW] = min(partial[LOW], price)
    market.partial = partial
