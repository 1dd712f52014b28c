"""Orders for an exchange: what is asked for, what becomes of it, and which are never sent."""

import json
import uuid
from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from numbers import Real
from typing import Any, Literal, NamedTuple

from livermore.errors import ConfigError

__all__ = ["ExchangeFill", "Limits", "OrderRequest", "OrderResult", "Outcome", "client_id_of", "signed", "to_step"]

# Names of orders become ids in this space; it is fixed, so that a name gives the same id in each run.
_NAMESPACE = uuid.UUID("6f2c1c1e-5d0b-4b6e-9a57-0d7f6d1b7a11")


class Outcome(StrEnum):
    """What became of a command.

    Examples
    --------
    >>> Outcome("unresolved") is Outcome.UNRESOLVED
    True
    """

    #: The exchange has it.
    CONFIRMED = "confirmed"
    #: The exchange refused it, or says that it never had it.
    REJECTED = "rejected"
    #: It was not sent: a limit, or something that the market's rules forbid.
    DENIED = "denied"
    #: It was sent and nobody knows: a time-out, a lost connection. It is asked for, and never sent again.
    UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class OrderRequest:
    """One order for an exchange.

    Attributes
    ----------
    name : str
        Unique and deterministic, such as those of `Event`: the exchange's client id follows from it.
    symbol : str
        As routes name it.
    side : {"buy", "sell"}
        Which way.
    kind : {"market", "limit", "stop"}
        A stop becomes a market order when the price reaches it.
    qty : float
        How much, positive, in the base asset.
    price : float or None
        Limit or trigger; None for market orders.
    reduce_only : bool
        Whether it may only make a position smaller.

    Examples
    --------
    >>> OrderRequest("first-1", "BTC-USDT", "buy", "limit", 0.01, 40_000).kind
    'limit'
    """

    name: str
    symbol: str
    side: Literal["buy", "sell"]
    kind: Literal["market", "limit", "stop"]
    qty: float
    price: float | None = None
    reduce_only: bool = False

    def __post_init__(self) -> None:
        if self.side not in ("buy", "sell") or self.kind not in ("market", "limit", "stop"):
            raise ConfigError(f"no order can be {self.side!r} and {self.kind!r}")
        if not 0 < self.qty < float("inf"):
            raise ConfigError(f"an order's quantity must be positive and finite; it is {self.qty}")
        if (self.price is None) != (self.kind == "market"):
            raise ConfigError(f"a {self.kind} order {'has no' if self.kind == 'market' else 'needs a'} price")
        if self.price is not None and not 0 < self.price < float("inf"):
            raise ConfigError(f"an order's price must be positive and finite; it is {self.price}")

    @property
    def client_id(self) -> str:
        """The id under which the exchange knows it."""
        return client_id_of(self.name)

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "OrderRequest":
        """Read what `to_json` returned."""
        values: dict[str, Any] = json.loads(text)
        return cls(**values)


class OrderResult(NamedTuple):
    """What became of an order.

    Attributes
    ----------
    name : str
        Of the order.
    outcome : Outcome
        See there.
    exchange_id : str
        The exchange's id; empty if it is not known.
    reason : str
        Why it was denied, rejected or is unresolved.

    Examples
    --------
    >>> OrderResult("first-1", Outcome.DENIED, reason="the order is worth 200, and 150 is allowed").outcome.value
    'denied'
    """

    name: str
    outcome: Outcome
    exchange_id: str = ""
    reason: str = ""


class ExchangeFill(NamedTuple):
    """One trade of an order, as the exchange told it.

    Attributes
    ----------
    trade_id, name : str
        The exchange's id of the trade; the order's name, empty if it is not one of ours.
    symbol, side : str
        What was traded.
    qty, price, fee : float
        Amounts; the fee in the quote asset where the exchange says so.
    time : int
        UTC ms.

    Examples
    --------
    >>> fill = ExchangeFill("T-7", "first-1", "BTC-USDT", "buy", qty=0.5, price=40_000, fee=8, time=1_704_067_200_000)
    >>> fill.qty * fill.price + fill.fee
    20008.0
    """

    trade_id: str
    name: str
    symbol: str
    side: str
    qty: float
    price: float
    fee: float
    time: int


