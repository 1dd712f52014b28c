# cython: annotation_typing=False, nonecheck=True
"""The orders of one symbol, and where a candle's path meets them.

Within a minute the price is taken to run open → low → high → close where the candle rises or ends where it began, and
open → high → low → close where it falls. Orders fill at their own price, in the order in which the path reaches them;
at the same price in the order of their submission.
"""

from collections.abc import Callable

import cython

from livermore.errors import warn_uncompiled
from livermore.trading import OrderStatus, OrderType, Side
from livermore.trading.orders import Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["OrderBook", "Path", "first_touched", "gap_fills", "new_path"]

INFINITY = float("inf")

# Members of enumerations take long to look up.
ACTIVE = OrderStatus.ACTIVE
LIMIT = OrderType.LIMIT
STOP = OrderType.STOP
BUY = Side.BUY
SELL = Side.SELL


class OrderBook:
    """The orders of one symbol, in order of submission.

    Attributes
    ----------
    active : list of Order
        Those that wait for their price. What was filled or cancelled stays until the end of its minute.
    cycle : list of Order
        All since the last time that the symbol was flat and without orders.
    on_add : callable or None
        Told of each order that comes in, before it is there.
    below, above : float
        The nearest prices below and above the market at which something waits. They hold until one of them is reached
        or an order comes or goes: the price cannot get past them unseen.
    knows_bounds : bool
        Whether these two are known.
    has_done : bool
        Whether any of the active was filled or cancelled.
    """

    __slots__ = ("above", "active", "below", "cycle", "has_done", "knows_bounds", "on_add")

    def __init__(self) -> None:
        self.active: list[Order] = []
        self.cycle: list[Order] = []
        self.on_add: Callable[[Order], None] | None = None
        self.below = -INFINITY
        self.above = INFINITY
        self.knows_bounds = False
        self.has_done = False

    def add(self, order: Order) -> None:
        """Take in a new order."""
        if self.on_add is not None:
            self.on_add(order)
        self.active.append(order)
        self.cycle.append(order)
        self.knows_bounds = False

    def waiting(self) -> list[Order]:
        """Return the orders that can fill."""
        return [order for order in self.active if order.status is ACTIVE]

    def note_done(self) -> None:
        """Note that an order was filled or cancelled."""
        self.has_done = True
        self.knows_bounds = False

    def drop_done(self) -> None:
        """Forget those among the active that were filled or cancelled."""
        if self.has_done:
            self.active = self.waiting()
            self.has_done = False

    def start_over(self) -> None:
        """Forget the present trade's orders."""
        self.cycle = []

    def find_bounds(self, price: float, liquidation_price: float) -> None:
        """Work out the bounds.

        Parameters
        ----------
        price : float
            The market's.
        liquidation_price : float
            Watched like an order's; NaN if there is none.
        """
        below, above = -INFINITY, INFINITY
        for order in self.active:
            if order.status is ACTIVE:
                waiting = order.price
                if below < waiting <= price:
                    below = waiting
                if price <= waiting < above:
                    above = waiting
        # Where there is none, NaN is neither below nor above.
        if below < liquidation_price <= price:
            below = liquidation_price
        if price <= liquidation_price < above:
            above = liquidation_price
        self.below, self.above = below, above
        self.knows_bounds = True

    def worth_of_entries(self) -> float:
        """Return what waiting entries would buy or sell, the larger side: they cannot both become a position."""
        buys = sells = 0.0
        for order in self.active:
            if order.status is ACTIVE and not order.reduce_only:
                if order.side is BUY:
                    buys += order.qty * order.price
                else:
                    sells += order.qty * order.price
        return max(abs(buys), abs(sells))

    def worth_of_buys(self) -> float:
        """Return what waiting buys would cost."""
        worth = 0.0
        for order in self.active:
            if order.status is ACTIVE and order.side is BUY:
                worth += abs(order.qty) * order.price
        return worth

    def selling(self, kind: OrderType) -> float:
        """Return the quantity of waiting sell orders of one type, without sign."""
        total = 0.0
        for order in self.active:
            if order.status is ACTIVE and order.side is SELL and order.type is kind:
                total += abs(order.qty)
        return total


