# cython: annotation_typing=False, nonecheck=True
"""What a session's money may do: the kinds of accounts."""

import math
from collections.abc import Sequence

import cython

from livermore.engine.liquidation import IsolatedLiquidation, NoLiquidation
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Account, Position, sum_exact
from livermore.errors import InsufficientBalanceError, InsufficientMarginError, warn_uncompiled
from livermore.trading import OrderType, Side
from livermore.trading.orders import Fill, Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["FuturesAccount", "SpotAccount"]

ROUNDING = 1e-9

# Members of enumerations take long to look up.
BUY = Side.BUY
STOP = OrderType.STOP
LIMIT = OrderType.LIMIT


class FuturesAccount(Account):
    """Positions tie up margin and realise into the wallet; waiting entries reserve margin; fees are not reserved.

    Parameters
    ----------
    currency : str
        Of the wallet.
    balance : float
        To start with.
    fee_rate : float
        Of each fill.
    leverage : int
        Position value over margin.
    isolated : bool
        Whether positions can be liquidated.
    books : dict of str to OrderBook
        Waiting orders by symbol.
    positions : dict of str to Position
        Positions by symbol.
    """

    def __init__(
        self,
        *,
        currency: str,
        balance: float,
        fee_rate: float,
        leverage: int,
        isolated: bool,
        books: dict[str, OrderBook],
        positions: dict[str, Position],
    ) -> None:
        super().__init__(
            "futures",
            "isolated" if isolated else "cross",
            leverage=leverage,
            fee_rate=fee_rate,
            balance=balance,
            liquidation=IsolatedLiquidation() if isolated else NoLiquidation(),
        )
        self.currency = currency
        self._wallet = balance
        self._books = books
        self._positions = positions

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
        """Do nothing: what waits is counted when it is asked for."""

    def received(self, fill: Fill) -> float:
        """Return the filled quantity: fees are paid from the wallet."""
        return fill.qty

    def settle(self, fill: Fill, realised: float) -> None:
        """Pay the fee, then take the profit."""
        self._wallet -= fill.fee
        self._wallet += realised

    def open_orders_may_rest(self) -> bool:
        """Return True: exits reserve nothing."""
        return True

    def balances(self) -> Sequence[tuple[str, float]]:
        """Return the wallet."""
        return [(self.currency, self._wallet)]

    def _available(self) -> float:
        used = 0.0
        for position in self._positions.values():
            if position.qty != 0:
                used += position.margin() - position.open_profit()
        for book in self._books.values():
            if book.active:
                # Both sides cannot become a position, so only the larger one reserves margin.
                used += book.worth_of_entries() / self.leverage
        return self._wallet - used


class SpotAccount(Account):
    """Assets by name. A buy order takes its price from the quote asset when it is submitted.

    Parameters
    ----------
    currency : str
        The quote asset of all symbols.
    balance : float
        Of the quote asset, to start with.
    fee_rate : float
        Of each fill: of the asset that is received.
    books : dict of str to OrderBook
        Waiting orders by symbol.
    positions : dict of str to Position
        Positions by symbol.
    """

    def __init__(
        self,
        *,
        currency: str,
        balance: float,
        fee_rate: float,
        books: dict[str, OrderBook],
        positions: dict[str, Position],
    ) -> None:
        super().__init__("spot", "spot", leverage=1, fee_rate=fee_rate, balance=balance, liquidation=NoLiquidation())
        self.currency = currency
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
        waiting = 0.0
        for book in self._books.values():
            waiting += book.worth_of_buys()
        return self.balance + waiting + self._held()

    def portfolio_value(self, symbol: str) -> float:
        """Return the quote asset, what this symbol's waiting buys took, and the worth of what is held."""
        return self.balance + self._books[symbol].worth_of_buys() + self._held()

    def submit(self, order: Order) -> None:
        """Take the price of a buy; refuse what is not there."""
        if order.side is BUY:
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
        others = STOP if order.type is STOP else LIMIT
        selling = book.selling(others) + abs(order.qty)
        base = _base_of(order.symbol)
        held = self._assets.get(base, 0.0)
        # Parts of a position add up to it but for the last digit.
        if selling > held and not math.isclose(selling, held, rel_tol=ROUNDING):
            raise InsufficientBalanceError(
                f"a {order.type} order to sell {abs(order.qty):g} {base} makes {selling:g} {base} on sale, but the "
                f"account has {held:g}; cancel orders first, or sell self.position.qty at most"
            )

    def _held(self) -> float:
        worth = 0.0
        for position in self._positions.values():
            worth += position.value
        return worth


def _base_of(symbol: str) -> str:
    return symbol.split("-", 1)[0]
