# cython: annotation_typing=False, nonecheck=True
"""One symbol's candles as a session sees them, compiled: what is visible now, in every timeframe.

Where a session is in time is here too: on each bar, everything that is seen depends on it.
"""

from typing import TYPE_CHECKING

import cython
import numpy as np

from livermore.candles._columns import CLOSE, MINUTE_MS, TIMESTAMP
from livermore.candles._resample import combine
from livermore.candles._timeframe import timeframe_ms
from livermore.candles.minutes import Minutes
from livermore.errors import StrategyError, warn_uncompiled
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView
from livermore.typing import Rows

if TYPE_CHECKING:
    from array import array

if not cython.compiled:
    warn_uncompiled()

MINUTE = "1m"
#: No row's index.
UNKNOWN = -2
NO_ROWS = np.empty((0, 6))


class SessionClock:
    """The session's time moves from minute to minute; all that happens in a minute happens at its end.

    Parameters
    ----------
    start : float
        UTC ms at which trading starts.
    ends : range or array of int
        UTC ms at which each minute of the run ends, ascending. A live session appends to it.

    Attributes
    ----------
    event : int
        Index of the minute that is being processed; -1 before the first.
    """

    def __init__(self, start: float, ends: "range | array[int]") -> None:
        self.start = float(start)
        self.ends = ends
        self.event = -1
        # The minute whose end was asked for last, and that end.
        self._told_event = -1
        self._told = self.start

    @property
    def now(self) -> float:
        """UTC ms: the end of the minute that is being processed."""
        return self.told()

    def told(self) -> float:
        """Return `now`."""
        if self.event != self._told_event:
            self._told_event = self.event
            self._told = float(self.ends[self.event]) if self.event >= 0 else self.start
        return self._told


