# cython: annotation_typing=False, nonecheck=True
"""The orders of one symbol."""

from collections.abc import Callable

import cython

from livermore.errors import warn_uncompiled
from livermore.trading import OrderStatus, OrderType, Side
from livermore.trading.order import Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["OrderBook"]

INFINITY = float("inf")

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
BUY = Side.BUY
SELL = Side.SELL


class OrderBook:
    """The orders of one symbol, in order of submission.

    Attributes
    ----------
    active : list of Order
        Orders that wait for their price. Those that were filled or cancelled stay until `drop_done`.
    trade_orders : list of Order
        All orders since the symbol was last flat and without orders.
    on_add : callable or None
        Called with each new order, before it is added.
    below, above : float
        The nearest prices below and above the market at which an order fills or the position is liquidated. They are
        valid until one of them is reached or an order is added, filled or cancelled.
    knows_bounds : bool
        Whether these two are valid.
    has_done : bool
        Whether any order in `active` was filled or cancelled.
    """

    __slots__ = ("above", "active", "below", "has_done", "knows_bounds", "on_add", "trade_orders")

    def __init__(self) -> None:
        self.active: list[Order] = []
        self.trade_orders: list[Order] = []
        self.on_add: Callable[[Order], None] | None = None
        self.below = -INFINITY
        self.above = INFINITY
        self.knows_bounds = False
        self.has_done = False

    def add(self, order: Order) -> None:
        """Add a new order."""
        if self.on_add is not None:
            self.on_add(order)
        self.active.append(order)
        self.trade_orders.append(order)
        self.knows_bounds = False

    def waiting(self) -> list[Order]:
        """Return the orders that can fill."""
        return [order for order in self.active if order.status is ACTIVE]

    def note_done(self) -> None:
        """Note that an order was filled or cancelled."""
        self.has_done = True
        self.knows_bounds = False

    def drop_done(self) -> None:
        """Remove filled and cancelled orders from `active`."""
        if self.has_done:
            self.active = self.waiting()
            self.has_done = False

    def start_trade(self) -> None:
        """Forget the orders of the present trade, since the next one begins."""
        self.trade_orders = []

    def find_bounds(self, price: float, liquidation_price: float) -> None:
        """Compute `below` and `above`.

        Parameters
        ----------
        price : float
            The market's present price.
        liquidation_price : float
            NaN if there is none.
        """
        # Between them the price can move without a look at any order: the next minute that matters is found by one pass
        # over highs and lows.
        below, above = -INFINITY, INFINITY
        for order in self.active:
            if order.status is ACTIVE:
                waiting = order.price
                if below < waiting <= price:
                    below = waiting
                if price <= waiting < above:
                    above = waiting
        # Comparisons with NaN are false.
        if below < liquidation_price <= price:
            below = liquidation_price
        if price <= liquidation_price < above:
            above = liquidation_price
        self.below, self.above = below, above
        self.knows_bounds = True

    def entry_value(self) -> float:
        """Return the value of waiting entries on the larger side: buys and sells cannot both become a position."""
        # What may only reduce the position needs no margin.
        buys = sells = 0.0
        for order in self.active:
            if order.status is ACTIVE and not order.reduce_only:
                if order.side is BUY:
                    buys += order.left() * order.price
                else:
                    sells += order.left() * order.price
        return max(abs(buys), abs(sells))

    def buy_value(self) -> float:
        """Return the cost of waiting buys, in the settlement currency."""
        value = 0.0
        for order in self.active:
            if order.status is ACTIVE and order.side is BUY:
                value += abs(order.left()) * order.price
        return value

    def sell_quantity(self, kind: OrderType) -> float:
        """Return the quantity of waiting sell orders of one type, without sign."""
        total = 0.0
        for order in self.active:
            if order.status is ACTIVE and order.side is SELL and order.type is kind:
                total += abs(order.left())
        return total
