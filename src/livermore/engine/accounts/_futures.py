"""A futures account: one wallet, margin, cross or isolated."""

from collections.abc import Mapping, Sequence

from livermore.engine._book import OrderBook
from livermore.engine._liquidation import IsolatedLiquidation, LiquidationRule, NoLiquidation
from livermore.engine.accounts._account import Holding
from livermore.errors import InsufficientMarginError
from livermore.trading import Fill, Order, Side

__all__ = ["FuturesAccount"]


class FuturesAccount:
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
    books : mapping of str to OrderBook
        Waiting orders by symbol.
    positions : mapping of str to Holding
        Positions by symbol.
    """

    kind = "futures"

    def __init__(
        self,
        *,
        currency: str,
        balance: float,
        fee_rate: float,
        leverage: int,
        isolated: bool,
        books: Mapping[str, OrderBook],
        positions: Mapping[str, Holding],
    ) -> None:
        self.currency = currency
        self.starting_balance = balance
        self.fee_rate = fee_rate
        self.leverage = leverage
        self.mode = "isolated" if isolated else "cross"
        self.liquidation: LiquidationRule = IsolatedLiquidation() if isolated else NoLiquidation()
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
        used = 0.0
        for position in self._positions.values():
            if position.qty != 0:
                used += position.total_cost - position.pnl
        for book in self._books.values():
            if book.active:
                used += self._reserved(book)
        return self._wallet - used

    @property
    def equity(self) -> float:
        """The wallet plus the profit of open positions."""
        return self._wallet + sum(position.pnl for position in self._positions.values())

    def portfolio_value(self, symbol: str) -> float:
        """Return `equity`."""
        return self.equity

    def submit(self, order: Order) -> None:
        """Refuse an entry whose margin is not there."""
        if order.reduce_only:
            return
        needed = abs(order.qty * order.price) / self.leverage
        available = self.available_margin
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

    def _reserved(self, book: OrderBook) -> float:
        """Return the margin of waiting entries: the larger side counts, as they cannot both become a position."""
        buys = sells = 0.0
        for order in book.entries():
            if order.side is Side.BUY:
                buys += order.qty * order.price
            else:
                sells += order.qty * order.price
        return max(abs(buys), abs(sells)) / self.leverage
