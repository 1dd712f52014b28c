# cython: annotation_typing=False, nonecheck=True
"""Orders and their fills."""

from typing import TYPE_CHECKING, Any

import cython

from livermore.errors import warn_uncompiled
from livermore.trading.enums import OrderStatus, OrderType, Side, SubmittedVia
from livermore.trading.ids import random_id

if TYPE_CHECKING:
    from livermore.trading.trade import ClosedTrade

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Fill", "Order"]

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
BUY = Side.BUY


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

    Examples
    --------
    >>> order = Order("Sandbox", "BTC-USDT", Side.SELL, OrderType.LIMIT, qty=0.5, price=42_000)
    >>> order.qty, order.is_active, order.filled_qty
    (-0.5, True, 0.0)
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
        exchange: str,
        symbol: str,
        side: Side,
        type: OrderType,
        qty: float,
        price: float,
        reduce_only: bool = False,
        submitted_via: SubmittedVia | None = None,
        created_at: float | None = None,
        filled_qty: float = 0.0,
        fee: float = 0.0,
        trade: "ClosedTrade | None" = None,
    ) -> None:
        # Names and vars are made when they are first read: most orders are never asked for either.
        self._id: str | None = None
        self.exchange = exchange
        self.symbol = symbol
        self.side = side
        self.type = type
        # The sign follows the side, whatever sign the strategy wrote.
        self.qty = abs(qty) if side is BUY else -abs(qty)
        self.price = price
        self.reduce_only = reduce_only
        self.submitted_via = submitted_via
        self.created_at = created_at
        self.executed_at: float | None = None
        self.canceled_at: float | None = None
        self.filled_qty = filled_qty
        self.fee = fee
        # What the account set aside for it at submission, in the settlement currency.
        self.reserved = 0.0
        # A market order is active as well until the end of its minute.
        self.status = ACTIVE
        self.trade = trade
        self._vars: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_id()
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

    # The following are Jesse's questions about the status; several have one answer in a backtest.

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
        """Whether a part was filled, and the rest waits; never in a backtest."""
        return self.status is ACTIVE and self.filled_qty != 0

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

    def left(self) -> float:
        """Return `remaining_qty`; compiled callers use it, since a property cannot be called without a look-up."""
        return self.qty - self.filled_qty

    @property
    def remaining_qty(self) -> float:
        """What is not filled, signed."""
        return self.left()

    @property
    def to_dict(self) -> dict[str, Any]:
        """The order as plain values, under Jesse's keys."""
        # Keys that only live trading fills are None, or what Jesse writes in a backtest.
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


# A fill is proposed first and booked afterwards, so that an account that refuses it leaves everything as it was.
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

    Examples
    --------
    >>> order = Order("Sandbox", "BTC-USDT", Side.BUY, OrderType.LIMIT, qty=0.5, price=42_000)
    >>> fill = Fill(order, price=42_000, qty=0.5, fee=12.6, time=1_704_067_200_000)
    >>> fill.price * fill.qty + fill.fee, order.is_filled
    (21012.6, False)
    """

    __slots__ = ("fee", "order", "price", "qty", "time")

    def __init__(self, order: Order, price: float, qty: float, fee: float, time: float) -> None:
        self.order = order
        self.price = price
        self.qty = qty
        self.fee = fee
        self.time = time
