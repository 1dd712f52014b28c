# cython: annotation_typing=False, nonecheck=True
"""The path of the price through a minute, and the orders that it meets.

Orders fill at their own price, in the order in which the path reaches them; at the same price in the order of their
submission. Orders that an opening gap triggers fill at the opening price.
"""

import cython

from livermore.errors import warn_uncompiled
from livermore.trading import OrderStatus, OrderType, Side
from livermore.trading.order import Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Path", "first_touched", "gap_fills"]

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
LIMIT = OrderType.LIMIT
STOP = OrderType.STOP
BUY = Side.BUY
SELL = Side.SELL


class Path:
    """The path of the price through a minute's candle, or through what is left of it.

    The price runs open → low → high → close if the candle rises or ends where it began, else open → high → low → close.

    Examples
    --------
    >>> path = Path(open=10, close=11, high=12, low=9)
    >>> path.until(11.5), path.after(11.5)
    (Path(open=10, close=11.5, high=11.5, low=9), Path(open=11.5, close=11, high=12, low=11))
    """

    __slots__ = ("close", "high", "low", "open")

    def __init__(self, open: float, close: float, high: float, low: float) -> None:
        self.open = open
        self.close = close
        self.high = high
        self.low = low

    def until(self, price: float) -> "Path":
        """Return the part up to where the path first reaches a price; the whole path at its opening price."""
        if price == self.open:
            return self
        # A rising path goes down to its low first; a falling one goes up to its high first.
        if price < self.open:
            # The first leg of a rising path, or the second of a falling one.
            return Path(self.open, price, self.open if self.open <= self.close else self.high, price)
        return Path(self.open, price, price, self.low if self.open <= self.close else self.open)

    def after(self, price: float) -> "Path":
        """Return the part from where the path first reaches a price on; the whole path at its opening price."""
        if price == self.open:
            return self
        if price < self.open:
            high = self.high if self.open <= self.close else max(price, self.close)
            return Path(price, self.close, high, self.low)
        low = min(price, self.close) if self.open <= self.close else self.low
        return Path(price, self.close, self.high, low)

    def __repr__(self) -> str:
        return f"Path(open={self.open:g}, close={self.close:g}, high={self.high:g}, low={self.low:g})"


def first_touched(orders: list[Order], path: Path) -> Order | None:
    """Return the order that the path reaches first; None if it reaches none.

    Parameters
    ----------
    orders : list of Order
        In order of submission; only active ones are looked at.
    path : Path
        What is left of the minute.
    """
    # Legs: 0 at the opening price, 1 from there to the first extreme, 2 beyond the opening price on the other side.
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
        In order of submission; only active ones are looked at.
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
