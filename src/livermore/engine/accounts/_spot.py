"""A spot account: a balance of each asset; what is bought is paid at submission, what is sold must be there."""

import math
from collections.abc import Mapping, Sequence

from livermore.engine._arithmetic import sum_exact
from livermore.engine._book import OrderBook
from livermore.engine._liquidation import LiquidationRule, NoLiquidation
from livermore.engine.accounts._account import Holding
from livermore.errors import InsufficientBalanceError
from livermore.trading import Fill, Order, OrderType, Side

__all__ = ["SpotAccount"]

ROUNDING = 1e-9


class SpotAccount:
    """Assets by name. A buy order takes its price from the quote asset when it is submitted.

    Parameters
    ----------
    currency : str
        The quote asset of all symbols.
    balance : float
        Of the quote asset, to start with.
    fee_rate : float
        Of each fill: of the asset that is received.
    books : mapping of str to OrderBook
        Waiting orders by symbol.
    positions : mapping of str to Holding
        Positions by symbol.
    """

    kind = "spot"
    mode = "spot"
    leverage = 1

    def __init__(
        self,
        *,
        currency: str,
        balance: float,
        fee_rate: float,
        books: Mapping[str, OrderBook],
        positions: Mapping[str, Holding],
    ) -> None:
        self.currency = currency
        self.starting_balance = balance
        self.fee_rate = fee_rate
        self.liquidation: LiquidationRule = NoLiquidation()
        self._assets: dict[str, float] = {currency: balance}
        self._books = books
        self._positions = positions

    @property
    def balance(self) -> float:
        """The quote asset that no order has taken."""
        return self._assets[self.currency]

    @property
    def available_margin(self) -> float:
        """Another name of `balance`."""
        return self.balance

    @property
    def equity(self) -> float:
        """The quote asset, what waiting buys took of it, and the worth of what is held."""
        waiting = sum(self._waiting(symbol) for symbol in self._books)
        return self.balance + waiting + sum(position.value for position in self._positions.values())

    def portfolio_value(self, symbol: str) -> float:
        """Return the quote asset, what this symbol's waiting buys took, and the worth of what is held."""
        return self.balance + self._waiting(symbol) + sum(position.value for position in self._positions.values())

    def submit(self, order: Order) -> None:
        """Take the price of a buy; refuse what is not there."""
        if order.side is Side.BUY:
            self._submit_buy(order)
        else:
            self._check_sell(order)

    def cancel(self, order: Order) -> None:
        """Give back what a buy took."""
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

    def open_orders_may_rest(self) -> bool:
        """Return False: waiting sells would leave nothing to close with."""
        return False

    def balances(self) -> Sequence[tuple[str, float]]:
        """Return every asset."""
        return list(self._assets.items())

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
        others = OrderType.STOP if order.type is OrderType.STOP else OrderType.LIMIT
        selling = book.selling(others) + abs(order.qty)
        base = _base_of(order.symbol)
        held = self._assets.get(base, 0.0)
        # Parts of a position add up to it but for the last digit.
        if selling > held and not math.isclose(selling, held, rel_tol=ROUNDING):
            raise InsufficientBalanceError(
                f"a {order.type} order to sell {abs(order.qty):g} {base} makes {selling:g} {base} on sale, but the "
                f"account has {held:g}; cancel orders first, or sell self.position.qty at most"
            )

    def _waiting(self, symbol: str) -> float:
        orders = self._books[symbol].waiting()
        return sum(abs(order.qty) * order.price for order in orders if order.side is Side.BUY)


def _base_of(symbol: str) -> str:
    return symbol.split("-", 1)[0]
