"""What filling an order would do, before anything is done."""

from dataclasses import dataclass

from livermore.trading._order import Order

__all__ = ["Fill"]


@dataclass(frozen=True, slots=True)
class Fill:
    """An order met its price.

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

    order: Order
    price: float
    qty: float
    fee: float
    time: float
