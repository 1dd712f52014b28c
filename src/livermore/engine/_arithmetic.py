"""The engine's sums: quantities as the decimals that they were written as, prices and profits as floats."""

from decimal import Decimal

__all__ = ["average_price", "profit", "sum_exact"]


def sum_exact(a: float, b: float) -> float:
    """Add two floats as the decimal numbers that they are printed as.

    A position is closed when this sum is exactly 0.

    Examples
    --------
    >>> 0.1 + 0.2, sum_exact(0.1, 0.2)
    (0.30000000000000004, 0.3)
    """
    return float(Decimal(repr(float(a))) + Decimal(repr(float(b))))


def average_price(qty: float, price: float, held_qty: float, held_price: float) -> float:
    """Return the entry price of a position that was enlarged.

    Examples
    --------
    >>> average_price(1.0, 20.0, 3.0, 10.0)
    12.5
    """
    return (abs(qty) * price + abs(held_qty) * held_price) / (abs(qty) + abs(held_qty))


def profit(qty: float, entry_price: float, exit_price: float, *, short: bool) -> float:
    """Return what closing `qty` brings, before fees.

    Examples
    --------
    >>> profit(2.0, 10.0, 9.0, short=True)
    2.0
    """
    gain = abs(qty) * (exit_price - entry_price)
    return -gain if short else gain
