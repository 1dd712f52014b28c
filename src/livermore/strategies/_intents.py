"""Order variables: what a strategy may assign to them, and the rows of (quantity, price) that it becomes."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from livermore.errors import OrderShapeError, StrategyError

if TYPE_CHECKING:
    from livermore.strategies._strategy import Strategy

__all__ = ["OrderRows", "OrderVariable", "as_rows", "mean_price"]

OrderRows = npt.NDArray[np.float64]


class OrderVariable:
    """An attribute of a strategy whose changes the session notices."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name."""
        self.name = name

    def __get__(self, strategy: "Strategy | None", owner: type) -> Any:
        """Return what was assigned, or once accepted its rows."""
        if strategy is None:
            return self
        value = strategy._intents[self.name]
        if value is not None:
            # It may be changed in place.
            strategy._changed = True
        return value

    def __set__(self, strategy: "Strategy", value: Any) -> None:
        """Assign."""
        strategy._intents[self.name] = value
        strategy._changed = True


def as_rows(value: Any, variable: str, strategy: str) -> OrderRows:
    """Turn an order variable into rows of (quantity, price).

    Parameters
    ----------
    value : tuple, list or ndarray
        ``(quantity, price)``, or several of them.
    variable, strategy : str
        For messages.

    Returns
    -------
    ndarray of shape (k, 2)
        A new one.

    Raises
    ------
    OrderShapeError
        If it is something else.
    StrategyError
        If a price is 0 or less.

    Examples
    --------
    >>> as_rows((1, 100), "buy", "Trend").tolist()
    [[1.0, 100.0]]
    >>> as_rows([(1, 100), (2, 99)], "buy", "Trend").shape
    (2, 2)
    """
    rows = _table(value, variable, strategy)
    if len(rows) and (rows[:, 1] <= 0).any():
        price = rows[rows[:, 1] <= 0, 1][0]
        raise StrategyError(f"{strategy}: self.{variable} = {value!r} has the price {price:g}; prices must be above 0")
    return rows


def mean_price(value: Any, variable: str, strategy: str) -> float:
    """Return the mean price of an order variable's rows, weighted by quantity."""
    rows = as_rows(value, variable, strategy)
    total: float = np.abs(rows[:, 0] * rows[:, 1]).sum() / np.abs(rows[:, 0]).sum()
    return total


def _table(value: Any, variable: str, strategy: str) -> OrderRows:
    try:
        rows = np.array(value, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise OrderShapeError(_shape_message(value, variable, strategy)) from error
    if rows.size == 0:
        return np.empty((0, 2))
    if rows.shape == (2,):
        rows = rows[None, :]
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise OrderShapeError(_shape_message(value, variable, strategy))
    return rows


def _shape_message(value: Any, variable: str, strategy: str) -> str:
    return (
        f"{strategy}: self.{variable} = {value!r} is not (quantity, price), nor a list of such pairs. "
        f"Write self.{variable} = qty, price"
    )
