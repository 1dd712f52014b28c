# cython: annotation_typing=False, nonecheck=True
"""Order variables: what a strategy may assign to them, and the rows of (quantity, price) that it becomes."""

from typing import TYPE_CHECKING, Any

import cython
import numpy as np

from livermore.errors import OrderShapeError, StrategyError, warn_uncompiled
from livermore.strategies.state import state_of

if TYPE_CHECKING:
    from livermore.strategies._strategy import Strategy

if not cython.compiled:
    warn_uncompiled()

__all__ = ["OrderRows", "OrderVariable", "as_rows", "mean_price"]


class OrderRows(tuple[tuple[float, float], ...]):
    """Rows of (quantity, price) that were checked; a strategy that reads them gets an array of shape (k, 2)."""

    __slots__ = ()


class OrderVariable:
    """An attribute of a strategy whose changes the session notices."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name."""
        self.name = name

    def __get__(self, strategy: "Strategy | None", owner: type) -> Any:
        """Return what was assigned, or its rows once they were checked."""
        if strategy is None:
            return self
        state = state_of(strategy)
        value = state.order_variables[self.name]
        if isinstance(value, OrderRows):
            value = state.order_variables[self.name] = np.array(value).reshape(-1, 2)
        if value is not None:
            # The strategy may change the list or array in place.
            state.order_variables_changed = True
        return value

    def __set__(self, strategy: "Strategy", value: Any) -> None:
        """Assign."""
        state = state_of(strategy)
        state.order_variables[self.name] = value
        state.order_variables_changed = True


def as_rows(value: Any, variable: str, strategy: str) -> OrderRows:
    """Turn an order variable into rows of (quantity, price).

    Parameters
    ----------
    value : tuple, list or ndarray
        ``(quantity, price)``, or several of them.
    variable, strategy : str
        For messages.

    Raises
    ------
    OrderShapeError
        If it is something else.
    StrategyError
        If a price is 0 or less.

    Examples
    --------
    >>> as_rows((1, 100), "buy", "Trend")
    ((1.0, 100.0),)
    >>> as_rows([(1, 100), [2, 99]], "buy", "Trend")
    ((1.0, 100.0), (2.0, 99.0))
    """
    # Rows that were checked before are passed in again on each bar: they are not checked twice.
    if type(value) is OrderRows:
        return value
    # Nearly all values are one pair. A pair of pairs fails in float(), and a table takes the other way.
    try:
        qty, price = value
        number, worth = float(qty), float(price)
    except (TypeError, ValueError, OverflowError):
        return _checked(_table(value, variable, strategy), value, variable, strategy)
    rows = OrderRows(((number, worth),))
    return rows if worth > 0 else _checked(rows, value, variable, strategy)


def mean_price(value: Any, variable: str, strategy: str) -> float:
    """Return the mean price of an order variable's rows, weighted by quantity."""
    rows = np.array(as_rows(value, variable, strategy))
    mean: float = np.abs(rows[:, 0] * rows[:, 1]).sum() / np.abs(rows[:, 0]).sum()
    return mean


def _checked(rows: OrderRows, value: Any, variable: str, strategy: str) -> OrderRows:
    for _, price in rows:
        if price <= 0:
            raise StrategyError(
                f"{strategy}: self.{variable} = {value!r} has the price {price:g}; prices must be above 0"
            )
    return rows


def _table(value: Any, variable: str, strategy: str) -> OrderRows:
    """Turn several pairs into rows."""
    try:
        table = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise OrderShapeError(_shape_message(value, variable, strategy)) from error
    if table.size == 0:
        return OrderRows()
    if table.ndim != 2 or table.shape[1] != 2:
        raise OrderShapeError(_shape_message(value, variable, strategy))
    return OrderRows((qty, price) for qty, price in table.tolist())


def _shape_message(value: Any, variable: str, strategy: str) -> str:
    return (
        f"{strategy}: self.{variable} = {value!r} is not (quantity, price), nor a list of such pairs. "
        f"Write self.{variable} = qty, price"
    )
