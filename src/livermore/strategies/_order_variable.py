"""Order variables, and what can be asked of them."""

from typing import Any

import numpy as np

from livermore.strategies._order_variables import OrderRows, OrderVariable, as_rows

__all__ = ["OrderRows", "OrderVariable", "as_rows", "mean_price"]


def mean_price(value: Any, variable: str, strategy: str) -> float:
    """Return the mean price of an order variable's rows, weighted by quantity."""
    rows = np.array(as_rows(value, variable, strategy))
    total: float = np.abs(rows[:, 0] * rows[:, 1]).sum() / np.abs(rows[:, 0]).sum()
    return total
