# cython: annotation_typing=False, nonecheck=True
"""From a strategy's order variables to orders: checks them, and submits and cancels what they ask for."""

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
GO_HOOKS = {"buy": "go_long", "sell": "go_short"}
#: What can hold a quantity and a price, or rows of them.
SEVERAL = (tuple, list, np.ndarray)
NO_ROWS = OrderRows()
#: The parts of a position add up to it within this relative difference.
ROUNDING = 1e-9


class OrderSubmitter:
    """Submits the orders that a strategy's order variables ask for.

    What was last submitted is in ``state_of(strategy).submitted``, where the strategy reads its average prices from.

    Parameters
    ----------
    strategy : Strategy
        The strategy of the route.
    position, book, broker : Position, OrderBook, Broker
        Of the route.
    spot : bool
        Whether the account is a spot account. There only what was bought can be sold: exits cannot be set before the
        position is open, and a market order that closes it replaces the exits that wait.
    """

    __slots__ = ("_book", "_broker", "_name", "_position", "_spot", "_state", "_strategy")

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
        self.clear()

    def check_entry(self, variable: str) -> OrderRows:
        """Return the entry that ``go_long`` or ``go_short`` set, and check the exits that it set; submit nothing."""
        value = self._state.order_variables[variable]
        if not isinstance(value, SEVERAL):
            raise StrategyError(
                f"{self._name}: {GO_HOOKS[variable]} must set self.{variable} = qty, price; it is {value!r}"
            )
        rows = as_rows(value, variable, self._name)
        if not rows:
            raise StrategyError(f"{self._name}: self.{variable} is empty; it needs at least one (quantity, price)")
        # Filters see what will be submitted.
        self._accept(variable, rows)
        for exit_variable in ("take_profit", "stop_loss"):
            self._accept_before_opening(exit_variable)
        return rows

    def submit_entry(self, variable: str, rows: OrderRows) -> None:
        """Submit the entry that `check_entry` returned."""
        self._check_quantities(rows, variable, f"{GO_HOOKS[variable]} set ")
        self._state.order_variables_changed = True
        for qty, price in rows:
            self._broker.enter(ENTRIES[variable], qty, price)

    def submit_stored_exits(self) -> None:
        """Submit the exits that were set before the position opened."""
        for variable, via in EXITS.items():
            for qty, price in self._state.submitted[variable] or ():
                self._broker.exit_at_opening(qty, price, via)

    def check_changes(self) -> None:
        """Submit and cancel what the order variables now ask for; do nothing while the position is flat."""
        position = self._position
        if position.qty == 0 or not self._state.order_variables_changed:
            return
        # Reset the flag first: a hook that runs while orders are submitted may set it again.
        self._state.order_variables_changed = False
        try:
            self._change_entry("buy" if position.qty > 0 else "sell")
            for variable, via in EXITS.items():
                self._change_exit(variable, via)
        except TypeError as error:
            raise StrategyError(f"{self._name}: an order variable is malformed: {error}") from error
        submitted = self._state.submitted
        stop, target = submitted["stop_loss"], submitted["take_profit"]
        if stop and stop == target:
            raise StrategyError(f"{self._name}: stop_loss and take_profit are the same: {list(stop)}")

    def cancel_all(self) -> None:
        """Cancel all orders of the symbol and clear the variables."""
        self._broker.cancel_all()
        self._book.start_trade()
        self.clear()

    def clear(self) -> None:
        """Set all order variables to None, and the counters of the trade to 0."""
        strategy = self._strategy
        self._state.clear_order_variables()
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
        value, submitted = self._state.order_variables[variable], self._state.submitted[variable]
        if value is submitted:
            return
        # None, where something was submitted, takes it back.
        rows = NO_ROWS if value is None else as_rows(value, variable, self._name)
        if rows == submitted:
            return
        self._check_quantities(rows, variable)
        self._broker.cancel_entries(ENTRIES[variable])
        self._accept(variable, rows)
        for qty, price in rows:
            self._broker.enter(ENTRIES[variable], qty, price)

    def _change_exit(self, variable: str, via: SubmittedVia) -> None:
        value, submitted = self._state.order_variables[variable], self._state.submitted[variable]
        if value is None or value is submitted or self._position.qty == 0:
            return
        if not isinstance(value, SEVERAL):
            raise StrategyError(
                f"{self._name}: self.{variable} must be (quantity, price) or a list of them, got {value!r}"
            )
        rows = as_rows(value, variable, self._name)
        if rows == submitted:
            return
        self._check_quantities(rows, variable)
        for qty, price in rows:
            if not (is_finite(qty) and is_finite(price)):
                raise StrategyError(f"{self._name}: self.{variable} = {value!r} has a NaN or infinity")
        self._accept(variable, rows)
        self._broker.cancel_exits(via)
        if self._spot and self._closes_at_market(rows):
            # The exits that wait have the same asset on sale; they would be cancelled at the close anyway.
            for waiting in EXITS.values():
                self._broker.cancel_exits(waiting)
        for qty, price in rows:
            self._broker.exit(qty, price, via)

    def _closes_at_market(self, rows: OrderRows) -> bool:
        """Return whether the rows become market orders that close the position together."""
        closing = 0.0
        for qty, price in rows:
            if self._broker.is_market_price(price):
                closing += abs(qty)
        return closing >= abs(self._position.qty) * (1 - ROUNDING)

    def _check_quantities(self, rows: OrderRows, variable: str, hook: str = "") -> None:
        for qty, price in rows:
            if qty == 0:
                raise StrategyError(
                    f"{self._name}: {hook}self.{variable} = {list(rows)}: an order at {price:g} has quantity 0; "
                    "check how the quantity is computed"
                )

    def _accept(self, variable: str, rows: OrderRows) -> None:
        self._state.submitted[variable] = rows
        self._state.order_variables[variable] = rows
