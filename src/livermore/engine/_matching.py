"""Where a candle's path meets the orders: pure functions of prices.

Within a minute the price is taken to run open → low → high → close where the candle rises or ends where it began, and
open → high → low → close where it falls. Orders fill at their own price, in the order in which the path reaches them;
at the same price in the order of their submission.
"""

from collections.abc import Sequence
from typing import NamedTuple

from livermore.candles import OPEN, VOLUME, Rows
from livermore.trading import Order, OrderType, Side

__all__ = ["Path", "first_touched", "gap_fills", "split"]


class Path(NamedTuple):
    """What is left of a minute's candle."""

    open: float
    close: float
    high: float
    low: float

    @classmethod
    def of(cls, row: Rows) -> "Path":
        """Return the whole of a candle."""
        return cls(*row.tolist()[OPEN:VOLUME])


def gap_fills(orders: Sequence[Order], previous_close: float, opening: float) -> list[Order]:
    """Return the orders that an opening gap triggers, in the order in which they fill, at the opening price.

    Upward those are sell limits and buy stops, downward buy limits and sell stops: a limit fills better than its price,
    a stop worse.

    Parameters
    ----------
    orders : sequence of Order
        Those that wait, in order of submission.
    previous_close, opening : float
        The two ends of the gap; orders at either of them belong to it.
    """
    if opening == previous_close:
        return []
    upward = opening > previous_close
    low, high = (previous_close, opening) if upward else (opening, previous_close)
    limits, stops = (Side.SELL, Side.BUY) if upward else (Side.BUY, Side.SELL)
    hit = [
        order
        for order in orders
        if low <= order.price <= high
        and (
            (order.type is OrderType.LIMIT and order.side is limits)
            or (order.type is OrderType.STOP and order.side is stops)
        )
    ]
    return sorted(hit, key=lambda order: order.price if upward else -order.price)


def first_touched(orders: Sequence[Order], path: Path) -> Order | None:
    """Return the order that the path reaches first; None if it reaches none.

    Parameters
    ----------
    orders : sequence of Order
        Those that wait, in order of submission.
    path : Path
        What is left of the minute.
    """
    low, high = path.low, path.high
    touched = [order for order in orders if low <= order.price <= high]
    if len(touched) < 2:
        return touched[0] if touched else None
    falling = path.open > path.close

    def distance(order: Order) -> tuple[int, float]:
        price = order.price
        if price == path.open:
            return 0, 0.0
        above = price > path.open
        return (1 if above is falling else 2), (price if above else -price)

    return min(touched, key=distance)


def split(path: Path, price: float) -> tuple[Path, Path]:
    """Cut a path where it first reaches a price: what was until then, and what is left.

    At the opening price both are the whole path.

    Examples
    --------
    >>> split(Path(open=10, close=11, high=12, low=9), 11.5)
    (Path(open=10, close=11.5, high=11.5, low=9), Path(open=11.5, close=11, high=12, low=11))
    """
    start, end, high, low = path
    if price == start:
        return path, path
    if price < start:
        # The first leg of a rising path, or the second of a falling one.
        if start <= end:
            return Path(start, price, start, price), Path(price, end, high, low)
        return Path(start, price, high, price), Path(price, end, max(price, end), low)
    if start <= end:
        return Path(start, price, price, low), Path(price, end, high, min(price, end))
    return Path(start, price, price, start), Path(price, end, high, low)
