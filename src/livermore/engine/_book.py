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
    bounds : tuple of float, or None
        The nearest prices below and above the market at which something waits; None while they are not known. They hold
        until one of them is reached or an order comes or goes: the price cannot get past them unseen.
    has_done : bool
        Whether any of the active was filled or cancelled.
    """

    __slots__ = ("active", "bounds", "cycle", "has_done")

    def __init__(self) -> None:
        self.active: list[Order] = []
        self.cycle: list[Order] = []
        self.bounds: tuple[float, float] | None = None
        self.has_done = False

    def add(self, order: Order) -> None:
        """Take in a new order."""
        self.active.append(order)
        self.cycle.append(order)
        self.bounds = None

    def waiting(self) -> list[Order]:
        """Return the orders that can fill."""
        return [order for order in self.active if order.status is OrderStatus.ACTIVE]

    def note_done(self) -> None:
        """Note that an order was filled or cancelled."""
        self.has_done = True
        self.bounds = None

    def drop_done(self) -> None:
        """Forget those among the active that were filled or cancelled."""
        if self.has_done:
            self.active = self.waiting()
            self.has_done = False

    def start_over(self) -> None:
        """Forget the present trade's orders."""
        self.cycle = []

    def entries(self) -> list[Order]:
        """Return the waiting orders that could enlarge a position."""
        return [order for order in self.active if order.status is OrderStatus.ACTIVE and not order.reduce_only]

    def find_bounds(self, price: float, liquidation_price: float) -> None:
        """Work out the bounds.

        Parameters
        ----------
        price : float
            The market's.
        liquidation_price : float
            Watched like an order's; NaN if there is none.
        """
        below, above = float("-inf"), float("inf")
        # The liquidation price comes last; where it is NaN it is neither below nor above.
        prices = [order.price for order in self.active if order.status is OrderStatus.ACTIVE]
        prices.append(liquidation_price)
        for waiting in prices:
            if below < waiting <= price:
                below = waiting
            if price <= waiting < above:
                above = waiting
        self.bounds = (below, above)

    def selling(self, kind: OrderType) -> float:
        """Return the quantity of waiting sell orders of one type, without sign."""
        return sum(
            abs(order.qty)
            for order in self.active
            if order.status is OrderStatus.ACTIVE and order.side is Side.SELL and order.type is kind
        )
