"""Binance's names of markets and orders, and the form of its errors."""

from livermore.testing.loopback._answers import Answer
from livermore.testing.loopback._market import LoopbackMarket
from livermore.testing.loopback._orders import LoopbackOrder

__all__ = ["STATUS", "binance_error", "id_of", "kind_of", "number_of", "status_of"]

STATUS = {"open": "NEW", "closed": "FILLED", "canceled": "CANCELED", "expired": "EXPIRED"}


def id_of(market: LoopbackMarket) -> str:
    """Return Binance's name of a market."""
    return market.symbol.replace("-", "")


def binance_error(code: int, message: str) -> Answer:
    """Return one of Binance's errors."""
    return Answer({"code": code, "msg": message}, status=400)


def number_of(name: str) -> int:
    """Return an id as Binance has them: a number."""
    return int(name[1:].replace("-", ""))


def status_of(order: LoopbackOrder) -> str:
    """Return Binance's word for the status of an order."""
    return "PARTIALLY_FILLED" if order.status == "open" and order.trades else STATUS[order.status]


def kind_of(order: LoopbackOrder) -> str:
    """Return Binance's word for the type that an order was submitted with."""
    if order.trigger is None:
        return order.kind.upper()
    name = "STOP" if (order.side == "buy") == order.triggers_above else "TAKE_PROFIT"
    return name if order.kind == "limit" else f"{name}_MARKET"
