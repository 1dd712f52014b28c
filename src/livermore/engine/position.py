# cython: annotation_typing=False, nonecheck=True
"""The position of a symbol, and how fills change it.

Quantities add up as the decimals that they were written as, prices and profits as floats.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import cython

from livermore.engine.account import Account
from livermore.engine.liquidation import bankruptcy_price
from livermore.errors import warn_uncompiled
from livermore.trading import PositionType
from livermore.trading.ids import random_id
from livermore.trading.order import Fill

if TYPE_CHECKING:
    from livermore.market.market import Market
    from livermore.strategies import Strategy

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Position", "average_price", "profit", "sum_exact"]

NAN = float("nan")

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
LONG = PositionType.LONG
SHORT = PositionType.SHORT
CLOSE = PositionType.CLOSE


class Position:
    """The position of one symbol. Strategies read it; fills change it.

    Attributes
    ----------
    qty : float
        Signed: negative when short; 0 when flat.
    previous_qty : float
        `qty` before the last change.
    entry_price : float or None
        Mean price, weighted by quantity; None when flat.
    exit_price : float or None
        Of the last fill that made it smaller.
    opened_at, closed_at : float or None
        UTC ms.
    """

    __slots__ = (
        "_account",
        "_id",
        "_market",
        "closed_at",
        "entry_price",
        "exit_price",
        "opened_at",
        "previous_qty",
        "qty",
        "strategy",
    )

    def __init__(self, market: "Market", account: Account) -> None:
        self._market = market
        self._account = account
        self._id: str | None = None
        self.strategy: Strategy | None = None
        self.qty = 0.0
        self.previous_qty = 0.0
        self.entry_price: float | None = None
        self.exit_price: float | None = None
        self.opened_at: float | None = None
        self.closed_at: float | None = None

    def apply(self, fill: Fill) -> float:
        """Take in a fill, and return the profit that it realised, before fees."""
        self.previous_qty = self.qty
        # On spot the fee is paid in the asset, so that less is received than was bought.
        held, qty = self.qty, self._account.received(fill)
        total = sum_exact(held, qty)
        if held == 0:
            self._open(qty, fill)
            return 0.0
        assert self.entry_price is not None
        if (held > 0) == (qty > 0):
            # Weighted by what was ordered: on spot the fee makes what was received less.
            self.entry_price = average_price(fill.qty, fill.price, held, self.entry_price)
            self.qty = total
            return 0.0
        self.exit_price = fill.price
        realised = profit(min(abs(qty), abs(held)), self.entry_price, fill.price, held < 0)
        # A fill larger than the position closes it and opens the other side with the rest.
        if total == 0 or (total > 0) != (held > 0):
            self._close(fill)
        if total != 0 and self.qty == 0:
            self.previous_qty = 0.0
            self._open(total, fill)
        else:
            self.qty = total
        return realised

    # `open_profit` and `margin` are what the properties `pnl` and `total_cost` return. They are methods so that
    # compiled callers, which add them up at each order, do not look up a property by name.

    def open_profit(self) -> float:
        """Return what `pnl` shows."""
        if self.qty == 0 or self.entry_price is None:
            return 0.0
        entry = self.entry_price
        difference = self._value() - abs(entry * self.qty)
        return -difference if self.qty < 0 else difference

    def margin(self) -> float:
        """Return what `total_cost` shows."""
        # NaN and not 0, as in Jesse: a flat position has no cost that a profit could be divided by.
        if self.qty == 0 or self.entry_price is None:
            return NAN
        entry = self.entry_price
        return entry * abs(self.qty) / self._account.leverage

    @property
    def id(self) -> str:
        """A random name, made when it is first asked for."""
        if self._id is None:
            self._id = random_id()
        return self._id

    @property
    def symbol(self) -> str:
        """What is held."""
        return self._market.symbol

    @property
    def exchange_name(self) -> str:
        """Where it is held."""
        return self._market.exchange

    @property
    def exchange(self) -> Account:
        """The account that it belongs to."""
        return self._account

    @property
    def current_price(self) -> float | None:
        """The last price; None before the first minute."""
        return self._market.price

    @property
    def mark_price(self) -> float | None:
        """The last price; a backtest knows no other."""
        return self._market.price

    @property
    def funding_rate(self) -> float:
        """0: a backtest has no funding."""
        return 0.0

    @property
    def next_funding_timestamp(self) -> None:
        """None: a backtest has no funding."""
        return

    @property
    def is_open(self) -> bool:
        """Whether anything is held."""
        return self.qty != 0

    @property
    def is_close(self) -> bool:
        """Whether nothing is held."""
        return self.qty == 0

    @property
    def is_long(self) -> bool:
        """Whether it gains when the price rises."""
        return self.qty > 0

    @property
    def is_short(self) -> bool:
        """Whether it gains when the price falls."""
        return self.qty < 0

    @property
    def type(self) -> PositionType:
        """``"long"``, ``"short"``, or ``"close"`` when flat."""
        if self.qty > 0:
            return LONG
        return SHORT if self.qty < 0 else CLOSE

    @property
    def value(self) -> float:
        """Worth at the last price, without sign."""
        return self._value()

    @property
    def pnl(self) -> float:
        """Profit at the last price, before fees."""
        return self.open_profit()

    @property
    def pnl_percentage(self) -> float:
        """Profit in percent of `total_cost`."""
        pnl = self.pnl
        return pnl / self.total_cost * 100 if pnl else 0.0

    @property
    def roi(self) -> float:
        """Another name of `pnl_percentage`."""
        return self.pnl_percentage

    @property
    def total_cost(self) -> float:
        """The margin that it ties up; NaN when flat."""
        return self.margin()

    @property
    def entry_margin(self) -> float:
        """Another name of `total_cost`."""
        return self.margin()

    @property
    def leverage(self) -> int:
        """The account's."""
        return self._account.leverage

    @property
    def exchange_type(self) -> str:
        """``"futures"`` or ``"spot"``."""
        return self._account.kind

    @property
    def mode(self) -> str:
        """``"cross"``, ``"isolated"`` or ``"spot"``."""
        return self._account.mode

    @property
    def liquidation_price(self) -> float:
        """At which an isolated position is liquidated; NaN for others and when flat."""
        return self._account.liquidation.price(self)

    @property
    def bankruptcy_price(self) -> float:
        """At which the position's own margin is gone, whatever the margin mode; NaN when flat."""
        return bankruptcy_price(self)

    @property
    def to_dict(self) -> dict[str, Any]:
        """The position as plain values."""
        return {
            "id": self.id,
            "entry_price": self.entry_price,
            "qty": self.qty,
            "current_price": self.current_price,
            "value": self.value,
            "type": str(self.type),
            "exchange": self.exchange_name,
            "pnl": self.pnl,
            "pnl_percentage": self.pnl_percentage,
            "leverage": self.leverage,
            "liquidation_price": self.liquidation_price,
            "bankruptcy_price": self.bankruptcy_price,
            "mode": self.mode,
            "opened_at": self.opened_at,
            "symbol": self.symbol,
            "exchange_type": self.exchange_type,
        }

    def _value(self) -> float:
        if self.qty == 0:
            return 0.0
        price = self._market.price
        return 0.0 if price is None else abs(float(price) * self.qty)

    def _open(self, qty: float, fill: Fill) -> None:
        self.qty = qty
        self.entry_price = fill.price
        self.exit_price = None
        self.opened_at = fill.time

    def _close(self, fill: Fill) -> None:
        self.qty = 0.0
        self.entry_price = None
        self.closed_at = fill.time

    def __repr__(self) -> str:
        return f"<Position {self.type} {self.symbol} qty={self.qty:g} entry={self.entry_price}>"


def sum_exact(a: float, b: float) -> float:
    """Add two floats as the decimal numbers that they are printed as.

    A position is closed when this sum is exactly 0.

    Examples
    --------
    >>> 0.1 + 0.2, sum_exact(0.1, 0.2)
    (0.30000000000000004, 0.3)
    """
    # Nothing to round: what is most often asked.
    if a == -b:
        return 0.0
    if a == 0:
        return b
    # Slow, and needed only where a position changes: 0.1 + 0.2 - 0.3 must be a closed position.
    return float(Decimal(repr(float(a))) + Decimal(repr(float(b))))


def average_price(qty: float, price: float, held_qty: float, held_price: float) -> float:
    """Return the entry price of a position that was enlarged.

    Examples
    --------
    >>> average_price(1.0, 20.0, 3.0, 10.0)
    12.5
    """
    return (abs(qty) * price + abs(held_qty) * held_price) / (abs(qty) + abs(held_qty))


def profit(qty: float, entry_price: float, exit_price: float, short: bool) -> float:
    """Return what closing `qty` brings, before fees.

    Examples
    --------
    >>> profit(2.0, 10.0, 9.0, True)
    2.0
    """
    gain = abs(qty) * (exit_price - entry_price)
    return -gain if short else gain
