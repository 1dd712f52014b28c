"""Turns rows of (quantity, price) into orders, and hands them to account, book and queue."""

import math

from livermore.engine._book import OrderBook
from livermore.engine._clock import SessionClock
from livermore.engine._market import Market
from livermore.engine._position import Position
from livermore.engine.accounts import Account
from livermore.errors import OrderError, StrategyError
from livermore.trading import Order, OrderStatus, OrderType, Side, SubmittedVia

__all__ = ["Broker", "is_near"]

NEAR = 0.00015


def is_near(price: float, current_price: float) -> bool:
    """Return whether an order's price is so near to the market that it is a market order: 0.015 %.

    Examples
    --------
    >>> is_near(99.985, 100.0), is_near(100.015, 100.0), is_near(100.014, 100.0)
    (True, False, True)
    """
    return abs(1 - price / current_price) <= NEAR


class Broker:
    """Submits and cancels the orders of one route.

    Parameters
    ----------
    market, position, book, account, clock
        The route's, and the session's.
    queue : list of Order
        The session's market orders that wait for the end of the minute.
    """

    __slots__ = ("_account", "_book", "_clock", "_market", "_position", "_queue")

    def __init__(
        self,
        *,
        market: Market,
        position: Position,
        book: OrderBook,
        account: Account,
        clock: SessionClock,
        queue: list[Order],
    ) -> None:
        self._market = market
        self._position = position
        self._book = book
        self._account = account
        self._clock = clock
        self._queue = queue

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
        shown, current = _known(self._market.close, self._market.symbol), self._price()
        if is_near(price, shown):
            return self._submit(side, OrderType.MARKET, qty, current)
        above = price > shown
        kind = OrderType.STOP if above is (side is Side.BUY) else OrderType.LIMIT
        return self._submit(side, kind, qty, price)

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
        held = self._position.qty
        if held == 0:
            raise OrderError(f"a {via} at {price:g} for {self._market.symbol}, but no position is open")
        side = Side.SELL if held > 0 else Side.BUY
        shown = _known(self._market.close, self._market.symbol)
        if is_near(price, shown):
            return self._submit(side, OrderType.MARKET, qty, price, via)
        above = price > shown
        kind = OrderType.LIMIT if above is (side is Side.SELL) else OrderType.STOP
        return self._submit(side, kind, qty, price, via)

    def exit_at_opening(self, qty: float, price: float, via: SubmittedVia) -> Order:
        """Submit an exit that was set before the position opened.

        On the wrong side of the entry price it cannot wait, and closes at the market.
        """
        entry, held = self._position.entry_price, self._position.qty
        assert entry is not None
        at_or_above = price >= entry
        wrong = (
            (price <= entry if held > 0 else at_or_above)
            if via is SubmittedVia.TAKE_PROFIT
            else (at_or_above if held > 0 else price <= entry)
        )
        if not wrong:
            return self.exit(qty, price, via)
        _check(qty, price)
        side = Side.SELL if held > 0 else Side.BUY
        return self._submit(side, OrderType.MARKET, qty, self._price(), via)

    def close_at(self, price: float) -> Order:
        """Return an order that closes the position at a price; it is not submitted, but meant to be filled at once."""
        held = self._position.qty
        return Order(
            exchange=self._market.exchange,
            symbol=self._market.symbol,
            side=Side.SELL if held > 0 else Side.BUY,
            type=OrderType.MARKET,
            qty=held,
            price=price,
            reduce_only=True,
        )

    def cancel(self, order: Order) -> None:
        """Cancel an order, if it still waits."""
        if order.status is OrderStatus.ACTIVE:
            self._account.cancel(order)
            order.status = OrderStatus.CANCELED
            order.canceled_at = self._clock.now
            self._book.note_done()

    def cancel_all(self) -> None:
        """Cancel all orders of the symbol."""
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

    def _submit(self, side: Side, kind: OrderType, qty: float, price: float, via: SubmittedVia | None = None) -> Order:
        order = Order(
            exchange=self._market.exchange,
            symbol=self._market.symbol,
            side=side,
            type=kind,
            qty=qty,
            price=price,
            reduce_only=via is not None,
            submitted_via=via,
            created_at=self._clock.now,
        )
        self._account.submit(order)
        self._book.add(order)
        if kind is OrderType.MARKET:
            self._queue.append(order)
        return order

    def _price(self) -> float:
        return _known(self._market.price, self._market.symbol)


def _known(price: float | None, symbol: str) -> float:
    if price is None:
        raise OrderError(f"an order for {symbol} before its first candle")
    return float(price)


def _check(qty: float, price: float) -> None:
    if qty == 0:
        raise StrategyError(f"an order at {price:g} has quantity 0; check how the quantity is computed")
    if not (math.isfinite(qty) and math.isfinite(price)):
        raise StrategyError(f"an order has quantity {qty} and price {price}; both must be finite numbers")
