"""The few words that orders and positions are described with; each member equals Jesse's string for it."""

from enum import StrEnum

__all__ = ["OrderStatus", "OrderType", "PositionType", "Side", "SubmittedVia"]


class Side(StrEnum):
    """Which way an order trades.

    Examples
    --------
    >>> Side.BUY == "buy", Side("sell").name
    (True, 'SELL')
    """

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """How an order waits for its price.

    Examples
    --------
    >>> OrderType("LIMIT") is OrderType.LIMIT, OrderType.STOP == "STOP"
    (True, True)
    """

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"


class OrderStatus(StrEnum):
    """Where an order is in its life.

    Examples
    --------
    >>> OrderStatus.EXECUTED == "EXECUTED", OrderStatus("PARTIALLY FILLED").name
    (True, 'PARTIALLY_FILLED')
    """

    ACTIVE = "ACTIVE"
    CANCELED = "CANCELED"
    EXECUTED = "EXECUTED"
    PARTIALLY_FILLED = "PARTIALLY FILLED"
    QUEUED = "QUEUED"
    LIQUIDATED = "LIQUIDATED"
    REJECTED = "REJECTED"


class SubmittedVia(StrEnum):
    """Which order variable of the strategy an exit order comes from.

    Examples
    --------
    >>> SubmittedVia.STOP_LOSS == "stop-loss", SubmittedVia("take-profit").name
    (True, 'TAKE_PROFIT')
    """

    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"


class PositionType(StrEnum):
    """What is held.

    Examples
    --------
    >>> PositionType.LONG == "long", PositionType("close").name
    (True, 'CLOSE')
    """

    LONG = "long"
    SHORT = "short"
    CLOSE = "close"
