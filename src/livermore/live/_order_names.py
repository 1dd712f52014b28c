"""The names of a session's orders: the same candles give the same names."""

from collections import deque

from livermore.trading import Order

__all__ = ["OrderNames"]


class OrderNames:
    """Names orders ``SESSION-TIME-ROUTE-NUMBER``, and finds them by name.

    Parameters
    ----------
    session : str
        The session's name.
    keep_ms : int
        How long an order that was filled or cancelled can still be found, by the session's clock. An exchange may fill
        an order before it learns that it is cancelled.
    """

    def __init__(self, session: str, keep_ms: int = 0) -> None:
        self._session = session
        self._keep_ms = keep_ms
        self._names: dict[Order, str] = {}
        self._orders: dict[str, Order] = {}
        # How many orders each route has named at that time.
        self._numbers: dict[int, int] = {}
        self._numbered_at = -1
        self._done: deque[tuple[int, Order]] = deque()

    def name_of(self, order: Order, now: int, route: int) -> str:
        """Return the order's name; it is given one when it is first met.

        Parameters
        ----------
        order : Order
            The order.
        now : int
            The session's clock, UTC ms.
        route : int
            Index of its route.
        """
        name = self._names.get(order)
        if name is None:
            self._forget(now)
            if now != self._numbered_at:
                # Only the present minute's numbers are needed.
                self._numbered_at, self._numbers = now, {}
            number = self._numbers.get(route, 0)
            self._numbers[route] = number + 1
            name = f"{self._session}-{now}-{route}-{number}"
            self._names[order] = name
            self._orders[name] = order
        return name

    def note_done(self, order: Order, now: int) -> None:
        """Note that an order was filled or cancelled."""
        self._done.append((now, order))
        self._forget(now)

    def order(self, name: str) -> Order | None:
        """Return an order by its name; None if there is none, or it was done long ago."""
        return self._orders.get(name)

    def known(self) -> list[tuple[str, Order]]:
        """Return the orders that can be found, each with its name, in the order of submission."""
        return list(self._orders.items())

    def _forget(self, now: int) -> None:
        while self._done and self._done[0][0] + self._keep_ms <= now:
            name = self._names.pop(self._done.popleft()[1], None)
            if name is not None:
                del self._orders[name]
