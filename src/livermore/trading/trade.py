# cython: annotation_typing=False, nonecheck=True
"""Trades: from the fill that opens a position to the fill that closes it."""

from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.trading.enums import PositionType, Side
from livermore.trading.ids import random_id
from livermore.trading.order import Order
from livermore.typing import Floats

if not cython.compiled:
    warn_uncompiled()

__all__ = ["ClosedTrade"]

NAN = float("nan")
#: From this number of summands on, numpy adds them pairwise instead of one by one.
PAIRWISE_FROM = 8

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
BUY = Side.BUY
SELL = Side.SELL
LONG = PositionType.LONG
SHORT = PositionType.SHORT


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
    orders : tuple of Order
        The filled ones.

    Examples
    --------
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.testing import example_backtest
    >>> trade = BacktestSpec(**example_backtest(days=2)).run().closed_trades[0]
    >>> trade.symbol, trade.type == "long"
    ('BTC-USDT', True)
    """

    __slots__ = (
        "_entry_price",
        "_exit_price",
        "_fee",
        "_id",
        "_orders",
        "_qty",
        "_summed",
        "_summed_type",
        "closed_at",
        "exchange",
        "leverage",
        "opened_at",
        "strategy_name",
        "symbol",
        "timeframe",
        "type",
    )

    def __init__(
        self,
        *,
        strategy_name: str,
        exchange: str,
        symbol: str,
        timeframe: str,
        leverage: int,
        opened_at: float | None = None,
        closed_at: float | None = None,
    ) -> None:
        self._id: str | None = None
        self.strategy_name = strategy_name
        self.exchange = exchange
        self.symbol = symbol
        self.timeframe = timeframe
        self.leverage = leverage
        self.type = LONG
        self.opened_at = opened_at
        self.closed_at = closed_at
        self._orders: list[Order] = []
        # What the fills add up to, and the number of orders and the direction for which that is so.
        self._entry_price = self._exit_price = NAN
        self._qty = self._fee = 0.0
        self._summed = 0
        self._summed_type = LONG

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_id()
        return self._id

    @property
    def orders(self) -> tuple[Order, ...]:
        """The filled orders, in order of execution."""
        return tuple(self._orders)

    def _add(self, order: Order) -> None:
        """Add a filled order."""
        self._orders.append(order)

    def note_part(self) -> None:
        """Note that a further part of one of its orders was filled: what its fills add up to is out of date."""
        self._summed = -1

    @property
    def is_long(self) -> bool:
        """Whether it bought first."""
        return self.type is LONG

    @property
    def is_short(self) -> bool:
        """Whether it sold first."""
        return self.type is SHORT

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def buy_orders(self) -> Floats:
        """(Quantity, price) of the fills that bought, shape (k, 2); quantities without sign."""
        return self._fills(BUY)

    @property
    def sell_orders(self) -> Floats:
        """(Quantity, price) of the fills that sold, shape (k, 2); quantities without sign."""
        return self._fills(SELL)

    @property
    def entry_price(self) -> float:
        """Mean price of the fills on the entry side, weighted by quantity; NaN without any."""
        self._sum_up()
        return self._entry_price

    @property
    def exit_price(self) -> float:
        """Mean price of the fills on the exit side, weighted by quantity; NaN without any."""
        self._sum_up()
        return self._exit_price

    @property
    def qty(self) -> float:
        """Quantity filled on the entry side, without sign."""
        self._sum_up()
        return self._qty

    @property
    def fee(self) -> float:
        """The fees of its orders."""
        self._sum_up()
        return self._fee

    @property
    def size(self) -> float:
        """Quantity times entry price."""
        self._sum_up()
        return self._qty * self._entry_price

    @property
    def pnl(self) -> float:
        """Profit in the settlement currency, net of fees."""
        self._sum_up()
        # Computed from mean prices, as in Jesse, and not from the fills one by one: the last digits differ.
        gross = self._qty * (self._exit_price - self._entry_price)
        return (-gross if self.type is SHORT else gross) - self._fee

    @property
    def total_cost(self) -> float:
        """The margin that the entry tied up."""
        self._sum_up()
        return self._entry_price * abs(self._qty) / self.leverage

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
        # The order and the spelling of the keys are those of Jesse's files.
        return {
            "id": self.id,
            "strategy_name": self.strategy_name,
            "symbol": self.symbol,
            "exchange": self.exchange,
            "type": str(self.type),
            "entry_price": self.entry_price,
            "exit_price": self.exit_price,
            "qty": self.qty,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "fee": self.fee,
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

    def _fills(self, side: Side) -> Floats:
        rows = [(abs(order.filled_qty), order.price) for order in self._orders if order.side is side]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    def _sum_up(self) -> int:
        """Add up the fills, unless they were added up since the last one."""
        if self._summed == len(self._orders) and self._summed_type is self.type:
            return 0
        # Orders are only ever appended, so that their number tells whether there is another fill.
        entry_side = BUY if self.type is LONG else SELL
        entry: list[tuple[float, float]] = []
        exit: list[tuple[float, float]] = []
        self._qty = self._fee = 0.0
        for order in self._orders:
            qty = abs(order.filled_qty)
            self._fee += order.fee
            if order.side is entry_side:
                self._qty += qty
                entry.append((qty, order.price))
            else:
                exit.append((qty, order.price))
        self._entry_price, self._exit_price = _mean_price(entry), _mean_price(exit)
        self._summed, self._summed_type = len(self._orders), self.type
        return 0

    def __repr__(self) -> str:
        return f"<ClosedTrade {self.type} {self.symbol} qty={self.qty:g} pnl={self.pnl:g}>"


def _mean_price(fills: list[tuple[float, float]]) -> float:
    if not fills:
        return NAN
    # numpy's own order of summation: the same digits as Jesse's, however many fills there are. That order is the plain
    # one up to seven.
    if len(fills) < PAIRWISE_FROM:
        value = total = 0.0
        for qty, price in fills:
            value += qty * price
            total += qty
        return value / total if total != 0 else NAN
    table = np.array(fills)
    return float((table[:, 0] * table[:, 1]).sum() / table[:, 0].sum())
