# cython: annotation_typing=False, nonecheck=True
"""Orders, their fills, and the trades that these make."""

from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.trading.enums import OrderStatus, OrderType, PositionType, Side, SubmittedVia
from livermore.trading.ids import random_name

if not cython.compiled:
    warn_uncompiled()

__all__ = ["ClosedTrade", "Fill", "Order", "new_fill", "new_order"]

NAN = float("nan")
#: As many summands as numpy adds in another order than one by one.
FEWEST_PAIRWISE = 8

# Members of enumerations take long to look up.
ACTIVE = OrderStatus.ACTIVE
BUY = Side.BUY
SELL = Side.SELL
LONG = PositionType.LONG
SHORT = PositionType.SHORT


class Order:
    """One order. Strategies read it; the session that owns it changes its status, price and fill.

    Attributes
    ----------
    symbol, exchange : str
        What is traded, and where.
    side : {"buy", "sell"}
        Which way.
    type : {"MARKET", "LIMIT", "STOP"}
        How it waits for its price.
    qty : float
        Signed: negative for sells.
    filled_qty : float
        Signed; 0.0 until it fills, and less than `qty` where a reduce-only order was larger than the position.
    price : float
        The price asked for; once an opening gap has filled it, that opening price
        (then ``vars["submitted_price"]`` has the price asked for).
    reduce_only : bool
        Whether it may only make the position smaller.
    status : OrderStatus
        ACTIVE until it is EXECUTED or CANCELED.
    submitted_via : {"stop-loss", "take-profit"} or None
        The order variable that it comes from; None for entries and liquidations.
    created_at, executed_at, canceled_at : float or None
        UTC ms of the session's clock.
    trade : ClosedTrade or None
        The trade that it was filled for.
    fee : float
        Paid at the fill, in the settlement currency.
    """

    __slots__ = (
        "_id",
        "_vars",
        "canceled_at",
        "created_at",
        "exchange",
        "executed_at",
        "fee",
        "filled_qty",
        "price",
        "qty",
        "reduce_only",
        "reserved",
        "side",
        "status",
        "submitted_via",
        "symbol",
        "trade",
        "type",
    )

    def __init__(
        self,
        *,
        exchange: str,
        symbol: str,
        side: Side,
        type: OrderType,
        qty: float,
        price: float,
        reduce_only: bool = False,
        submitted_via: SubmittedVia | None = None,
        created_at: float | None = None,
    ) -> None:
        self._id: str | None = None
        self.exchange = exchange
        self.symbol = symbol
        self.side = side
        self.type = type
        self.qty = abs(qty) if side is BUY else -abs(qty)
        self.price = price
        self.reduce_only = reduce_only
        self.submitted_via = submitted_via
        self.created_at = created_at
        self.executed_at: float | None = None
        self.canceled_at: float | None = None
        self.filled_qty = 0.0
        self.fee = 0.0
        # What the account set aside for it at submission, in the settlement currency.
        self.reserved = 0.0
        self.status = ACTIVE
        self.trade: ClosedTrade | None = None
        self._vars: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_name()
        return self._id

    @property
    def vars(self) -> dict[str, Any]:
        """Whatever else there is to note of it."""
        if self._vars is None:
            self._vars = {}
        return self._vars

    @vars.setter
    def vars(self, values: dict[str, Any]) -> None:
        self._vars = values

    @property
    def trade_id(self) -> str | None:
        """The name of the trade that it was filled for; None until then."""
        return None if self.trade is None else self.trade.id

    @property
    def exchange_id(self) -> None:
        """The exchange's own name for the order; backtests have none."""
        return

    @property
    def is_active(self) -> bool:
        """Whether it waits for its price."""
        return self.status is ACTIVE

    @property
    def is_new(self) -> bool:
        """Whether it waits for its price; another name of `is_active`."""
        return self.status is ACTIVE

    @property
    def is_cancellable(self) -> bool:
        """Whether it can still be cancelled."""
        return self.status is ACTIVE

    @property
    def is_queued(self) -> bool:
        """Whether it waits for another order; never in a backtest."""
        return self.status is OrderStatus.QUEUED

    @property
    def is_canceled(self) -> bool:
        """Whether it was cancelled."""
        return self.status is OrderStatus.CANCELED

    @property
    def is_executed(self) -> bool:
        """Whether it was filled."""
        return self.status is OrderStatus.EXECUTED

    @property
    def is_filled(self) -> bool:
        """Whether it was filled; another name of `is_executed`."""
        return self.status is OrderStatus.EXECUTED

    @property
    def is_partially_filled(self) -> bool:
        """Whether a part was filled; never in a backtest."""
        return self.status is OrderStatus.PARTIALLY_FILLED

    @property
    def is_stop_loss(self) -> bool:
        """Whether it comes from `stop_loss`."""
        return self.submitted_via is SubmittedVia.STOP_LOSS

    @property
    def is_take_profit(self) -> bool:
        """Whether it comes from `take_profit`."""
        return self.submitted_via is SubmittedVia.TAKE_PROFIT

    @property
    def value(self) -> float:
        """Quantity times price, without sign."""
        return abs(self.qty) * self.price

    @property
    def remaining_qty(self) -> float:
        """What is not filled, signed."""
        return self.qty - self.filled_qty

    @property
    def to_dict(self) -> dict[str, Any]:
        """The order as plain values, under Jesse's keys."""
        return {
            "id": self.id,
            "trade_id": self.trade_id,
            "session_id": None,
            "exchange_id": None,
            "symbol": self.symbol,
            "side": str(self.side),
            "type": str(self.type),
            "qty": self.qty,
            "filled_qty": self.filled_qty,
            "price": self.price,
            "status": str(self.status),
            "created_at": self.created_at,
            "canceled_at": self.canceled_at,
            "executed_at": self.executed_at,
            "exchange": self.exchange,
            "reduce_only": self.reduce_only,
            "submitted_via": None if self.submitted_via is None else str(self.submitted_via),
            "jesse_submitted": True,
            "order_exist_in_exchange": True,
            "updated_at": None,
            "session_mode": None,
        }

    def __repr__(self) -> str:
        return f"<Order {self.type} {self.side} {self.symbol} qty={self.qty:g} price={self.price:g} {self.status}>"


