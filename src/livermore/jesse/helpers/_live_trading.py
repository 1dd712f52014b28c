"""Order books, and quantities and prices as exchanges take them."""

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "clean_orderbook_list",
    "orderbook_insertion_index_search",
    "orderbook_trim_price",
    "round_price_for_live_mode",
    "round_qty_for_live_mode",
]

Numbers = float | npt.NDArray[np.float64]


def clean_orderbook_list(arr: Sequence[Sequence[Any]]) -> list[list[float]]:
    """Return rows of (price, quantity), which exchanges send as texts, as floats.

    Examples
    --------
    >>> clean_orderbook_list([["1", "2"]])
    [[1.0, 2.0]]
    """
    return [[float(price), float(qty)] for price, qty in arr]


def orderbook_insertion_index_search(
    arr: Sequence[Sequence[float]], target: Sequence[float], ascending: bool = True
) -> tuple[bool, int]:
    """Find where a row belongs in rows that are sorted by price.

    Parameters
    ----------
    arr : sequence of (price, quantity)
        Sorted by price.
    target : (price, quantity)
        The row.
    ascending : bool
        Whether the lowest price comes first.

    Returns
    -------
    tuple of bool and int
        Whether there is a row with this price, and its index, or the index at which to insert one.

    Examples
    --------
    >>> orderbook_insertion_index_search([[1, 1], [3, 1]], [2, 1])
    (False, 1)
    >>> orderbook_insertion_index_search([[3, 1], [1, 1]], [3, 1], ascending=False)
    (True, 0)
    """
    sign = 1.0 if ascending else -1.0
    prices = sign * np.array([row[0] for row in arr], dtype=np.float64)
    price = sign * target[0]
    index = int(np.searchsorted(prices, price))
    return index < len(prices) and bool(prices[index] == price), index


def orderbook_trim_price(p: float, ascending: bool, unit: float) -> float:
    """Return a price on the grid of a unit: the next one upwards for asks, downwards for bids.

    Parameters
    ----------
    p : float
        Price.
    ascending : bool
        Upwards.
    unit : float
        Distance of the prices of the grid.

    Raises
    ------
    ValueError
        If `unit` is not above 0.

    Examples
    --------
    >>> orderbook_trim_price(101.5, True, 5), orderbook_trim_price(101.5, False, 5)
    (105.0, 100.0)
    """
    if not unit > 0:
        raise ValueError(f"unit must be above 0, not {unit!r}")
    steps = Decimal(repr(float(p))) / Decimal(repr(float(unit)))
    whole = steps.to_integral_value(ROUND_CEILING if ascending else ROUND_FLOOR)
    return float(whole * Decimal(repr(float(unit))))


def round_price_for_live_mode(price: Numbers, precision: int) -> Numbers:
    """Round a price, or an array of prices, to the decimals that an exchange takes.

    Examples
    --------
    >>> float(round_price_for_live_mode(12.3456, 2))
    12.35
    """
    rounded: Numbers = np.round(price, precision)
    return rounded


def round_qty_for_live_mode(roundable_qty: Numbers, precision: int) -> Numbers:
    """Round a quantity, or an array of them, down to the decimals that an exchange takes, but not to zero.

    Parameters
    ----------
    roundable_qty : float or ndarray
        Quantities.
    precision : int
        Decimals. What would become 0 becomes the smallest quantity, ``10 ** -precision``.

    Examples
    --------
    >>> round_qty_for_live_mode(12.349, 2), round_qty_for_live_mode(0.0003, 3)
    (12.34, 0.001)
    """
    if isinstance(roundable_qty, np.ndarray):
        return np.array([_round_qty(float(qty), precision) for qty in roundable_qty.ravel()]).reshape(
            roundable_qty.shape
        )
    return _round_qty(float(roundable_qty), precision)


def _round_qty(qty: float, precision: int) -> float:
    if not math.isfinite(qty):
        raise ValueError(f"a quantity must be finite, not {qty}")
    step = Decimal(1).scaleb(-precision)
    rounded = (Decimal(repr(qty)) / step).to_integral_value(ROUND_FLOOR) * step
    return float(rounded if rounded else step)
