"""What filling an order would do, before anything is done."""

from typing import NamedTuple

from livermore.trading._order import Order

__all__ = ["Fill"]


class Fill(NamedTuple):
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
