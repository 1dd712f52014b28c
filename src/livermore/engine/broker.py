# cython: annotation_typing=False, nonecheck=True
"""Turns quantities and prices into orders, and submits them to account, book and queue."""

import cython

from livermore.engine.account import Account
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position
from livermore.engine.trade_log import OrderLog
from livermore.errors import OrderError, StrategyError, warn_uncompiled
from livermore.market.clock import SessionClock
from livermore.market.minute_cursor import MinuteCursor
from livermore.trading import OrderStatus, OrderType, Side, SubmittedVia
from livermore.trading.order import Order

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Broker", "is_finite", "is_near"]

#: Fraction of the market's price within which an order is a market order.
NEAR = 0.00015

# A member of an enumeration is looked up by name in a dict of its class; a C global is read at once.
ACTIVE = OrderStatus.ACTIVE
CANCELED = OrderStatus.CANCELED
MARKET = OrderType.MARKET
LIMIT = OrderType.LIMIT
STOP = OrderType.STOP
BUY = Side.BUY
SELL = Side.SELL
TAKE_PROFIT = SubmittedVia.TAKE_PROFIT


def is_near(price: float, current_price: float) -> bool:
    """Return whether an order's price is so near to the market that it is a market order: 0.015 %.

    Examples
    --------
    >>> is_near(99.985, 100.0), is_near(100.015, 100.0), is_near(100.014, 100.0)
    (True, False, True)
    """
    return abs(1 - price / current_price) <= NEAR


def is_finite(number: float) -> bool:
    """Return whether a float is neither NaN nor infinite (for both, x - x is NaN)."""
    return number - number == 0


