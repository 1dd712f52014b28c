# cython: annotation_typing=False
"""The loop over the minutes of a session."""

from collections.abc import Callable, Sequence

import cython

from livermore.engine.exchange import Exchange
from livermore.engine.order_book import OrderBook
from livermore.engine.route import TradedRoute
from livermore.errors import warn_uncompiled
from livermore.market.clock import SessionClock

if not cython.compiled:
    warn_uncompiled()

__all__ = ["MinuteLoop"]


class MinuteLoop:
    """Goes through the minutes of a session. Minutes in which no order can fill and no bar ends are skipped.

    Parameters
    ----------
    clock, exchange : SessionClock, Exchange
        Of the session.
    routes : sequence of TradedRoute
        All routes of the session, in their order.
    record_equity : callable
        Records the balance that is due, and returns the minute in which the next one is.

    Attributes
    ----------
    done : int
        The last minute that was processed; -1 before the first.
    due_event : int
        The minute in which the balance is recorded next.
    on_minute : callable or None
        Called at the end of each minute that is processed, after all else; nothing happens in those that are skipped.
    """

    def __init__(
        self,
        clock: SessionClock,
        exchange: Exchange,
        routes: Sequence[TradedRoute],
        record_equity: Callable[[], int],
    ) -> None:
        self.done = -1
        self.due_event = 0
        self.on_minute: Callable[[], None] | None = None
        self._clock = clock
        self._exchange = exchange
        self._routes = list(routes)
        self._books: list[OrderBook] = [route.book for route in routes]
        self._record_equity = record_equity

    def to_end(self, last: int) -> None:
        """Process all minutes up to `last` in which orders fill or the balance is recorded; no bar ends in them."""
        # From one minute in which something can happen to the next. A year of 15-minute bars has 525,600 minutes and
        # 35,040 bars, and an order fills in few of the minutes between.
        while self.done < last:
            stop = min(last, self.due_event)
            touch = self._exchange.next_touch(self.done + 1, stop)
            if touch < 0 and stop < self.due_event:
                self.skip_to(last)
                self._exchange.drop_done()
                return
            self.to_minute(stop, touch)
            self.end_minute(())

    def to_bar(self, event: int) -> None:
        """Process all minutes up to the last minute of a bar, which `end_minute` then ends."""
        while True:
            stop = min(event, self.due_event)
            self.to_minute(stop, self._exchange.next_touch(self.done + 1, stop))
            if self.done == event:
                return
            self.end_minute(())

    def to_minute(self, event: int, touch: int) -> None:
        """Go to the minute in which an order could fill; if there is none (-1), to `event`."""
        reached = event if touch < 0 else touch
        if reached > self.done + 1:
            # There are minutes in between in which nothing fills.
            self._exchange.drop_done()
        self.skip_to(reached)
        if touch >= 0:
            self._exchange.match_minute(touch)

    def skip_to(self, event: int) -> None:
        """Set the clock to a minute; no order can fill before it."""
        self.done = event
        self._clock.event = event

    def end_minute(self, due: Sequence[TradedRoute]) -> None:
        """Run the bars of the routes that are due, in route order; fill market orders; record the balance if due."""
        # Routes in their order, each with the orders that the routes before it have just filled; then market orders, so
        # that a bar's own are filled at its close; the equity last, so that it counts them.
        for index in range(len(self._routes)):
            route = self._routes[index]
            if route in due:
                route.run_bar()
            book = self._books[index]
            if book.has_done:
                book.drop_done()
        if self._exchange.queue:
            self._exchange.drain_queue()
        if self.done >= self.due_event:
            self.due_event = self._record_equity()
        if self.on_minute is not None:
            self.on_minute()