def new_order(exchange, symbol, side, type, qty, price, submitted_via, created_at):
    """Return an order as `Order` does, faster; it is reduce-only if it comes from an exit variable."""
    order = Order.__new__(Order)
    order._id = None
    order._vars = None
    order.exchange = exchange
    order.symbol = symbol
    order.side = side
    order.type = type
    order.qty = abs(qty) if side is BUY else -abs(qty)
    order.price = price
    order.reduce_only = submitted_via is not None
    order.submitted_via = submitted_via
    order.created_at = created_at
    order.executed_at = None
    order.canceled_at = None
    order.filled_qty = 0.0
    order.fee = 0.0
    order.reserved = 0.0
    order.status = ACTIVE
    order.trade = None
    return order


class Fill:
    """An order met its price: what filling it would do, before anything is done.

    Attributes
    ----------
    order : Order
        The order; not yet changed.
    price : float
        At which it trades.
    qty : float
        Signed quantity that trades.
    fee : float
        In the settlement currency.
    time : float
        UTC ms.
    """

    __slots__ = ("fee", "order", "price", "qty", "time")

    def __init__(self, order: Order, price: float, qty: float, fee: float, time: float) -> None:
        self.order = order
        self.price = price
        self.qty = qty
        self.fee = fee
        self.time = time


def new_fill(order, price, qty, fee, time):
    """Return a fill as `Fill` does, faster."""
    fill = Fill.__new__(Fill)
    fill.order = order
    fill.price = price
    fill.qty = qty
    fill.fee = fee
    fill.time = time
    return fill


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
        "_entry_price",
        "_exit_price",
        "_fee",
        "_id",
        "_qty",
        "_summed",
        "_summed_type",
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
        self.type = LONG
        self.opened_at: float | None = None
        self.closed_at: float | None = None
        self.orders: list[Order] = []
        # What the fills add up to, and the number of orders and the direction for which that is so.
        self._entry_price = self._exit_price = NAN
        self._qty = self._fee = 0.0
        self._summed = 0
        self._summed_type = LONG

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_name()
        return self._id

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

    def _sum_up(self) -> int:
        """Add up the fills, anew only when there is another one."""
        if self._summed == len(self.orders) and self._summed_type is self.type:
            return 0
        entry_side = BUY if self.type is LONG else SELL
        entry: list[tuple[float, float]] = []
        exit: list[tuple[float, float]] = []
        self._qty = self._fee = 0.0
        for order in self.orders:
            qty = abs(order.filled_qty)
            self._fee += order.fee
            if order.side is entry_side:
                self._qty += qty
                entry.append((qty, order.price))
            else:
                exit.append((qty, order.price))
        self._entry_price, self._exit_price = _mean_price(entry), _mean_price(exit)
        self._summed, self._summed_type = len(self.orders), self.type
        return 0

    def __repr__(self) -> str:
        return f"<ClosedTrade {self.type} {self.symbol} qty={self.qty:g} pnl={self.pnl:g}>"


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
        return worth / total if total != 0 else NAN
    table = np.array(fills)
    return float((table[:, 0] * table[:, 1]).sum() / table[:, 0].sum())