class Market:
    """One symbol's minutes, warm-up first, of which a session sees those up to its clock.

    Parameters
    ----------
    rows : Minutes
        One-minute candles, checked.
    exchange, symbol : str
        What they are of.
    clock : SessionClock
        The session's.
    first_row : int
        Index of the first row that is traded; those before are warm-up.
    row_of_event : array of int, optional
        Index of the newest row at each minute of the clock, where minutes are missing or rows are fed one by one;
        without it there is a row for each minute.
    warm_up_candles : int
        The window of indicators.
    comes_with_others : bool, default False
        Whether the rows of a minute are there for all symbols before the first of them is matched, as in Jesse where
        minutes are missing; else each comes when its symbol's turn does.

    Attributes
    ----------
    size : int
        How many rows there are.
    lag : int
        1 while the session's minute has begun and this market's row of it is not there yet.
    partial : ndarray of shape (6,) or None
        The present minute up to a fill, while the hooks of that fill run.
    """

    def __init__(
        self,
        rows: Minutes,
        *,
        exchange: str,
        symbol: str,
        clock: SessionClock,
        first_row: int,
        row_of_event: "array[int] | None" = None,
        warm_up_candles: int = 0,
        comes_with_others: bool = False,
    ) -> None:
        self._take(rows)
        self.exchange = exchange
        self.symbol = symbol
        self.first_row = first_row
        self.warm_up_candles = warm_up_candles
        self.comes_with_others = comes_with_others
        self.lag = 0
        self.partial = None
        self._clock = clock
        self._row_of_event = row_of_event
        # The row whose close was asked for last.
        self._closed_row = UNKNOWN
        self._last_close = None
        self._frames = {}

    @property
    def cursor(self) -> int:
        """Index of the newest visible row; -1 without any."""
        return self._cursor()

    @property
    def close(self) -> float | None:
        """Close of the newest visible candle, of the minute so far while hooks of a fill run; None before the first.

        So it is the price of the fill, save where that was at the opening of what was left of the minute: then all that
        was left is shown.
        """
        if self.partial is not None:
            return self.partial[CLOSE]
        return self._close_at(self._cursor())

    @property
    def last_price(self) -> float:
        """As `close`, where there must be one.

        Raises
        ------
        StrategyError
            Before the first candle.
        """
        return self.shown_price()

    def shown_price(self) -> float:
        """Return `last_price`."""
        if self.partial is not None:
            return self.partial[CLOSE]
        close = self._close_at(self._cursor())
        if close is None:
            raise StrategyError(f"the price of {self.symbol} was asked for before its first candle")
        return close

    @property
    def price(self) -> float | None:
        """As `close`, but of the minute before while others are matched and this market's turn is still to come."""
        if self.partial is not None:
            return self.partial[CLOSE]
        if not self.comes_with_others:
            return self._close_at(self._cursor())
        return self._close_at(self._row_at(self._clock.event - self.lag))

    def frame(self, timeframe: str) -> "Frame":
        """Return the candles of a timeframe; they are aggregated when they are first asked for."""
        frame = self._frames.get(timeframe)
        if frame is None:
            frame = self._frames[timeframe] = Frame(self, timeframe)
        return frame

    def has_row(self, event: int) -> bool:
        """Whether there is a candle for that minute of the clock."""
        rows = self._row_of_event
        if rows is None:
            return True
        return rows[event] != (rows[event - 1] if event else self.first_row - 1)

    def next_touch(self, start: int, stop: int, below: float, above: float) -> int:
        """Return the first minute of the clock in [start, stop) whose candle reaches one of two prices; -1 if none."""
        rows = self._row_of_event
        if rows is None:
            row = self.rows.find(self.first_row + start, self.first_row + stop, below, above)
            return row - self.first_row if row >= 0 else -1
        before = rows[start - 1] if start else self.first_row - 1
        row = self.rows.find(before + 1, rows[stop - 1] + 1, below, above)
        return int(np.searchsorted(np.frombuffer(rows, np.int64), row)) if row >= 0 else -1

    def push(self, row: Rows | None) -> None:
        """Add the next minute of a fed session: a row of shape (6,), or None where the symbol has none."""
        assert self._row_of_event is not None, "only a session made for feeding has room for more rows"
        if row is not None:
            minutes = self.frame(MINUTE).series
            minutes.append(row)
            self._take(Minutes(NO_ROWS, minutes.bars[: minutes.size]))
            for frame in self._frames.values():
                frame.push(row)
        self._row_of_event.append(self.size - 1)

    def _take(self, rows: Minutes) -> None:
        self.rows = rows
        self.size = len(rows)
        self._closes = rows.tail[:, CLOSE]
        self._closes_from = len(rows.head)

    def _cursor(self) -> int:
        if self.comes_with_others:
            return self._row_at(self._clock.event)
        return self._row_at(self._clock.event - self.lag)

    def _row_at(self, event: int) -> int:
        if self._row_of_event is None:
            return self.first_row + event
        return self._row_of_event[event] if event >= 0 else self.first_row - 1

    def _close_at(self, row: int) -> float | None:
        if row < 0 or self._clock.event < 0:
            return None
        if row != self._closed_row:
            inside = row - self._closes_from
            self._last_close = self._closes[inside] if inside >= 0 else self.rows.value(row, CLOSE)
            self._closed_row = row
        return self._last_close


