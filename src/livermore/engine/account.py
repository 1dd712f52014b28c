# cython: annotation_typing=False, nonecheck=True
"""The money of a session, and the rules for spending it: the base class of all accounts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cython
import numpy as np

from livermore.engine.config import BacktestConfig
from livermore.engine.liquidation import LiquidationRule
from livermore.engine.order_book import OrderBook
from livermore.errors import warn_uncompiled
from livermore.trading import Side
from livermore.trading.order import Fill, Order
from livermore.typing import Floats

if TYPE_CHECKING:
    from livermore.engine.position import Position

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Account"]


class Account:
    """The money of a session. All routes share it.

    Methods that can refuse an order do so before anything has changed.

    Parameters
    ----------
    config : BacktestConfig
        Kind of account, balance, fee, leverage.
    currency : str
        The settlement currency.
    liquidation : LiquidationRule
        When positions are closed by force.
    books : dict of str to OrderBook
        Waiting orders by symbol.
    positions : dict of str to Position
        Positions by symbol; the session adds them later.

    Attributes
    ----------
    name : str
        The exchange's name.
    kind : {"futures", "spot"}
        The kind of account.
    mode : {"cross", "isolated", "spot"}
        What happens to positions that lose more than their margin.
    leverage : int
        Position value over margin; 1 on spot.
    fee_rate : float
        Of each fill, as a fraction.
    starting_balance : float
        In the settlement currency.
    vars : dict
        Free for the user.
    """

    def __init__(
        self,
        config: BacktestConfig,
        currency: str,
        *,
        liquidation: LiquidationRule,
        books: dict[str, OrderBook],
        positions: "dict[str, Position]",
    ) -> None:
        self.name = config.exchange
        self.kind: str = config.type
        self.mode = "spot" if config.type == "spot" else config.leverage_mode
        self.leverage = config.leverage
        self.fee_rate = config.fee
        self.starting_balance = config.starting_balance
        self.currency = currency
        self.liquidation = liquidation
        # Books and positions are the session's own: what the account reserves is added up from them.
        self.vars: dict[str, Any] = {}
        self._books = books
        self._positions = positions

    # Accounts are subclassed, not composed: the compiled engine calls `submit`, `cancel`, `received` and `settle` for
    # each order, and there a virtual call costs nothing.

    @property
    def balance(self) -> float:
        """The wallet, in the settlement currency."""
        raise NotImplementedError

    @property
    def available_margin(self) -> float:
        """What new orders may use, in the settlement currency."""
        raise NotImplementedError

    @property
    def equity(self) -> float:
        """The wallet and everything held, at the last prices."""
        raise NotImplementedError

    @property
    def assets(self) -> Mapping[str, float]:
        """Quantities by asset name."""
        raise NotImplementedError

    def portfolio_value(self, symbol: str) -> float:
        """Return the `Strategy.portfolio_value` of a strategy that trades this symbol."""
        raise NotImplementedError

    def submit(self, order: Order) -> None:
        """Reserve what an order needs, or raise InsufficientFundsError."""
        raise NotImplementedError

    def cancel(self, order: Order) -> None:
        """Give back what the order reserved."""
        raise NotImplementedError

    def received(self, fill: Fill) -> float:
        """Return the signed quantity by which the position changes."""
        raise NotImplementedError

    def settle(self, fill: Fill, realised: float) -> None:
        """Book a fill and the profit that it realised, before fees."""
        raise NotImplementedError

    # --- Jesse's names for the same, under `position.exchange` --------------------------------------------------------

    # A strategy reaches the account through `self.position.exchange`: what can be read in Jesse can be read here.

    @property
    def type(self) -> str:
        """``"futures"`` or ``"spot"``: `kind`."""
        return self.kind

    @property
    def wallet_balance(self) -> float:
        """The wallet: `balance`."""
        return self.balance

    @property
    def started_balance(self) -> float:
        """The balance at the start: `starting_balance`."""
        return self.starting_balance

    @property
    def settlement_currency(self) -> str:
        """The settlement currency: `currency`."""
        return self.currency

    @property
    def futures_leverage(self) -> int:
        """Position value over margin: `leverage`."""
        return self.leverage

    @property
    def futures_leverage_mode(self) -> str:
        """``"cross"`` or ``"isolated"``; ``"spot"`` on a spot account: `mode`."""
        return self.mode

    @property
    def available_assets(self) -> Mapping[str, float]:
        """Quantities by asset name: `assets`."""
        return self.assets

    @property
    def buy_orders(self) -> dict[str, Floats]:
        """(Quantity, price) of the entries that wait to buy, by base asset; arrays of shape (k, 2)."""
        return self._entries(Side.BUY)

    @property
    def sell_orders(self) -> dict[str, Floats]:
        """(Quantity, price) of the entries that wait to sell, by base asset; arrays of shape (k, 2)."""
        return self._entries(Side.SELL)

    def _entries(self, side: Side) -> dict[str, Floats]:
        found = {}
        # Jesse keeps arrays of waiting entries; here they are made when a strategy reads them, which few do.
        for symbol, book in self._books.items():
            entries = [order for order in book.waiting() if order.side is side and not order.reduce_only]
            rows = [(order.qty, order.price) for order in entries]
            found[symbol.split("-", 1)[0]] = np.array(rows, dtype=np.float64).reshape(-1, 2)
        return found
