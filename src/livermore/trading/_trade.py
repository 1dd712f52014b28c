"""A trade: all fills from the opening of a position to its close, and what they brought."""

from typing import Any, NamedTuple

import numpy as np

from livermore.trading._kinds import PositionType, Side
from livermore.trading._names import random_name
from livermore.trading._order import Order

__all__ = ["ClosedTrade"]

NAN = float("nan")
#: As many summands as numpy adds in another order than one by one.
FEWEST_PAIRWISE = 8


class ClosedTrade:
    """A trade that is running or has closed; its orders are those that were filled, in order of execution.

    Attributes
    ----------
    type : {"long", "short"}
        Direction.
    strategy_name, symbol, exchange, timeframe : str
        Of the route that made it.
    leverage : int
        1 on spot.
    opened_at, closed_at : float or None
        UTC ms: ends of the minutes of the first and last fill.
    orders : list of Order
        The filled ones.
    """

    __slots__ = (
        "_figures",
        "_figures_of",
        "_id",
        "closed_at",
        "exchange",
        "leverage",
        "opened_at",
        "orders",
        "strategy_name",
        "symbol",
        "timeframe",
        "type",
    )

    def __init__(self, *, strategy_name: str, exchange: str, symbol: str, timeframe: str, leverage: int) -> None:
        self._id: str | None = None
        self.strategy_name = strategy_name
        self.exchange = exchange
        self.symbol = symbol
        self.timeframe = timeframe
        self.leverage = leverage
        self.type = PositionType.LONG
        self.opened_at: float | None = None
        self.closed_at: float | None = None
        self.orders: list[Order] = []
        # What the fills add up to, and the number of orders and the direction for which that is so.
        self._figures = NO_FILLS
        self._figures_of: tuple[int, PositionType] = (0, PositionType.LONG)

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_name()
        return self._id

    @property
    def is_long(self) -> bool:
        """Whether it bought first."""
        return self.type is PositionType.LONG

    @property
    def is_short(self) -> bool:
        """Whether it sold first."""
        return self.type is PositionType.SHORT

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def entry_price(self) -> float:
        """Mean price of the fills on the entry side, weighted by quantity; NaN without any."""
        return self._sums().entry_price

    @property
    def exit_price(self) -> float:
        """Mean price of the fills on the exit side, weighted by quantity; NaN without any."""
        return self._sums().exit_price

    @property
    def qty(self) -> float:
        """Quantity filled on the entry side, without sign."""
        return self._sums().qty

    @property
    def fee(self) -> float:
        """The fees of its orders."""
        return self._sums().fee

    @property
    def size(self) -> float:
        """Quantity times entry price."""
        return self.qty * self.entry_price

    @property
    def pnl(self) -> float:
        """Profit in the settlement currency, net of fees."""
        entry_price, exit_price, qty, fee = self._sums()
        gross = qty * (exit_price - entry_price)
        return (-gross if self.is_short else gross) - fee

    @property
    def total_cost(self) -> float:
        """The margin that the entry tied up."""
        return self.entry_price * abs(self.qty) / self.leverage

    @property
    def pnl_percentage(self) -> float:
        """Profit in percent of `total_cost`."""
        cost = self.total_cost
        return self.pnl / cost * 100 if cost else float("nan")

    @property
    def roi(self) -> float:
        """Another name of `pnl_percentage`."""
        return self.pnl_percentage

    @property
    def holding_period(self) -> float:
        """Seconds from the first fill to the last; NaN while it runs."""
        if self.opened_at is None or self.closed_at is None:
            return float("nan")
        return (self.closed_at - self.opened_at) / 1000

    @property
    def to_dict(self) -> dict[str, Any]:
        """The trade as plain values, under Jesse's keys, without its orders."""
        entry_price, exit_price, qty, fee = self._sums()
        return {
            "id": self.id,
            "strategy_name": self.strategy_name,
            "symbol": self.symbol,
            "exchange": self.exchange,
            "type": str(self.type),
            "entry_price": entry_price,
            "exit_price": exit_price,
            "qty": qty,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "fee": fee,
            "size": self.size,
            "PNL": self.pnl,
            "PNL_percentage": self.pnl_percentage,
            "holding_period": self.holding_period,
        }

    @property
    def to_json(self) -> dict[str, Any]:
        """The same as `to_dict`."""
        return self.to_dict

    @property
    def to_dict_with_orders(self) -> dict[str, Any]:
        """The trade as plain values with the list of its orders."""
        return {**self.to_dict, "orders": [order.to_dict for order in self.orders]}

    def _sums(self) -> "_Figures":
        """Return what the fills add up to; computed anew only when there is another one."""
        of = (len(self.orders), self.type)
        if self._figures_of != of:
            entry_side, exit_side = (Side.BUY, Side.SELL) if self.is_long else (Side.SELL, Side.BUY)
            entry, exit = _fills(self.orders, entry_side), _fills(self.orders, exit_side)
            self._figures = _Figures(
                _mean_price(entry),
                _mean_price(exit),
                float(sum([qty for qty, _ in entry])),
                float(sum([order.fee for order in self.orders])),
            )
            self._figures_of = of
        return self._figures

    def __repr__(self) -> str:
        return f"<ClosedTrade {self.type} {self.symbol} qty={self.qty:g} pnl={self.pnl:g}>"


class _Figures(NamedTuple):
    """What the fills of a trade add up to."""

    entry_price: float
    exit_price: float
    qty: float
    fee: float


NO_FILLS = _Figures(NAN, NAN, 0.0, 0.0)


def _fills(orders: list[Order], side: Side) -> list[tuple[float, float]]:
    return [(abs(order.filled_qty), order.price) for order in orders if order.side is side]


def _mean_price(fills: list[tuple[float, float]]) -> float:
    if not fills:
        return NAN
    # numpy's own order of summation: the same digits as Jesse's, however many fills there are. That order is the plain
    # one up to seven.
    if len(fills) < FEWEST_PAIRWISE:
        worth = total = 0.0
        for qty, price in fills:
            worth += qty * price
            total += qty
        return float(worth / total) if total else NAN
    table = np.array(fills)
    return float((table[:, 0] * table[:, 1]).sum() / table[:, 0].sum())