class Path:
    """What is left of a minute's candle.

    Examples
    --------
    >>> path = Path(open=10, close=11, high=12, low=9)
    >>> path.until(11.5), path.behind(11.5)
    (Path(open=10, close=11.5, high=11.5, low=9), Path(open=11.5, close=11, high=12, low=11))
    """

    __slots__ = ("close", "high", "low", "open")

    def __init__(self, open: float, close: float, high: float, low: float) -> None:
        self.open = open
        self.close = close
        self.high = high
        self.low = low

    def until(self, price: float) -> "Path":
        """Return the part until the path first reaches a price; at the opening price the whole."""
        if price == self.open:
            return self
        if price < self.open:
            # The first leg of a rising path, or the second of a falling one.
            return new_path(self.open, price, self.open if self.open <= self.close else self.high, price)
        return new_path(self.open, price, price, self.low if self.open <= self.close else self.open)

    def behind(self, price: float) -> "Path":
        """Return the part from where the path first reaches a price; at the opening price the whole."""
        if price == self.open:
            return self
        if price < self.open:
            high = self.high if self.open <= self.close else max(price, self.close)
            return new_path(price, self.close, high, self.low)
        low = min(price, self.close) if self.open <= self.close else self.low
        return new_path(price, self.close, self.high, low)

    def __repr__(self) -> str:
        return f"Path(open={self.open:g}, close={self.close:g}, high={self.high:g}, low={self.low:g})"


def new_path(open: float, close: float, high: float, low: float) -> Path:
    """Return a path as `Path` does, faster."""
    path = Path.__new__(Path)
    path.open = open
    path.close = close
    path.high = high
    path.low = low
    return path


def first_touched(orders: list[Order], path: Path) -> Order | None:
    """Return the order that the path reaches first; None if it reaches none.

    Parameters
    ----------
    orders : list of Order
        In order of submission; those that do not wait any more are left out.
    path : Path
        What is left of the minute.
    """
    found = None
    least_leg, least_rank = 3, 0.0
    falling = path.open > path.close
    for order in orders:
        price = order.price
        if order.status is not ACTIVE or not path.low <= price <= path.high:
            continue
        if price == path.open:
            leg, rank = 0, 0.0
        else:
            above = price > path.open
            leg = 1 if above == falling else 2
            rank = price if above else -price
        if leg < least_leg or (leg == least_leg and rank < least_rank):
            found, least_leg, least_rank = order, leg, rank
    return found


def gap_fills(orders: list[Order], previous_close: float, opening: float) -> list[Order]:
    """Return the orders that an opening gap triggers, in the order in which they fill, at the opening price.

    Upward those are sell limits and buy stops, downward buy limits and sell stops: a limit fills better than its price,
    a stop worse.

    Parameters
    ----------
    orders : list of Order
        In order of submission; those that do not wait any more are left out.
    previous_close, opening : float
        The two ends of the gap; orders at either of them belong to it.
    """
    hit: list[Order] = []
    if opening == previous_close:
        return hit
    upward = opening > previous_close
    low, high = (previous_close, opening) if upward else (opening, previous_close)
    for order in orders:
        if order.status is not ACTIVE or not low <= order.price <= high:
            continue
        # A limit that the price gets past, or a stop that it runs into.
        if (order.type is LIMIT and (order.side is SELL) == upward) or (
            order.type is STOP and (order.side is BUY) == upward
        ):
            place = len(hit)
            while place > 0 and _fills_before(order, hit[place - 1], upward):
                place -= 1
            hit.insert(place, order)
    return hit


def _fills_before(order: Order, other: Order, upward: bool) -> bool:
    return order.price < other.price if upward else order.price > other.price
