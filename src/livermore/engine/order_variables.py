# cython: annotation_typing=False, nonecheck=True
"""Follows a strategy's order variables: checks them, and submits and cancels what they ask for."""

from typing import TYPE_CHECKING

import cython
import numpy as np

from livermore.engine.broker import Broker, is_finite
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position
from livermore.errors import StrategyError, warn_uncompiled
from livermore.strategies.order_variables import OrderRows, as_rows
from livermore.strategies.state import state_of
from livermore.trading import Side, SubmittedVia

if TYPE_CHECKING:
    from livermore.strategies import Strategy

if not cython.compiled:
    warn_uncompiled()

__all__ = ["OrderSubmitter"]

ENTRIES = {"buy": Side.BUY, "sell": Side.SELL}
EXITS = {"stop_loss": SubmittedVia.STOP_LOSS, "take_profit": SubmittedVia.TAKE_PROFIT}
#: What can hold a quantity and a price, or rows of them.
SEVERAL = (tuple, list, np.ndarray)
NOTHING: dict[str, OrderRows | None] = dict.fromkeys((*ENTRIES, *EXITS))


class OrderSubmitter:
    """Between one strategy's order variables and its broker.

    Parameters
    ----------
    strategy : Strategy
        Whose variables.
    position, book, broker
        The route's.
    spot : bool
        Whether the account is a spot account, where exits wait for the position.
    """

    __slots__ = ("_accepted", "_book", "_broker", "_name", "_position", "_spot", "_state", "_strategy")

    def __init__(
        self, strategy: "Strategy", *, position: Position, book: OrderBook, broker: Broker, spot: bool
    ) -> None:
        self._strategy = strategy
        self._state = state_of(strategy)
        self._name = type(strategy).__name__
        self._position = position
        self._book = book
        self._broker = broker
        self._spot = spot
        # What was last submitted, by variable.
        self._accepted = NOTHING.copy()
        self.clear()

    def check_entry(self, variable: str) -> OrderRows:
        """Return the entry that ``go_long`` or ``go_short`` set, and check the exits that it set; submit nothing."""
        value = self._state.order_variables[variable]
        if not isinstance(value, SEVERAL):
            hook = "go_long" if variable == "buy" else "go_short"
            raise StrategyError(f"{self._name}: {hook} must set self.{variable} = qty, price; it is {value!r}")
        rows = as_rows(value, variable, self._name)
        if not rows:
            raise StrategyError(f"{self._name}: self.{variable} is empty; it needs at least one (quantity, price)")
        # Filters see what will be submitted.
        self._state.order_variables[variable] = rows
        for exit_variable in ("take_profit", "stop_loss"):
            self._accept_before_opening(exit_variable)
        return rows

    def submit_entry(self, variable: str, rows: OrderRows) -> None:
        """Submit entry orders."""
        self._accept(variable, rows)
        self._state.order_variables_changed = True
        for qty, price in rows:
            self._broker.enter(ENTRIES[variable], qty, price)

    def submit_stored_exits(self) -> None:
        """Submit the exits that were set before the position opened."""
        for variable, via in EXITS.items():
            for qty, price in self._accepted[variable] or ():
                self._broker.exit_at_opening(qty, price, via)

    def check_changes(self) -> None:
        """Submit and cancel what the order variables now ask for; while flat, nothing."""
        position = self._position
        if position.qty == 0 or not self._state.order_variables_changed:
            return
        self._state.order_variables_changed = False
        try:
            self._change_entry("buy" if position.qty > 0 else "sell")
            for variable, via in EXITS.items():
                self._change_exit(variable, via)
        except TypeError as error:
            raise StrategyError(f"{self._name}: an order variable is malformed: {error}") from error
        stop, target = self._accepted["stop_loss"], self._accepted["take_profit"]
        if stop and stop == target:
            raise StrategyError(f"{self._name}: stop_loss and take_profit are the same: {list(stop)}")

    def cancel_all(self) -> None:
        """Cancel all orders of the symbol and forget the variables."""
        self._broker.cancel_all()
        self._book.start_trade()
        self.clear()

    def clear(self) -> None:
        """Set all order variables to None, and the counters of the trade to 0."""
        strategy = self._strategy
        self._state.clear_order_variables()
        self._accepted = NOTHING.copy()
        strategy.increased_count = 0
        strategy.reduced_count = 0

    def _accept_before_opening(self, variable: str) -> None:
        value = self._state.order_variables[variable]
        if value is None:
            return
        if self._spot:
            raise StrategyError(
                f"{self._name}: on spot, self.{variable} cannot be set before anything was bought; "
                "set it in on_open_position, with self.position.qty"
            )
        self._accept(variable, as_rows(value, variable, self._name))

    def _change_entry(self, variable: str) -> None:
        value = self._state.order_variables[variable]
        if value is None or value is self._accepted[variable]:
            return
        rows = as_rows(value, variable, self._name)
        if rows == self._accepted[variable]:
            return
        self._broker.cancel_entries(ENTRIES[variable])
        self._accept(variable, rows)
        for qty, price in rows:
            self._broker.enter(ENTRIES[variable], qty, price)

    def _change_exit(self, variable: str, via: SubmittedVia) -> None:
        value = self._state.order_variables[variable]
        if value is None or value is self._accepted[variable] or self._position.qty == 0:
            return
        if not isinstance(value, SEVERAL):
            raise StrategyError(
                f"{self._name}: self.{variable} must be (quantity, price) or a list of them, got {value!r}"
            )
        rows = as_rows(value, variable, self._name)
        if rows == self._accepted[variable]:
            return
        for qty, price in rows:
            if not (is_finite(qty) and is_finite(price)):
                raise StrategyError(f"{self._name}: self.{variable} = {value!r} has a NaN or infinity")
        self._accept(variable, rows)
        self._broker.cancel_exits(via)
        for qty, price in rows:
            self._broker.exit(qty, price, via)

    def _accept(self, variable: str, rows: OrderRows) -> None:
        self._accepted[variable] = rows
        self._state.order_variables[variable] = rows