class Broker:
    """Turns quantities and prices of one route into orders, and submits them to account, book and queue.

    Parameters
    ----------
    market, position, book : MinuteCursor, Position, OrderBook
        Of the route's symbol.
    account, clock : Account, SessionClock
        Of the session.
    queue : list of Order
        The market orders of the session, which fill at the end of the minute.
    log : OrderLog, optional
        Is told of each order.
    """

    __slots__ = ("_account", "_book", "_clock", "_log", "_market", "_position", "_queue")

    def __init__(
        self,
        *,
        market: MinuteCursor,
        position: Position,
        book: OrderBook,
        account: Account,
        clock: SessionClock,
        queue: list[Order],
        log: OrderLog | None = None,
    ) -> None:
        self._market = market
        self._position = position
        self._book = book
        self._account = account
        self._clock = clock
        self._queue = queue
        self._log = log

    def enter(self, side: Side, qty: float, price: float) -> Order:
        """Submit an entry: at the market if the price is near, else as a limit or stop order.

        Raises
        ------
        StrategyError
            If the quantity is 0, or a number is NaN or infinite.
        InsufficientFundsError
            If the account refuses it.
        """
        _check(qty, price)
        market = self._market
        # Near or not, above or below: by the close that the strategy sees. What a market order then trades at is the
        # market's price; the two differ only where minutes are missing and another symbol is matched.
        shown = _known(market.close, market.symbol)
        if is_near(price, shown):
            return self._submit(side, MARKET, qty, self._price(), False, None)
        above = price > shown
        return self._submit(side, STOP if above == (side is BUY) else LIMIT, qty, price, False, None)

    def exit(self, qty: float, price: float, via: SubmittedVia) -> Order:
        """Submit an exit: at the market if the price is near, then at that very price; else as a limit or stop order.

        Raises
        ------
        OrderError
            If there is no position.
        StrategyError
            If the quantity is 0, or a number is NaN or infinite.
        """
        _check(qty, price)
        market = self._market
        held = self._position.qty
        if held == 0:
            raise OrderError(f"a {via} at {price:g} for {market.symbol}, but no position is open")
        side = SELL if held > 0 else BUY
        shown = _known(market.close, market.symbol)
        if is_near(price, shown):
            return self._submit(side, MARKET, qty, price, True, via)
        above = price > shown
        return self._submit(side, LIMIT if above == (held > 0) else STOP, qty, price, True, via)

    def exit_at_opening(self, qty: float, price: float, via: SubmittedVia) -> Order:
        """Submit an exit that was set before the position opened.

        On the wrong side of the entry price it cannot wait, and closes at the market.
        """
        held, entry = self._position.qty, self._position.entry_price
        assert entry is not None, "exits at opening are submitted once the position is open"
        long = held > 0
        # A target below the entry of a long position, a stop above it; the other way round for a short one.
        wrong = price <= entry if (via is TAKE_PROFIT) == long else price >= entry
        if not wrong:
            return self.exit(qty, price, via)
        _check(qty, price)
        return self._submit(SELL if long else BUY, MARKET, qty, self._price(), True, via)

    def is_market_price(self, price: float) -> bool:
        """Return whether an order at this price would be a market order."""
        return is_near(price, _known(self._market.close, self._market.symbol))

    def close_at(self, price: float) -> Order:
        """Return an order that closes the position at a price; it is not submitted, but meant to be filled at once."""
        held, market = self._position.qty, self._market
        side = SELL if held > 0 else BUY
        return Order(market.exchange, market.symbol, side, MARKET, held, price, True, None, None)

    # --- Jesse's methods, for strategies that call `self.broker` themselves ------------------------------------

    def buy_at_market(self, qty: float) -> Order:
        """Submit a market order that buys."""
        return self._submit_entry(BUY, MARKET, qty, self._price())

    def sell_at_market(self, qty: float) -> Order:
        """Submit a market order that sells."""
        return self._submit_entry(SELL, MARKET, qty, self._price())

    def buy_at(self, qty: float, price: float) -> Order:
        """Submit a limit order that buys."""
        return self._submit_entry(BUY, LIMIT, qty, price)

    def sell_at(self, qty: float, price: float) -> Order:
        """Submit a limit order that sells."""
        return self._submit_entry(SELL, LIMIT, qty, price)

    def start_profit_at(self, side: str, qty: float, price: float) -> Order:
        """Submit a stop order, ``"buy"`` or ``"sell"``."""
        return self._submit_entry(Side(side), STOP, qty, price)

    def reduce_position_at(self, qty: float, price: float, current_price: float) -> Order:
        """Submit an order that may only make the position smaller: market, limit or stop, by its price."""
        held = self._position.qty
        if held == 0:
            raise OrderError(
                f"reduce_position_at({qty:g}, {price:g}) for {self._market.symbol}, but no position is open"
            )
        _check(qty, price)
        kind = MARKET if is_near(price, current_price) else LIMIT if (price > current_price) == (held > 0) else STOP
        return self._submit(SELL if held > 0 else BUY, kind, qty, price, True, None)

    def cancel_order(self, order_id: str) -> bool:
        """Cancel the order with that id, and return whether it was waiting."""
        for order in self._book.waiting():
            if order.id == order_id:
                self.cancel(order)
                return True
        return False

    def cancel_all_orders(self) -> bool:
        """Cancel all orders of the symbol, and return True."""
        self.cancel_all()
        return True

    # --- Cancelling ---------------------------------------------------------------------------------------------

    def cancel(self, order: Order) -> None:
        """Cancel an order, if it still waits."""
        if order.status is ACTIVE:
            self._account.cancel(order)
            order.status = CANCELED
            order.canceled_at = self._clock.read()
            self._book.note_done()
            if self._log is not None:
                self._log.canceled(order)

    def cancel_all(self) -> None:
        """Cancel all orders of the symbol."""
        # `active` may be looped over: a cancelled order stays in it until the end of the minute.
        for order in self._book.active:
            self.cancel(order)

    def cancel_exits(self, via: SubmittedVia) -> None:
        """Cancel the exits that come from one order variable."""
        for order in self._book.active:
            if order.submitted_via is via:
                self.cancel(order)

    def cancel_entries(self, side: Side) -> None:
        """Cancel the entries of a side."""
        for order in self._book.active:
            if order.side is side and order.submitted_via is None:
                self.cancel(order)

    def _price(self) -> float:
        return _known(self._market.price, self._market.symbol)

    def _submit_entry(self, side: Side, kind: OrderType, qty: float, price: float) -> Order:
        _check(qty, price)
        return self._submit(side, kind, qty, price, False, None)

    def _submit(
        self, side: Side, kind: OrderType, qty: float, price: float, reduce_only: bool, via: SubmittedVia | None
    ) -> Order:
        market = self._market
        order = Order(market.exchange, market.symbol, side, kind, qty, price, reduce_only, via, self._clock.read())
        # First the account, which may refuse: then nothing has changed.
        self._account.submit(order)
        self._book.add(order)
        if kind is MARKET:
            self._queue.append(order)
        if self._log is not None:
            self._log.submitted(order)
        return order


def _known(price: float | None, symbol: str) -> float:
    if price is None:
        raise OrderError(f"an order for {symbol} before its first candle")
    return float(price)


def _check(qty: float, price: float) -> None:
    if qty == 0:
        raise StrategyError(f"an order at {price:g} has quantity 0; check how the quantity is computed")
    if not (is_finite(qty) and is_finite(price)):
        raise StrategyError(f"an order has quantity {qty} and price {price}; both must be finite numbers")
