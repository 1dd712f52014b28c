"""The few words that orders and positions are described with; each member equals Jesse's string for it."""

from enum import StrEnum

__all__ = ["OrderStatus", "OrderType", "PositionType", "Side", "SubmittedVia"]


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """How an order waits for its price."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"


class OrderStatus(StrEnum):
    """Where an order is in its life."""

    ACTIVE = "ACTIVE"
    CANCELED = "CANCELED"
    EXECUTED = "EXECUTED"
    PARTIALLY_FILLED = "PARTIALLY FILLED"
    QUEUED = "QUEUED"
    LIQUIDATED = "LIQUIDATED"
    REJECTED = "REJECTED"


class SubmittedVia(StrEnum):
    """Which order variable of the strategy an exit order comes from."""

    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"


class PositionType(StrEnum):
    """What is held."""

    LONG = "long"
    SHORT = "short"
    CLOSE = "close"
