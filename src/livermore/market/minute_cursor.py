# cython: annotation_typing=False, nonecheck=True
"""One symbol's minutes, and which of them a session sees at its present time.

What this package and the engine call a minute is a *base candle*: of one minute, unless a run is made of longer ones.
"""

from bisect import bisect_right
from typing import TYPE_CHECKING

import cython
import numpy as np

from livermore.candles import CLOSE, MINUTE_BASE, TIMESTAMP, Base
from livermore.candles.minutes import Minutes
from livermore.errors import StrategyError, warn_uncompiled
from livermore.market.clock import SessionClock

if TYPE_CHECKING:
    from array import array

    from livermore.typing import Floats

if not cython.compiled:
    warn_uncompiled()

__all__ = ["MinuteCursor"]

NAN = float("nan")
#: The index of no row; -1 means that no row is visible yet.
UNKNOWN_ROW = -2


class MinuteCursor:
    """One symbol's minutes, warm-up first, of which a session sees those up to its clock.

    Parameters
    ----------
    rows : Minutes
        Base candles, checked.
    exchange, symbol : str
        What they are of.
    clock : SessionClock
        The session's clock.
    first_row : int
        Index of the first row that is traded; the rows before it are warm-up.
    row_of_event : array of int, optional
        Index of the newest row at each minute of the clock, where minutes are missing or rows are fed one by one;
        without it there is a row for each minute.
    warm_up_candles : int
        The window of indicators.
    base : Base
        What the rows are: when each of them ends.
    is_fed : bool, default False
        Whether rows are added while the session runs. Then no bar is over because of a row later than the clock.
    arrives_with_others : bool, default False
        Whether the rows of a minute are visible for all symbols before the first of them is matched, as in Jesse where
        minutes are missing. By default a symbol's row becomes visible when its turn to be matched comes.

    Attributes
    ----------
    size : int
        Number of rows.
    lag : int
        1 while the session's minute has begun and this symbol's turn has not come, so that the row before is visible.
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
        base: Base = MINUTE_BASE,
        is_fed: bool = False,
        arrives_with_others: bool = False,
    ) -> None:
        self._set_rows(rows)
        self.base = base
        self.exchange = exchange
        self.symbol = symbol
        self.first_row = first_row
        self.warm_up_candles = warm_up_candles
        self.is_fed = is_fed
        self.arrives_with_others = arrives_with_others
        self.lag = 0
        self.partial: Floats | None = None
        self._clock = clock
        self._row_of_event = row_of_event
        # The last close that was read, since the price is read several times in a minute.
        self._close_row = UNKNOWN_ROW
        self._close: float | None = None

    @property
    def cursor(self) -> int:
        """Index of the newest visible row; -1 without any."""
        return self.visible_row()

    @property
    def close(self) -> float | None:
        """Close of the newest visible candle; while hooks of a fill run, of the minute up to that fill.

        So it is the price of the fill, except where that was at the opening of what was left of the minute: then all
        that was left is visible. None before the first candle.
        """
        return self._visible_close()

    @property
    def last_price(self) -> float:
        """As `close`, but a StrategyError before the first candle."""
        return self.read_price()

    def read_price(self) -> float:
        """Return `last_price`; compiled callers use it."""
        close = self._visible_close()
        if close is None:
            raise StrategyError(f"the price of {self.symbol} was read before its first candle")
        return close

    @property
    def price(self) -> float | None:
        """As `close`, but of the minute before while other symbols are matched and this one's turn has not come.

        The two differ only where the rows of a minute arrive together (`arrives_with_others`).
        """
        if self.partial is not None or not self.arrives_with_others:
            return self._visible_close()
        return self._close_at(self._row_at(self._clock.event - self.lag))

    def close_at(self, time: float) -> float:
        """Return the close of the last candle that had ended by a time in UTC ms, or NaN."""
        # For reports, not for bars: a search, so that missing minutes need no table.
        after = bisect_right(range(self.size), time, key=lambda row: self.base.end(self.rows.value(row, TIMESTAMP)))
        row = after - 1
        return float(self.rows.value(row, CLOSE)) if row >= 0 else NAN

    def has_row(self, event: int) -> bool:
        """Return whether there is a candle for that minute of the clock."""
        rows = self._row_of_event
        if rows is None:
            return True
        return rows[event] != (rows[event - 1] if event else self.first_row - 1)

    def next_touch(self, start: int, stop: int, below: float, above: float) -> int:
        """Return the first minute of the clock in [start, stop) whose candle reaches one of two prices; -1 if none."""
        rows = self._row_of_event
        # Without missing minutes, minutes and rows differ by a constant.
        if rows is None:
            row = self.rows.find(self.first_row + start, self.first_row + stop, below, above)
            return row - self.first_row if row >= 0 else -1
        before = rows[start - 1] if start else self.first_row - 1
        row = self.rows.find(before + 1, rows[stop - 1] + 1, below, above)
        return int(np.searchsorted(np.frombuffer(rows, np.int64), row)) if row >= 0 else -1

    def visible_row(self) -> int:
        """Return `cursor`; compiled callers use it."""
        # While a minute is matched, symbols whose turn is still to come show their row of the minute before.
        if self.arrives_with_others:
            return self._row_at(self._clock.event)
        return self._row_at(self._clock.event - self.lag)

    def newest_row(self) -> int:
        """Return the newest row at the clock's minute, whether or not its turn to be matched has come."""
        return self._row_at(self._clock.event)

    def _set_rows(self, rows: Minutes) -> None:
        self.rows = rows
        self.size = len(rows)
        self._closes = rows.tail[:, CLOSE]
        self._closes_from = len(rows.head)

    def _row_at(self, event: int) -> int:
        if self._row_of_event is None:
            return self.first_row + event
        return self._row_of_event[event] if event >= 0 else self.first_row - 1

    def _visible_close(self) -> float | None:
        if self.partial is not None:
            close: float = self.partial[CLOSE]
            return close
        return self._close_at(self.visible_row())

    def _close_at(self, row: int) -> float | None:
        if row < 0 or self._clock.event < 0:
            return None
        # The traded rows are one array; the warm-up before them is another, which is read once or twice in a run.
        if row != self._close_row:
            index = row - self._closes_from
            self._close = self._closes[index] if index >= 0 else self.rows.value(row, CLOSE)
            self._close_row = row
        return self._close
