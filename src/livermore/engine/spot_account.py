# cython: annotation_typing=False, nonecheck=True
"""The account of spot trading: quantities of assets."""

import math
from collections.abc import Mapping

import cython

from livermore.engine.account import Account
from livermore.engine.config import BacktestConfig
from livermore.engine.liquidation import NoLiquidation
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position, sum_exact
from livermore.errors import InsufficientBalanceError, warn_uncompiled
from livermore.trading import OrderType, Side
from livermore.trading.order import Fill, Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["SpotAccount"]

#: Relative difference up to which two quantities are the same: the parts of a position add up to it within this.
ROUNDING = 1e-9

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
BUY = Side.BUY
STOP = OrderType.STOP
LIMIT = OrderType.LIMIT


class SpotAccount(Account):
    """Quantities by asset. A buy order reserves its price, in the quote asset, when it is submitted.

    Parameters as for `Account`; `currency` is the quote asset of all symbols. The fee of a fill is paid in the asset
    that is received.
    """

    def __init__(
        self, config: BacktestConfig, currency: str, books: dict[str, OrderBook], positions: dict[str, Position]
    ) -> None:
        super().__init__(config, currency, liquidation=NoLiquidation(), books=books, positions=positions)
        self._assets: dict[str, float] = {currency: config.starting_balance}

    @property
    def balance(self) -> float:
        """The quote asset that no waiting buy has reserved."""
        return self._assets[self.currency]

    @property
    def available_margin(self) -> float:
        """The same as `balance`."""
        return self.balance

    @property
    def assets(self) -> Mapping[str, float]:
        """Quantities by asset name, the quote asset first."""
        return self._assets.copy()

    @property
    def equity(self) -> float:
        """The quote asset, what waiting buys reserved of it, and the value of what is held."""
        waiting = 0.0
        for book in self._books.values():
            waiting += book.buy_value()
        return self.balance + waiting + self._held()

    def portfolio_value(self, symbol: str) -> float:
        """Return the quote asset, what this symbol's waiting buys reserved, and the value of what is held."""
        return self.balance + self._books[symbol].buy_value() + self._held()

    def submit(self, order: Order) -> None:
        """Reserve the price of a buy; check that a sell's asset is there."""
        if order.side is BUY:
            self._submit_buy(order)
        else:
            self._check_sell(order)

    def cancel(self, order: Order) -> None:
        """Give back what a buy reserved."""
        if order.reserved:
            self._assets[self.currency] = sum_exact(self.balance, order.reserved)
            order.reserved = 0.0

    def received(self, fill: Fill) -> float:
        """Return what a buy adds after its fee, or what a sell takes away."""
        return fill.qty * (1 - self.fee_rate) if fill.qty > 0 else fill.qty

    def settle(self, fill: Fill, realised: float) -> None:
        """Add what was received to the one asset, and take what was sold from the other."""
        base = _base_of(fill.order.symbol)
        held = self._assets.get(base, 0.0)
        if fill.qty > 0:
            self._assets[base] = sum_exact(held, self.received(fill))
            fill.order.reserved = 0.0
        else:
            self._assets[base] = sum_exact(held, fill.qty)
            proceeds = abs(fill.qty) * fill.price * (1 - self.fee_rate)
            self._assets[self.currency] = sum_exact(self.balance, proceeds)

    def _submit_buy(self, order: Order) -> None:
        cost = abs(order.qty) * order.price
        left = sum_exact(self.balance, -cost)
        if left < 0:
            raise InsufficientBalanceError(
                f"buying {order.qty:g} {order.symbol} at {order.price:g} costs {cost:.2f} {self.currency}, but "
                f"{self.balance:.2f} is left; order less"
            )
        order.reserved = cost
        self._assets[self.currency] = left

    def _check_sell(self, order: Order) -> None:
        book = self._books[order.symbol]
        # A target and a stop may each cover all that is held, because only one of them fills.
        others = STOP if order.type is STOP else LIMIT
        selling = book.sell_quantity(others) + abs(order.qty)
        base = _base_of(order.symbol)
        held = self._assets.get(base, 0.0)
        # Parts of a position add up to it but for the last digit.
        if selling > held and not math.isclose(selling, held, rel_tol=ROUNDING):
            raise InsufficientBalanceError(
                f"a {order.type} order to sell {abs(order.qty):g} {base} makes {selling:g} {base} on sale, but the "
                f"account has {held:g}; cancel orders first, or sell self.position.qty at most"
            )

    def _held(self) -> float:
        value = 0.0
        for position in self._positions.values():
            value += position.value
        return value


def _base_of(symbol: str) -> str:
    return symbol.split("-", 1)[0]