class Frame:
    """One timeframe of a market: its bars so far, the last of which may be forming."""

    def __init__(self, market: Market, timeframe: str) -> None:
        self._market = market
        self._span = timeframe_ms(timeframe)
        self._newest = np.empty(6)
        self._at = 0
        self._shown = None
        self._shown_cursor = UNKNOWN
        self._row = None
        self._row_cursor = UNKNOWN
        self._is_minutes = timeframe == MINUTE
        bars = market.rows.between(0, market.size) if self._is_minutes else self._resampled()
        self.series = CandleSeries(
            bars,
            exchange=market.exchange,
            symbol=market.symbol,
            timeframe=timeframe,
            warm_up_candles=market.warm_up_candles,
        )

    def view(self) -> CandleView:
        """Return the candles that are visible now, read-only, shape (k, 6)."""
        cursor = self._market._cursor()
        partial = self._market.partial
        if partial is not None:
            # A view of a minute that is still being matched must not outlive the fill.
            self._shown, self._shown_cursor = None, UNKNOWN
            return self._view_at(cursor, partial)
        if cursor != self._shown_cursor:
            self._shown = None  # nobody's, if the strategy keeps it not: the series can take it again
            self._shown = self._view_at(cursor, None)
            self._shown_cursor = cursor
        return self._shown

    def current(self) -> Rows:
        """Return a copy of the last visible candle, shape (6,)."""
        self.value(TIMESTAMP)
        return np.array(self._row)

    def value(self, column: int) -> float:
        """Return one value of the last visible candle."""
        cursor = self._market._cursor()
        if cursor != self._row_cursor or self._market.partial is not None:
            self._row = self._row_at(cursor)
            self._row_cursor = cursor if self._market.partial is None else UNKNOWN
        return self._row[column]

    def last_completed_time(self) -> int:
        """Return when the last completed candle opened, UTC ms."""
        view = self.view()
        rows = len(view)
        return int(view[rows - 2 if view.forming else rows - 1, TIMESTAMP])

    def push(self, row: Rows) -> None:
        """Take in the minute that was just added to the market."""
        if self._is_minutes:
            return
        last = self._market.size - 1
        bucket = row[TIMESTAMP] // self._span
        if (
            self._count == 0
            or self._market.rows.value(self._starts[self._count - 1], TIMESTAMP) // self._span != bucket
        ):
            if self.series.size < self._count:
                self._complete(last)
            self._begin(last)
        if (bucket + 1) * self._span == row[TIMESTAMP] + MINUTE_MS:
            self._complete(last + 1)

    def _resampled(self) -> Rows:
        """Note where each bar begins, and return the bars that are complete."""
        rows, size, span = self._market.rows, self._market.size, self._span
        if size == 0:
            self._starts, self._count = np.empty(64, np.int64), 0
            return NO_ROWS
        first, last = rows.value(0, TIMESTAMP), rows.value(size - 1, TIMESTAMP)
        most = min(size, int((last - first) // span) + 2)
        starts, bars = np.empty(most, np.int64), np.empty((most, 6))
        count = rows.resample(span, starts, bars)
        is_over = bars[count - 1, TIMESTAMP] + span <= last + MINUTE_MS
        self._starts, self._count = starts, count
        return bars[: count if is_over else count - 1]

    def _begin(self, row: int) -> None:
        """Note that a bar begins."""
        if self._count == len(self._starts):
            grown = np.empty(2 * self._count, np.int64)
            grown[: self._count] = self._starts
            self._starts = grown
        self._starts[self._count] = row
        self._count += 1

    def _complete(self, stop: int) -> None:
        rows = self._market.rows.between(self._starts[self._count - 1], stop)
        self.series.append(combine(rows, rows[0, TIMESTAMP] // self._span * self._span))

    def _row_at(self, cursor: int) -> Rows:
        if self._market.partial is None and cursor >= 0:
            bar = cursor if self._is_minutes else self._bar_of(cursor)
            if self._is_minutes or self._is_complete(bar, cursor):
                return self.series.bars[bar]
        view = self.view()
        return view[len(view) - 1]

    def _view_at(self, cursor: int, partial: Rows | None) -> CandleView:
        if cursor < 0:
            return self.series.view(0)
        if self._is_minutes:
            return self.series.view(cursor + 1) if partial is None else self.series.view_forming(cursor, partial)
        bar = self._bar_of(cursor)
        if partial is None and self._is_complete(bar, cursor):
            return self.series.view(bar + 1)
        return self.series.view_forming(bar, self._forming(self._starts[bar], cursor, partial))

    def _is_complete(self, bar: int, cursor: int) -> bool:
        """Whether the row is the last of its bar, and the bar is over."""
        stop = self._starts[bar + 1] if bar + 1 < self._count else self._market.size
        return cursor + 1 == stop and bar < self.series.size

    def _bar_of(self, cursor: int) -> int:
        """Return the bar that holds a row. Time moves forward, so the search goes on where the last one ended."""
        bar = self._at
        last = self._count - 1
        while bar < last and self._starts[bar + 1] <= cursor:
            bar += 1
        while self._starts[bar] > cursor:
            bar -= 1
        self._at = bar
        return bar

    def _forming(self, first: int, cursor: int, partial: Rows | None) -> Rows:
        """Return the bar that began at a row as it is now; it is overwritten by the next."""
        rows = self._market.rows
        opened = rows.value(first, TIMESTAMP)
        opens_at = opened // self._span * self._span
        if partial is None:
            self._newest[TIMESTAMP] = opens_at
            rows.combine_into(self._newest, first, cursor + 1)
            return self._newest
        until = rows.between(first, cursor + 1).copy()
        until[cursor - first] = partial
        return combine(until, opens_at)
