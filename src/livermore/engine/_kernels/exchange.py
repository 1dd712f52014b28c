# cython: annotation_typing=False, nonecheck=True
"""The simulated exchange: takes orders in, lets them meet candles, and fills them.

It also finds the next minute in which one could fill, so that the session can skip those before.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cython

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME
from livermore.engine._kernels.book import OrderBook, Path, first_touched, gap_fills, new_path
from livermore.engine._kernels.position import Account, Position
from livermore.errors import OrderError, StrategyError, warn_uncompiled
from livermore.trading import OrderStatus, OrderType, Side, SubmittedVia
from livermore.trading._kernels.orders import ClosedTrade, Fill, Order, new_fill, new_order

if TYPE_CHECKING:
    from livermore.engine._kernels.market import Market, SessionClock
    from livermore.engine._runner import RouteRunner

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Broker", "Exchange", "is_finite", "is_near"]

NEAR = 0.00015
NAN = float("nan")
INFINITY = float("inf")

# Members of enumerations take long to look up.
ACTIVE = OrderStatus.ACTIVE
CANCELED = OrderStatus.CANCELED
EXECUTED = OrderStatus.EXECUTED
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
    """Return whether a float is neither NaN nor infinite, which leave NaN when they are taken from themselves."""
    return number - number == 0


class Broker:
    """Turns quantities and prices of one route into orders, and hands them to account, book and queue.

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
        market: "Market",
        position: Position,
        book: OrderBook,
        account: Account,
        clock: "SessionClock",
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
        market = self._market
        shown = _known(market.close, market.symbol)
        if is_near(price, shown):
            return self._submit(side, MARKET, qty, _known(market.price, market.symbol), None)
        above = price > shown
        return self._submit(side, STOP if above == (side is BUY) else LIMIT, qty, price, None)

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
            return self._submit(side, MARKET, qty, price, via)
        above = price > shown
        return self._submit(side, LIMIT if above == (held > 0) else STOP, qty, price, via)

    def exit_at_opening(self, qty: float, price: float, via: SubmittedVia) -> Order:
        """Submit an exit that was set before the position opened.

        On the wrong side of the entry price it cannot wait, and closes at the market.
        """
        entry, held = self._position.entry_price, self._position.qty
        long = held > 0
        # A target below the entry of a long position, a stop above it; the other way round for a short one.
        wrong = price <= entry if (via is TAKE_PROFIT) == long else price >= entry
        if not wrong:
            return self.exit(qty, price, via)
        _check(qty, price)
        market = self._market
        return self._submit(SELL if long else BUY, MARKET, qty, _known(market.price, market.symbol), via)

    def close_at(self, price: float) -> Order:
        """Return an order that closes the position at a price; it is not submitted, but meant to be filled at once."""
        held, market = self._position.qty, self._market
        order = new_order(market.exchange, market.symbol, SELL if held > 0 else BUY, MARKET, held, price, None, None)
        order.reduce_only = True
        return order

    def cancel(self, order: Order) -> None:
        """Cancel an order, if it still waits."""
        if order.status is ACTIVE:
            self._account.cancel(order)
            order.status = CANCELED
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

    def _submit(self, side: Side, kind: OrderType, qty: float, price: float, via: SubmittedVia | None) -> Order:
        market = self._market
        order = new_order(market.exchange, market.symbol, side, kind, qty, price, via, self._clock.now)
        self._account.submit(order)
        self._book.add(order)
        if kind is MARKET:
            self._queue.append(order)
        return order


class Venue:
    """Where one symbol is matched: its market, and the route that trades it."""

    def __init__(self, market: "Market", runner: "RouteRunner") -> None:
        self.market = market
        self.runner = runner
        self.position = runner.position
        self.book = runner.book
        self.broker = runner.broker
        self._minutes: Any = None
        self.refresh()

    def refresh(self) -> None:
        """Look at the minutes that the market has now: a session that is fed replaces them."""
        minutes = self.market.rows
        if minutes is not self._minutes:
            self._minutes = minutes
            # All that is traded.
            self.rows, self.first = minutes.tail, len(minutes.head)


