"""Orders and trades of the loopback exchange."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

__all__ = ["LoopbackOrder", "LoopbackTrade", "Refusal", "RefusedError"]

Side = Literal["buy", "sell"]
Kind = Literal["market", "limit"]

#: Why an exchange refuses an order or a cancellation. Each dialect has its own words for it.
Refusal = Literal[
    "insufficient funds",
    "too small",
    "unknown order",
    "duplicate id",
    "nothing to reduce",
    "would trigger",
    "bad request",
]


class RefusedError(Exception):
    """An order that the exchange does not take.

    Parameters
    ----------
    reason : str
        One of `Refusal`.
    """

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


@dataclass(frozen=True)
class LoopbackTrade:
    """One fill, or a part of one.

    Attributes
    ----------
    id, order_id : str
        Names.
    symbol, side : str
        What was traded.
    qty, price, fee : Decimal
        Amounts; the fee in the quote asset.
    time : int
        UTC ms.
    maker : bool
        Whether the order had waited.
    realized : Decimal
        Profit of the part of a position that it closed; 0 on spot.

    Examples
    --------
    >>> qty, price, fee = Decimal("0.4"), Decimal(42_000), Decimal(4)
    >>> trade = LoopbackTrade("T-1", "O-1", "BTC-USDT", "buy", qty, price, fee, 0, maker=True)
    >>> trade.qty * trade.price + trade.fee
    Decimal('16804.0')
    """

    id: str
    order_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    fee: Decimal
    time: int
    maker: bool
    realized: Decimal = Decimal(0)


@dataclass
class LoopbackOrder:
    """One order.

    Attributes
    ----------
    id, client_id : str
        The exchange's and the client's name for it.
    symbol, side, kind : str
        What it wants; ``"market"`` or ``"limit"``, if it has a trigger once that is reached.
    qty : Decimal
        How much, in the base asset.
    price, trigger : Decimal or None
        Limit, and the price from which the order is in the market.
    triggers_above : bool
        Whether the trigger is reached from below.
    reduce_only : bool
        Whether it may only make a position smaller.
    created_at, updated_at : int
        UTC ms.
    status : {"open", "closed", "canceled", "expired"}
        Closed once all is filled; expired if there was nothing to fill it with.
    is_triggered : bool
        Whether the trigger was reached.
    trades : list of LoopbackTrade
        Its fills.
    unsettled : list of Decimal
        Parts of a fill that are still to come, by script.

    Examples
    --------
    >>> two, price, fee = Decimal(2), Decimal(42_000), Decimal(4)
    >>> order = LoopbackOrder("O-1", "mine", "BTC-USDT", "sell", "limit", two, price, None, False, False, 0, 0)
    >>> order.trades.append(LoopbackTrade("T-1", "O-1", "BTC-USDT", "sell", Decimal(1), price, fee, 0, True))
    >>> order.sign, order.filled, order.average, order.is_waiting
    (-1, Decimal('1'), Decimal('42000'), False)
    """

    id: str
    client_id: str
    symbol: str
    side: Side
    kind: Kind
    qty: Decimal
    price: Decimal | None
    trigger: Decimal | None
    triggers_above: bool
    reduce_only: bool
    created_at: int
    updated_at: int
    status: str = "open"
    is_triggered: bool = False
    trades: list[LoopbackTrade] = field(default_factory=list)
    unsettled: list[Decimal] = field(default_factory=list)

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self.side == "buy" else -1

    @property
    def filled(self) -> Decimal:
        """How much is filled."""
        return sum((trade.qty for trade in self.trades), Decimal(0))

    @property
    def cost(self) -> Decimal:
        """What the fills cost, in the quote asset."""
        return sum((trade.qty * trade.price for trade in self.trades), Decimal(0))

    @property
    def fee(self) -> Decimal:
        """Fees of the fills."""
        return sum((trade.fee for trade in self.trades), Decimal(0))

    @property
    def average(self) -> Decimal:
        """Mean price of the fills; 0 without one."""
        return self.cost / self.filled if self.trades else Decimal(0)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for its trigger."""
        return self.trigger is not None and not self.is_triggered
