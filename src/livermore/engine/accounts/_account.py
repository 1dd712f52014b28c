"""The interface that every kind of account has."""

from collections.abc import Sequence
from typing import Protocol

from livermore.engine._liquidation import LiquidationRule
from livermore.trading import Fill, Order

__all__ = ["Account", "Holding"]


class Holding(Protocol):
    """What an account needs to know of a position."""

    qty: float

    @property
    def pnl(self) -> float:
        """Profit at the last price."""

    @property
    def value(self) -> float:
        """Worth at the last price."""

    @property
    def total_cost(self) -> float:
        """Margin."""


class Account(Protocol):
    """Money, and the rules for spending it. Methods that can refuse do so before anything has changed."""

    #: ``"futures"`` or ``"spot"``.
    kind: str
    #: ``"cross"``, ``"isolated"`` or ``"spot"``.
    mode: str
    #: Position value over margin; 1 on spot.
    leverage: int
    #: Of each fill, as a fraction.
    fee_rate: float
    #: What it started with, in the settlement currency.
    starting_balance: float
    #: When positions are closed by force.
    liquidation: LiquidationRule

    @property
    def balance(self) -> float:
        """The wallet, in the settlement currency."""

    @property
    def available_margin(self) -> float:
        """What new orders may use."""

    @property
    def equity(self) -> float:
        """The wallet and everything held, at the last prices."""

    def portfolio_value(self, symbol: str) -> float:
        """Return what a strategy of that symbol is told that all is worth."""

    def submit(self, order: Order) -> None:
        """Reserve what an order needs, or raise InsufficientFundsError."""

    def cancel(self, order: Order) -> None:
        """Give back what the order reserved."""

    def received(self, fill: Fill) -> float:
        """Return the signed quantity by which the position changes."""

    def settle(self, fill: Fill, realised: float) -> None:
        """Book a fill and the profit that it realised."""

    def open_orders_may_rest(self) -> bool:
        """Return whether orders may stay when the end of a run closes the position."""

    def balances(self) -> Sequence[tuple[str, float]]:
        """Return (asset, quantity) of all that the account has."""
