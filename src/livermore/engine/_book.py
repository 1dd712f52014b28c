"""The orders of one symbol: those that wait, and all of the present trade's."""

from livermore.trading import Order, OrderStatus, OrderType, Side

__all__ = ["OrderBook"]


class OrderBook:
    """The orders of one symbol, in order of submission.

    Attributes
    ----------
    active : list of Order
        Those that wait for their price. What was filled or cancelled stays until the end of its minute.
    cycle : list of Order
        All since the last time that the symbol was flat and without orders.
    """

    __slots__ = ("_bounds", "active", "cycle")

    def __init__(self) -> None:
        self.active: list[Order] = []
        self.cycle: list[Order] = []
        self._bounds: tuple[float, float] | None = None

    def add(self, order: Order) -> None:
        """Take in a new order."""
        self.active.append(order)
        self.cycle.append(order)
        self._bounds = None

    def waiting(self) -> list[Order]:
        """Return the orders that can fill."""
        return [order for order in self.active if order.status is OrderStatus.ACTIVE]

    def drop_done(self) -> None:
        """Forget those among the active that were filled or cancelled."""
        if self.active:
            self.active = self.waiting()
        self._bounds = None

    def start_over(self) -> None:
        """Forget the present trade's orders."""
        self.cycle = []
        self._bounds = None

    def entries(self) -> list[Order]:
        """Return the waiting orders that could enlarge a position."""
        return [order for order in self.active if order.status is OrderStatus.ACTIVE and not order.reduce_only]

    def bounds(self, price: float, *extra: float) -> tuple[float, float]:
        """Return the nearest prices below and above `price` at which something waits.

        They hold until one of them is reached or an order comes or goes: the price cannot get past them unseen.
        """
        if self._bounds is None:
            prices = [order.price for order in self.active if order.status is OrderStatus.ACTIVE]
            prices.extend(extra)
            below = max((p for p in prices if p <= price), default=float("-inf"))
            above = min((p for p in prices if p >= price), default=float("inf"))
            self._bounds = (below, above)
        return self._bounds

    def touched(self) -> None:
        """Note that the price has reached one of the bounds."""
        self._bounds = None

    def selling(self, kind: OrderType) -> float:
        """Return the quantity of waiting sell orders of one type, without sign."""
        return sum(
            abs(order.qty)
            for order in self.active
            if order.status is OrderStatus.ACTIVE and order.side is Side.SELL and order.type is kind
        )
