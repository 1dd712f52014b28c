# cython: annotation_typing=False
"""Goes through the minutes of a session, past those in which nothing can happen, and ends them in the right order."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cython

from livermore.engine.exchange import Exchange
from livermore.engine.order_book import OrderBook
from livermore.errors import warn_uncompiled

if TYPE_CHECKING:
    from livermore.engine.route_runner import RouteRunner
    from livermore.market.clock import SessionClock

if not cython.compiled:
    warn_uncompiled()

__all__ = ["MinuteWalk"]


class MinuteWalk:
    """Where a session is among its minutes, and how it gets to the next one.

    Parameters
    ----------
    clock : SessionClock
        The session's.
    exchange : Exchange
        The session's.
    runners : sequence of RouteRunner
        Its routes, in their order.
    take_sample : callable
        Takes the balance sample that is due, and returns the minute in which the next one is.

    Attributes
    ----------
    done : int
        The last minute that was processed; -1 before the first.
    due_event : int
        The minute in which the next sample is due.
    """

    def __init__(
        self,
        clock: "SessionClock",
        exchange: Exchange,
        runners: "Sequence[RouteRunner]",
        take_sample: Callable[[], int],
    ) -> None:
        self.done = -1
        self.due_event = 0
        self._clock = clock
        self._exchange = exchange
        self._runners = list(runners)
        self._books: list[OrderBook] = [runner.book for runner in runners]
        self._take_sample = take_sample

    def to_end(self, last: int) -> None:
        """Process all minutes up to `last` in which anything happens: orders that fill, samples."""
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
        """Process all minutes up to a bar's last; that one without its end."""
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
            # Time passes in which nothing fills.
            self._exchange.drop_done()
        self.skip_to(reached)
        if touch >= 0:
            self._exchange.match_minute(touch)

    def skip_to(self, event: int) -> None:
        """Be at a minute, without a look at those before."""
        self.done = event
        self._clock.event = event

    def end_minute(self, due: "Sequence[RouteRunner]") -> None:
        """Run the bars that are due, in route order; fill market orders; take the sample that is due."""
        for index in range(len(self._runners)):
            runner = self._runners[index]
            if runner in due:
                runner.run_bar()
            book = self._books[index]
            if book.has_done:
                book.drop_done()
        if self._exchange.queue:
            self._exchange.drain_queue()
        if self.done >= self.due_event:
            self.due_event = self._take_sample()
