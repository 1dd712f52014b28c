"""One symbol's candles as a session sees them: what is visible now, in every timeframe, forming bars included."""

from array import array

import numpy as np

from livermore.candles import CLOSE, TIMESTAMP, CandleSeries, CandleView, Rows, combine, timeframe_ms
from livermore.engine._clock import SessionClock
from livermore.engine._kernels.minutes import Minutes

__all__ = ["Frame", "Market"]

MINUTE = "1m"
#: No row's index.
UNKNOWN = -2


class Market:
    """One symbol's minutes, warm-up first, of which a session sees those up to its clock.

    Parameters
    ----------
    rows : ndarray of shape (n, 6)
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
    lag : int
        1 while the session's minute has begun and this market's row of it is not there yet.
    partial : ndarray of shape (6,) or None
        The present minute up to a fill, while the hooks of that fill run.
    """

    __slots__ = (
        "_clock",
        "_closed_row",
        "_compiled",
        "_frames",
        "_last_close",
        "_row_of_event",
        "comes_with_others",
        "exchange",
        "first_row",
        "lag",
        "minutes",
        "partial",
        "rows",
        "size",
        "symbol",
        "warm_up_candles",
    )

    def __init__(
        self,
        rows: Rows,
        *,
        exchange: str,
        symbol: str,
        clock: SessionClock,
        first_row: int,
        row_of_event: "array[int] | None" = None,
        warm_up_candles: int = 0,
        comes_with_others: bool = False,
    ) -> None:
        self.rows = rows
        self.size = len(rows)
        self.exchange = exchange
        self.symbol = symbol
        self.first_row = first_row
        self.warm_up_candles = warm_up_candles
        self.comes_with_others = comes_with_others
        self.lag = 0
        self.partial: Rows | None = None
        self._clock = clock
        self._row_of_event = row_of_event
        self._compiled: Minutes | None = None
        # The row whose close was asked for last.
        self._closed_row = UNKNOWN
        self._last_close = 0.0
        self.minutes = self._series(rows, MINUTE)
        self._frames: dict[str, Frame] = {}

    # The three below are asked several times a bar, so they spell out what they have in common.

    @property
    def cursor(self) -> int:
        """Index of the newest visible row; -1 without any."""
        event = self._clock.event if self.comes_with_others else self._clock.event - self.lag
        rows = self._row_of_event
        if rows is None:
            return self.first_row + event
        return rows[event] if event >= 0 else self.first_row - 1

    @property
    def close(self) -> float | None:
        """Close of the newest visible candle, of the minute so far while hooks of a fill run; None before the first.

        So it is the price of the fill, save where that was at the opening of what was left of the minute: then all that
        was left is shown.
        """
        shown: float
        if self.partial is not None:
            shown = self.partial[CLOSE]
            return shown
        event = self._clock.event
        if event >= 0 and self._row_of_event is None and not self.comes_with_others:
            row = self.first_row + event - self.lag
            if row != self._closed_row:
                if row < 0:
                    return None
                self._closed_row = row
                self._last_close = self.rows[row, CLOSE]
            return self._last_close
        return self._close_at(self.cursor)

    @property
    def price(self) -> float | None:
        """As `close`, but of the minute before while others are matched and this market's turn is still to come."""
        if self.partial is not None or not self.comes_with_others:
            return self.close
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
            first = self.first_row
            row = self.compiled().find(first + start, first + stop, below, above)
            return row - first if row >= 0 else -1
        before = rows[start - 1] if start else self.first_row - 1
        row = self.compiled().find(before + 1, rows[stop - 1] + 1, below, above)
        return int(np.searchsorted(np.frombuffer(rows, np.int64), row)) if row >= 0 else -1

    def compiled(self) -> Minutes:
        """Return the rows as compiled code sees them."""
        if self._compiled is None:
            self._compiled = Minutes(self.rows)
        return self._compiled

    def push(self, row: Rows | None) -> None:
        """Add the next minute of a fed session: a row of shape (6,), or None where the symbol has none."""
        visible = self._row_of_event
        assert visible is not None, "only a session made for feeding has room for more rows"
        if row is not None:
            self.minutes.append(row)
            self.rows = self.minutes.bars
            self.size += 1
            self._compiled = None
            for frame in self._frames.values():
                frame.push(row)
        visible.append(self.size - 1)

    def _row_at(self, event: int) -> int:
        rows = self._row_of_event
        if rows is None:
            return self.first_row + event
        return rows[event] if event >= 0 else self.first_row - 1

    def _close_at(self, row: int) -> float | None:
        if row < 0 or self._clock.event < 0:
            return None
        close: float = self.rows[row, CLOSE]
        return close

    def _series(self, bars: Rows, timeframe: str) -> CandleSeries:
        return CandleSeries(
            bars,
            exchange=self.exchange,
            symbol=self.symbol,
            timeframe=timeframe,
            warm_up_candles=self.warm_up_candles,
        )