class Exchange:
    """Where the orders of a session are.

    Parameters
    ----------
    clock : SessionClock
        The session's.
    markets : dict of str to Market
        By symbol, in the order in which they are matched.
    account : Account
        The session's.

    Attributes
    ----------
    queue : list of Order
        Market orders that wait for the end of the minute.
    trades : list of ClosedTrade
        Of all routes, in closing order.
    """

    def __init__(self, clock: "SessionClock", markets: "dict[str, Market]", account: Account) -> None:
        self.queue: list[Order] = []
        self.trades: list[ClosedTrade] = []
        self._clock = clock
        self._markets = markets
        self._account = account
        self._liquidates = account.liquidation.active
        self._venues: dict[str, Venue] = {}
        self._traded: list[Venue] = []

    def admit(self, runners: "Mapping[str, RouteRunner]") -> None:
        """Take in the routes that trade, by symbol."""
        markets = self._markets
        self._venues = {symbol: Venue(markets[symbol], runner) for symbol, runner in runners.items()}
        self._traded = [self._venues[symbol] for symbol in markets if symbol in runners]

    def execute(self, order: Order) -> None:
        """Fill an order at its price, if it still waits, and let strategies know."""
        if order.status is not ACTIVE:
            return
        venue = self._venues[order.symbol]
        runner, position = venue.runner, venue.position
        before = position.qty
        fill = self._fill(order, position)
        order.status = EXECUTED
        order.executed_at = fill.time
        order.filled_qty = fill.qty
        order.fee = fill.fee
        order.trade = runner.current_trade()
        order.trade.orders.append(order)
        self._account.settle(fill, position.apply(fill))
        venue.book.note_done()
        after = position.qty
        turned = before * after < 0
        if before != 0 and (after == 0 or turned):
            self.trades.append(runner.mark_closed(order.executed_at))
        if after != 0 and (before == 0 or turned):
            runner.mark_opened(order.executed_at)
        runner.on_fill(order, before)

    def drain_queue(self) -> None:
        """Fill all market orders that wait, and those that their hooks submit."""
        while self.queue:
            self.execute(self.queue.pop(0))

    def next_touch(self, first: int, last: int) -> int:
        """Return the first minute in [first, last] in which an order could fill; -1 if there is none."""
        found = -1
        for venue in self._traded:
            book = venue.book
            if not book.active and not (self._liquidates and venue.position.qty != 0):
                continue
            if not book.knows_bounds:
                self._find_bounds(venue)
            touch = venue.market.next_touch(first, (last if found < 0 else found) + 1, book.below, book.above)
            if touch >= 0:
                found = touch
        return found

    def match_minute(self, event: int) -> None:
        """Let all orders meet the candles of the minute at which the clock is, symbol by symbol."""
        if len(self._markets) > 1:
            for market in self._markets.values():
                market.lag = 1
        for symbol, market in self._markets.items():
            market.lag = 0
            venue = self._venues.get(symbol)
            if venue is not None and market.has_row(event):
                venue.book.knows_bounds = False
                self._match(venue)

    def drop_done(self) -> None:
        """Let all books forget orders that were filled or cancelled."""
        for venue in self._traded:
            venue.book.drop_done()

    def _fill(self, order: Order, position: Position) -> Fill:
        qty = order.qty
        if order.reduce_only and abs(qty) > abs(position.qty):
            qty = -position.qty
        fee = abs(qty) * order.price * self._account.fee_rate
        return new_fill(order, order.price, qty, fee, self._clock.now)

    def _find_bounds(self, venue: Venue) -> None:
        price = venue.market.price
        if price is None:
            # Nothing can wait before the first candle.
            venue.book.below, venue.book.above = -INFINITY, INFINITY
            return
        liquidation = self._account.liquidation.price(venue.position) if self._liquidates else NAN
        venue.book.find_bounds(price, liquidation)

    def _match(self, venue: Venue) -> None:
        market, book = venue.market, venue.book
        venue.refresh()
        rows, cursor = venue.rows, market.cursor - venue.first
        path = new_path(rows[cursor, OPEN], rows[cursor, CLOSE], rows[cursor, HIGH], rows[cursor, LOW])
        previous_close = rows[cursor - 1, CLOSE] if cursor + venue.first > market.first_row else NAN
        # NaN before the first candle: there is no gap then.
        if (path.open < previous_close or path.open > previous_close) and book.active:
            self._fill_gap(venue, cursor, previous_close, path.open)
        while book.active:
            order = first_touched(book.active, path)
            if order is None:
                break
            until, path = path.until(order.price), path.behind(order.price)
            _show(venue, cursor, until, rows[cursor, VOLUME])
            self.execute(order)
        market.partial = None
        if self._liquidates and venue.position.qty != 0:
            self._liquidate(venue, cursor, previous_close)

    def _fill_gap(self, venue: Venue, cursor: int, previous_close: float, opening: float) -> None:
        for order in gap_fills(venue.book.active, previous_close, opening):
            if order.status is ACTIVE:
                _show(venue, cursor, new_path(opening, opening, opening, opening), 0.0)
                order.vars["submitted_price"] = order.price
                order.price = opening
                self.execute(order)
        venue.market.partial = None

    def _liquidate(self, venue: Venue, cursor: int, previous_close: float) -> None:
        rule = self._account.liquidation
        price = rule.price(venue.position)
        low, high, opening = venue.rows[cursor, LOW], venue.rows[cursor, HIGH], venue.rows[cursor, OPEN]
        inside = low <= price <= high
        if not inside:
            # Or in the gap before it; there is none where the close before is NaN.
            inside = previous_close <= price <= opening or opening <= price <= previous_close
        if inside:
            order = venue.broker.close_at(rule.bankruptcy_price(venue.position))
            venue.book.add(order)
            self.execute(order)


def _show(venue: Venue, cursor: int, until: Path, volume: float) -> None:
    """Let hooks see the minute up to a fill."""
    partial = venue._minutes.tail[cursor].copy()
    partial[OPEN], partial[CLOSE], partial[HIGH], partial[LOW] = until.open, until.close, until.high, until.low
    partial[VOLUME] = volume
    venue.market.partial = partial


def _known(price: float | None, symbol: str) -> float:
    if price is None:
        raise OrderError(f"an order for {symbol} before its first candle")
    return float(price)


def _check(qty: float, price: float) -> None:
    if qty == 0:
        raise StrategyError(f"an order at {price:g} has quantity 0; check how the quantity is computed")
    if not (is_finite(qty) and is_finite(price)):
        raise StrategyError(f"an order has quantity {qty} and price {price}; both must be finite numbers")
