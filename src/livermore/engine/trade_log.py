"""Log lines of all that happens to orders, positions and the balance, for runs that ask for them."""

from collections.abc import Callable
from typing import Protocol

from livermore.engine.account import Account
from livermore.trading import Order

__all__ = ["OrderLog", "TradeLog"]


class OrderLog(Protocol):
    """What a session tells of its orders and of its account."""

    def submitted(self, order: Order) -> None:
        """Take an order that was submitted."""
        ...

    def canceled(self, order: Order) -> None:
        """Take an order that was cancelled."""
        ...

    def executed(self, order: Order, before: float, after: float, entry_price: float | None) -> None:
        """Take a fill, the position's quantity before and after it, and its entry price."""
        ...

    def recorded(self, equity: float) -> None:
        """Take a value of the equity curve."""
        ...


class TradeLog:
    """Writes a line for each order that is submitted, filled or cancelled, each position, and each change of balance.

    Parameters
    ----------
    write : callable
        Takes a message.
    account : Account
        The account of the session.
    """

    def __init__(self, write: Callable[[str], None], account: Account) -> None:
        self._write = write
        self._account = account
        self._balance = account.balance

    def submitted(self, order: Order) -> None:
        """Log an order that was submitted."""
        self._write(f"order submitted: {_words(order)}")
        self._log_balance("reserved")

    def canceled(self, order: Order) -> None:
        """Log an order that was cancelled."""
        self._write(f"order canceled: {_words(order)}")
        self._log_balance("released")

    def executed(self, order: Order, before: float, after: float, entry_price: float | None) -> None:
        """Log a fill, what it did to a position of the quantity `before`, and to the balance."""
        self._write(f"order executed: {_words(order)}, fee {order.fee:.8g} {self._account.currency}")
        self._log_balance("filled")
        if before != 0 and (after == 0 or (after > 0) != (before > 0)):
            self._write(f"position closed: {order.symbol} at {order.price:.8g}")
        if after == 0:
            return
        if before == 0 or (after > 0) != (before > 0):
            change = "opened"
        else:
            change = "increased" if abs(after) > abs(before) else "reduced"
        side = "long" if after > 0 else "short"
        self._write(f"position {change}: {side} {abs(after):.8g} {order.symbol}, entry price {entry_price:.8g}")

    def recorded(self, equity: float) -> None:
        """Log the value of the account that was recorded for the equity curve."""
        self._write(f"equity recorded: {equity:.8g} {self._account.currency}")

    def _log_balance(self, cause: str) -> None:
        balance, before = self._account.balance, self._balance
        if balance != before:
            self._write(f"balance: {before:.8g} -> {balance:.8g} {self._account.currency} ({cause})")
            self._balance = balance


def _words(order: Order) -> str:
    kind = "" if order.submitted_via is None else f" ({order.submitted_via})"
    qty, price = abs(order.qty), order.price
    return f"{order.side.upper()} {order.type} {order.symbol}, quantity {qty:.8g}, price {price:.8g}{kind}"
