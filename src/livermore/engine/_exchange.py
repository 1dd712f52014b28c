"""The simulated exchange: lets orders meet candles, fills them, and finds the next minute in which one could fill."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME, Rows
from livermore.engine._clock import SessionClock
from livermore.engine._market import Market
from livermore.engine._matching import Path, first_touched, gap_fills, split
from livermore.engine._position import Position
from livermore.engine.accounts import Account
from livermore.trading import ClosedTrade, Fill, Order, OrderStatus

if TYPE_CHECKING:
    from livermore.engine._runner import RouteRunner

__all__ = ["Exchange"]

#: A price that is below all.
NEVER = float("-inf")
NAN = float("nan")


class Exchange:
    """Where the orders of a session are.

    Parameters
    ----------
    clock : SessionClock
        The session's.
    markets : mapping of str to Market
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

    def __init__(self, clock: SessionClock, markets: Mapping[str, Market], account: Account) -> None:
        self.queue: list[Order] = []
        self.trades: list[ClosedTrade] = []
        self._clock = clock
        self._markets = markets
        self._account = account
        self._liquidates = account.liquidation.active
        self._runners: dict[str, RouteRunner] = {}
        self._traded: list[RouteRunner] = []

    def admit(self, runners: Mapping[str, "RouteRunner"]) -> None:
        """Take in the routes that trade, by symbol."""
        self._runners = dict(runners)
        self._traded = [runners[symbol] for symbol in self._markets if symbol in runners]

    def execute(self, order: Order) -> None:
        """Fill an order at its price, if it still waits, and let strategies know."""
        if order.status is not OrderStatus.ACTIVE:
            return
        runner = self._runners[order.symbol]
        position, before = runner.position, runner.position.qty
        fill = self._fill(order, position)
        order.status = OrderStatus.EXECUTED
        order.executed_at = fill.time
        order.filled_qty = fill.qty
        order.fee = fill.fee
        order.trade = runner.current_trade()
        order.trade.orders.append(order)
        self._account.settle(fill, position.apply(fill))
        runner.book.note_done()
        after = position.qty
        turned = before * after < 0
        if before != 0 and (after == 0 or turned):
            self.trades.append(runner.mark_closed(fill.time))
        if after != 0 and (before == 0 or turned):
            runner.mark_opened(fill.time)
        runner.on_fill(order, before)

    def drain_queue(self) -> None:
        """Fill all market orders that wait, and those that their hooks submit."""
        queue = self.queue
        while queue:
            self.execute(queue.pop(0))

    def next_touch(self, first: int, last: int) -> int:
        """Return the first minute in [first, last] in which an order could fill; -1 if there is none."""
        found = -1
        for runner in self._traded:
            book = runner.book
            if not book.active and not (self._liquidates and runner.position.qty != 0):
                continue
            if book.bounds is None:
                self._find_bounds(runner)
            below, above = book.bounds or (NEVER, -NEVER)
            touch = runner.market.next_touch(first, (last if found < 0 else found) + 1, below, above)
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
            runner = self._runners.get(symbol)
            if runner is not None and market.has_row(event):
                runner.book.bounds = None
                self._match(runner, market)

    def drop_done(self) -> None:
        """Let all books forget orders that were filled or cancelled."""
        for runner in self._traded:
            if runner.book.has_done:
                runner.book.drop_done()

    def _fill(self, order: Order, position: Position) -> Fill:
        qty = order.qty
        if order.reduce_only and abs(qty) > abs(position.qty):
            qty = -position.qty
        fee = abs(qty) * order.price * self._account.fee_rate
        return Fill(order, order.price, qty, fee, self._clock.now)

    def _find_bounds(self, runner: "RouteRunner") -> None:
        price = runner.market.price
        if price is not None:
            liquidation = self._account.liquidation.price(runner.position) if self._liquidates else NAN
            runner.book.find_bounds(float(price), liquidation)

    def _match(self, runner: "RouteRunner", market: Market) -> None:
        cursor = market.cursor
        row = market.rows.row(cursor)
        previous_close = float(market.rows.value(cursor - 1, CLOSE)) if cursor > market.first_row else None
        path = Path.of(row)
        book = runner.book
        if previous_close is not None and path.open != previous_close and book.active:
            self._fill_gap(runner, market, row, previous_close)
        while book.active:
            order = first_touched(book.waiting(), path)
            if order is None:
                break
            until, path = split(path, order.price)
            _show(market, row, until, float(row[VOLUME]))
            self.execute(order)
        market.partial = None
        if self._liquidates and runner.position.qty != 0:
            self._liquidate(runner, row, previous_close)

    def _fill_gap(self, runner: "RouteRunner", market: Market, row: Rows, previous_close: float) -> None:
        opening = float(row[OPEN])
        for order in gap_fills(runner.book.waiting(), previous_close, opening):
            if order.status is OrderStatus.ACTIVE:
                _show(market, row, Path(opening, opening, opening, opening), 0.0)
                order.vars["submitted_price"] = order.price
                order.price = opening
                self.execute(order)
        market.partial = None

    def _liquidate(self, runner: "RouteRunner", row: Rows, previous_close: float | None) -> None:
        rule = self._account.liquidation
        price = rule.price(runner.position)
        inside = row[LOW] <= price <= row[HIGH]
        if not inside and previous_close is not None:
            inside = min(previous_close, row[OPEN]) <= price <= max(previous_close, row[OPEN])
        if inside:
            order = runner.broker.close_at(rule.bankruptcy_price(runner.position))
            runner.book.add(order)
            self.execute(order)


def _show(market: Market, row: Rows, until: Path, volume: float) -> None:
    """Let hooks see the minute up to a fill."""
    partial = row.copy()
    partial[OPEN], partial[CLOSE], partial[HIGH], partial[LOW] = until.open, until.close, until.high, until.low
    partial[VOLUME] = volume
    market.partial = partial
