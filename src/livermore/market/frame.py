# cython: annotation_typing=False, nonecheck=True
"""One timeframe of a market during a session: its completed bars, and the bar that is forming."""

import cython
import numpy as np

from livermore.candles import TIMESTAMP, combine
from livermore.candles.bar_times import BarTimes
from livermore.errors import warn_uncompiled
from livermore.market.minute_cursor import MinuteCursor
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView
from livermore.typing import Floats, Integers, Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Frame"]

NO_ROWS = np.empty((0, 6))


class Frame:
    """One timeframe of a market: its bars so far, the last of which may be forming.

    Parameters
    ----------
    minutes : MinuteCursor
        The market's minutes.
    timeframe : str
        Such as ``"15m"``; a whole multiple of the minutes' own.

    Attributes
    ----------
    series : CandleSeries
        Its completed bars.
    times : BarTimes
        When its bars open and end.
    """

    def __init__(self, minutes: MinuteCursor, timeframe: str) -> None:
        self._minutes = minutes
        self.times: BarTimes = minutes.base.bars(timeframe)
        self._forming_bar: Floats = np.empty(6)
        # Time moves forward, so that the bar of a row is searched for from the bar that was found last.
        self._found_bar = 0
        # What was returned last, and the newest visible minute for which it is right.
        self._view: CandleView | None = None
        self._view_row = -1
        self._bar: Floats | None = None
        self._bar_row = -1
        self._is_minutes = timeframe == minutes.base.timeframe
        bars = minutes.rows.between(0, minutes.size) if self._is_minutes else self._resampled()
        self.series = CandleSeries(
            bars,
            exchange=minutes.exchange,
            symbol=minutes.symbol,
            timeframe=timeframe,
            warm_up_candles=minutes.warm_up_candles,
        )

    def view(self) -> CandleView:
        """Return the candles that are visible now, read-only, shape (k, 6)."""
        row = self._minutes.visible_row()
        partial = self._minutes.partial
        if partial is not None:
            # A view of a minute that is still being matched must not outlive the fill.
            self._view = None
            return self._view_at(row, partial)
        view = self._view
        if view is None or row != self._view_row:
            # Without a reference here, the series can show more rows in the same view, unless the strategy kept it.
            view = self._view = None
            view = self._view = self._view_at(row, None)
            self._view_row = row
        return view

    def current(self) -> Floats:
        """Return a copy of the last visible candle, shape (6,)."""
        return np.array(self._visible_bar())

    def value(self, column: int) -> float:
        """Return one value of the last visible candle."""
        value: float = self._visible_bar()[column]
        return value

    def last_completed_time(self) -> int:
        """Return when the last completed candle opened, UTC ms.

        In the last minute of a bar that bar counts as completed, also while hooks of a fill run.
        """
        view = self.view()
        rows = len(view)
        newest = self._minutes.rows.value(self._minutes.visible_row(), TIMESTAMP)
        is_over = not view.forming or self.times.is_last(newest)
        return int(view[rows - 1 if is_over else rows - 2, TIMESTAMP])

    def push(self, first: int) -> None:
        """Add the minutes that were just added to the market: those from row `first` on."""
        if self._is_minutes:
            return
        rows, times = self._minutes.rows, self.times
        for row in range(first, self._minutes.size):
            time = rows.value(row, TIMESTAMP)
            if self._count == 0 or self._opening(self._starts[self._count - 1]) != times.opening(time):
                if self.series.size < self._count:
                    self._complete(row)
                self._begin(row)
            if times.is_last(time):
                self._complete(row + 1)

    def _resampled(self) -> Rows:
        """Note where each bar begins, and return the bars that are complete."""
        rows, size = self._minutes.rows, self._minutes.size
        if size == 0:
            self._starts: Integers = np.empty(64, np.int64)
            self._count = 0
            return NO_ROWS
        starts, bars = self.times.group(rows)
        count = len(bars)
        self._starts, self._count = starts, count
        return bars[: count if self.times.is_last(rows.value(size - 1, TIMESTAMP)) else count - 1]

    def _begin(self, row: int) -> None:
        """Note that a bar begins."""
        if self._count == len(self._starts):
            grown = np.empty(2 * self._count, np.int64)
            grown[: self._count] = self._starts
            self._starts = grown
        self._starts[self._count] = row
        self._count += 1

    def _complete(self, stop: int) -> None:
        """Add the bar that ends before a row to the completed ones."""
        first = self._starts[self._count - 1]
        bar = np.empty(6)
        bar[TIMESTAMP] = self._opening(first)
        self._minutes.rows.combine_into(bar, first, stop)
        self.series.append(bar)

    def _opening(self, row: int) -> float:
        """Return the time with which the bar of a row is labelled."""
        return self.times.opening(self._minutes.rows.value(row, TIMESTAMP))

    def _visible_bar(self) -> Floats:
        """Return the last visible candle; not a copy."""
        row = self._minutes.visible_row()
        if self._minutes.partial is not None:
            self._bar = None
            return self._bar_at(row)
        bar = self._bar
        if bar is None or row != self._bar_row:
            bar = self._bar = self._bar_at(row)
            self._bar_row = row
        return bar

    def _bar_at(self, row: int) -> Floats:
        """Return the last candle that is visible when a row is the newest; not a copy."""
        if self._minutes.partial is None and row >= 0:
            bar = row if self._is_minutes else self._bar_of(row)
            if self._is_minutes or self._is_complete(bar, row):
                complete: Floats = self.series._read_only[bar]
                return complete
        view = self.view()
        forming: Floats = view[len(view) - 1]
        return forming

    def _view_at(self, row: int, partial: Floats | None) -> CandleView:
        """Return the candles that are visible when a row is the newest."""
        if row < 0:
            return self.series.view(0)
        if self._is_minutes:
            return self.series.view(row + 1) if partial is None else self.series.view_forming(row, partial)
        bar = self._bar_of(row)
        # On the last minute of a bar, where strategies run, the bar is complete and nothing is computed.
        if partial is None and self._is_complete(bar, row):
            return self.series.view(bar + 1)
        return self.series.view_forming(bar, self._forming(self._starts[bar], row, partial))

    def _is_complete(self, bar: int, row: int) -> bool:
        """Return whether the row is the last of its bar, and the bar is over."""
        stop = self._starts[bar + 1] if bar + 1 < self._count else self._minutes.size
        if row + 1 != stop or bar >= self.series.size:
            return False
        if not self._minutes.is_fed or row < self._minutes.newest_row():
            return True
        # A later row that shows that the bar is over may be there, but has not come yet by the clock.
        return bool(self.times.is_last(self._minutes.rows.value(row, TIMESTAMP)))

    def _bar_of(self, row: int) -> int:
        """Return the bar that holds a row."""
        # From the bar that was found last: it is the same or the next one.
        bar = self._found_bar
        last = self._count - 1
        while bar < last and self._starts[bar + 1] <= row:
            bar += 1
        while self._starts[bar] > row:
            bar -= 1
        self._found_bar = bar
        return bar

    def _forming(self, first: int, row: int, partial: Floats | None) -> Floats:
        """Return the bar that began at row `first` as it is now; the next call overwrites it."""
        rows = self._minutes.rows
        opens_at = self._opening(first)
        if partial is None:
            self._forming_bar[TIMESTAMP] = opens_at
            rows.combine_into(self._forming_bar, first, row + 1)
            return self._forming_bar
        until = rows.between(first, row + 1).copy()
        until[row - first] = partial
        return combine(until, opens_at)
