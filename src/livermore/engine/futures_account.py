# cython: annotation_typing=False, nonecheck=True
"""The account of futures: a wallet in one currency, and margin."""

from collections.abc import Mapping

import cython

from livermore.engine.account import Account
from livermore.engine.config import BacktestConfig
from livermore.engine.liquidation import IsolatedLiquidation, NoLiquidation
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position
from livermore.errors import InsufficientMarginError, warn_uncompiled
from livermore.trading.order import Fill, Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["FuturesAccount"]


class FuturesAccount(Account):
    """Positions tie up margin and realise into the wallet; waiting entries reserve margin; fees are not reserved.

    Parameters as for `Account`; the rule of liquidation follows from ``config.leverage_mode``.
    """

    def __init__(
        self, config: BacktestConfig, currency: str, books: dict[str, OrderBook], positions: dict[str, Position]
    ) -> None:
        liquidation = IsolatedLiquidation() if config.leverage_mode == "isolated" else NoLiquidation()
        super().__init__(config, currency, liquidation=liquidation, books=books, positions=positions)
        self._wallet = config.starting_balance

    @property
    def balance(self) -> float:
        """The wallet: changes by realised profit and fees only."""
        return self._wallet

    @property
    def available_margin(self) -> float:
        """The wallet less the margin of open positions and waiting entries, plus open profit."""
        return self._available()

    @property
    def equity(self) -> float:
        """The wallet plus the profit of open positions."""
        profit = 0.0
        for position in self._positions.values():
            profit += position.pnl
        return self._wallet + profit

    @property
    def assets(self) -> Mapping[str, float]:
        """The wallet, by the name of its currency; as in Jesse 0 of each asset that is traded on margin."""
        bases = {symbol.split("-", 1)[0]: 0.0 for symbol in self._positions}
        return bases | {self.currency: self._wallet}

    def portfolio_value(self, symbol: str) -> float:
        """Return `equity`."""
        return self.equity

    def submit(self, order: Order) -> None:
        """Refuse an entry whose margin is not there."""
        if order.reduce_only:
            return
        needed = abs(order.qty * order.price) / self.leverage
        available = self._available()
        if needed > available:
            raise InsufficientMarginError(
                f"{order.side} {abs(order.qty):g} {order.symbol} at {order.price:g} needs a margin of {needed:.2f} "
                f"{self.currency} at leverage {self.leverage}, but {available:.2f} is available; order less"
            )

    def cancel(self, order: Order) -> None:
        """Do nothing: what orders reserve is added up whenever it is needed."""

    def received(self, fill: Fill) -> float:
        """Return the filled quantity: fees are paid from the wallet."""
        return fill.qty

    def settle(self, fill: Fill, realised: float) -> None:
        """Pay the fee, then take the profit."""
        # In this order, as Jesse does: the last digits depend on it.
        self._wallet -= fill.fee
        self._wallet += realised

    def _available(self) -> float:
        # Added up from positions and orders whenever it is needed, and never kept: so no reservation can be forgotten.
        used = 0.0
        for position in self._positions.values():
            if position.qty != 0:
                used += position.margin() - position.open_profit()
        for book in self._books.values():
            if book.active:
                # Buys and sells cannot both become a position, so only the larger side reserves margin.
                used += book.entry_value() / self.leverage
        return self._wallet - used