class Frame:
    """One timeframe of a market: its bars so far, the last of which may be forming."""

    __slots__ = (
        "_at",
        "_market",
        "_row",
        "_row_cursor",
        "_shown",
        "_shown_cursor",
        "_span",
        "_starts",
        "series",
    )

    def __init__(self, market: Market, timeframe: str) -> None:
        self._market = market
        self._span = timeframe_ms(timeframe)
        self._at = 0
        self._shown: CandleView | None = None
        self._shown_cursor = UNKNOWN
        self._row = market.rows[:0]
        self._row_cursor = UNKNOWN
        if timeframe == MINUTE:
            self._starts: array[int] | None = None
            self.series = market.minutes
            return
        starts, bars = self._resampled()
        self._starts = array("q", starts.tobytes())
        self.series = market._series(bars, timeframe)

    def view(self) -> CandleView:
        """Return the candles that are visible now, read-only, shape (k, 6)."""
        market = self._market
        cursor = market.cursor
        partial = market.partial
        if partial is None and cursor == self._shown_cursor:
            assert self._shown is not None
            return self._shown
        view = self._view_at(cursor, partial)
        # A view of a minute that is still being matched must not outlive the fill.
        self._shown, self._shown_cursor = (view, cursor) if partial is None else (None, UNKNOWN)
        return view

    def current(self) -> Rows:
        """Return a copy of the last visible candle, shape (6,)."""
        self.value(TIMESTAMP)
        return np.array(self._row)

    def value(self, column: int) -> float:
        """Return one value of the last visible candle."""
        market = self._market
        cursor = market.cursor
        if cursor != self._row_cursor or market.partial is not None:
            self._row = self._row_at(cursor)
            self._row_cursor = cursor if market.partial is None else UNKNOWN
        value: float = self._row[column]
        return value

    def _row_at(self, cursor: int) -> Rows:
        starts = self._starts
        if self._market.partial is None and cursor >= 0:
            bars, bar = self.series.bars, cursor if starts is None else self._bar_of(cursor, starts)
            if starts is None or self._is_complete(bar, cursor, starts):
                completed: Rows = bars[bar]
                return completed
        last: Rows = self.view()[-1]
        return last

    def last_completed_time(self) -> int:
        """Return when the last completed candle opened, UTC ms."""
        view = self.view()
        last = -2 if view.forming else -1
        return int(view[last, TIMESTAMP])

    def push(self, row: Rows) -> None:
        """Take in the minute that was just added to the market."""
        starts = self._starts
        if starts is None:
            return
        market = self._market
        last = market.size - 1
        bucket = row[TIMESTAMP] // self._span
        if not starts or market.rows[starts[-1], TIMESTAMP] // self._span != bucket:
            if self.series.size < len(starts):
                self._complete(last)
            starts.append(last)
        if (bucket + 1) * self._span == row[TIMESTAMP] + timeframe_ms(MINUTE):
            self._complete(last + 1)

    def _resampled(self) -> "tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Rows]":
        """Return the index of each bar's first row, and the bars that are complete."""
        market, span = self._market, self._span
        size = market.size
        if size == 0:
            return np.empty(0, np.int64), np.empty((0, 6))
        first, last = market.rows[0, TIMESTAMP], market.rows[size - 1, TIMESTAMP]
        most = min(size, int((last - first) // span) + 2)
        starts, bars = np.empty(most, np.int64), np.empty((most, 6))
        count = market.compiled().resample(size, span, starts, bars)
        is_over = bars[count - 1, TIMESTAMP] + span <= last + timeframe_ms(MINUTE)
        return starts[:count], bars[: count if is_over else count - 1]

    def _complete(self, stop: int) -> None:
        assert self._starts is not None
        rows = self._market.rows[self._starts[-1] : stop]
        self.series.append(combine(rows, rows[0, TIMESTAMP] // self._span * self._span))

    def _view_at(self, cursor: int, partial: Rows | None) -> CandleView:
        starts = self._starts
        if cursor < 0:
            return self.series.view(0)
        if starts is None:
            return self.series.view(cursor + 1) if partial is None else self.series.view_forming(cursor, partial)
        bar = self._bar_of(cursor, starts)
        if partial is None and self._is_complete(bar, cursor, starts):
            return self.series.view(bar + 1)
        return self.series.view_forming(bar, self._forming(starts[bar], cursor, partial))

    def _is_complete(self, bar: int, cursor: int, starts: "array[int]") -> bool:
        """Whether the row is the last of its bar, and the bar is over."""
        stop = starts[bar + 1] if bar + 1 < len(starts) else self._market.size
        return cursor + 1 == stop and bar < self.series.size

    def _bar_of(self, cursor: int, starts: "array[int]") -> int:
        """Return the bar that holds a row. Time moves forward, so the search goes on where the last one ended."""
        bar, last = self._at, len(starts) - 1
        while bar < last and starts[bar + 1] <= cursor:
            bar += 1
        while starts[bar] > cursor:
            bar -= 1
        self._at = bar
        return bar

    def _forming(self, first: int, cursor: int, partial: Rows | None) -> Rows:
        market = self._market
        if partial is not None:
            rows = market.rows[first : cursor + 1].copy()
            rows[-1] = partial
            return combine(rows, rows[0, TIMESTAMP] // self._span * self._span)
        opens_at = market.rows[first, TIMESTAMP] // self._span * self._span
        return np.array((opens_at, *market.compiled().combine(first, cursor + 1)))