@dataclass(frozen=True)
class Limits:
    """What an order must keep to, whatever a strategy asks for.

    Exits are bound by the price band only, and stops of a position by nothing.

    None is no limit.

    Attributes
    ----------
    order_value : float, optional
        Largest value of one order, in the quote asset.
    position_value : float, optional
        Largest value of a position, with the order filled.
    orders_per_minute : int, optional
        How many orders are sent in any 60 s, of all symbols.
    price_band : float, optional
        How far a price may be from the last one, as a fraction.

    Raises
    ------
    ConfigError
        If a limit is no number, or less than 0.

    Examples
    --------
    >>> order = OrderRequest("a", "BTC-USDT", "buy", "limit", 2, 100)
    >>> Limits(order_value=150).objection(order, last_price=101, position=0, recent_orders=0)
    'the order is worth 200, and 150 is allowed'
    >>> Limits(price_band=0.05).objection(order, last_price=120, position=0, recent_orders=0)
    'the price 100 is 16.7 % from the last one, and 5.0 % is allowed'
    """

    order_value: float | None = None
    position_value: float | None = None
    orders_per_minute: int | None = None
    price_band: float | None = None

    def __post_init__(self) -> None:
        for option, limit in vars(self).items():
            # Nothing is more than NaN: it would be no limit.
            if limit is not None and not (isinstance(limit, Real) and float(limit) >= 0):
                raise ConfigError(f"{option} must be a number of 0 or more, or None for no limit; it is {limit!r}")

    def objection(self, order: OrderRequest, *, last_price: float, position: float, recent_orders: int) -> str | None:
        """Return why an order is not sent; None if it may be.

        Parameters
        ----------
        order : OrderRequest
            The order.
        last_price : float
            Of the market.
        position : float
            Signed quantity that is held.
        recent_orders : int
            How many orders were sent in the last 60 s.
        """
        if order.reduce_only and order.kind == "stop":
            # A stop is far from the price on purpose, and a position must not stay without it.
            return None
        price = last_price if order.price is None else order.price
        off = abs(price / last_price - 1)
        if self.price_band is not None and off > self.price_band:
            band = 100 * self.price_band
            return f"the price {price:g} is {100 * off:.1f} % from the last one, and {band:.1f} % is allowed"
        if order.reduce_only:
            return None
        value = order.qty * price
        if self.order_value is not None and value > self.order_value:
            return f"the order is worth {value:g}, and {self.order_value:g} is allowed"
        after = abs(position + signed(order.qty, order.side)) * price
        if self.position_value is not None and after > self.position_value:
            return f"the position would be worth {after:g}, and {self.position_value:g} is allowed"
        if self.orders_per_minute is not None and recent_orders >= self.orders_per_minute:
            return f"{recent_orders} orders were sent in the last minute, and {self.orders_per_minute} are allowed"
        return None


def client_id_of(name: str) -> str:
    """Return the client id of an order's name: a UUID, which Kraken, Binance and others take.

    Examples
    --------
    >>> client_id_of("first-1704067260000-0-0")
    'db83ab1b-ad9f-5916-a558-470ffacfd24a'
    """
    return str(uuid.uuid5(_NAMESPACE, name))


def signed(qty: float, side: str) -> float:
    """Return by how much an order or a fill changes a position.

    Examples
    --------
    >>> signed(2, "buy"), signed(2, "sell")
    (2, -2)
    """
    return qty if side == "buy" else -qty


def to_step(value: float, step: float, *, up: bool) -> float:
    """Return the multiple of a step next to a value, above or below it.

    Examples
    --------
    >>> to_step(0.12345, 0.001, up=False), to_step(0.12345, 0.001, up=True), to_step(0.3, 0.1, up=False)
    (0.123, 0.124, 0.3)
    """
    exact, unit = Decimal(repr(float(value))), Decimal(repr(float(step)))
    return float((exact / unit).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * unit)
