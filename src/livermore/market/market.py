# cython: annotation_typing=False, nonecheck=True
"""One symbol's candles as a session sees them: what is visible now, in every timeframe."""

from typing import Any

import cython
import numpy as np

from livermore.candles import TIMESTAMP
from livermore.candles.minutes import Minutes
from livermore.errors import warn_uncompiled
from livermore.market.frame import Frame
from livermore.market.minute_cursor import MinuteCursor
from livermore.typing import Floats, Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Market"]

NO_ROWS = np.empty((0, 6))


class Market(MinuteCursor):
    """One symbol's candles in all timeframes; parameters and attributes as for `MinuteCursor`."""

    def __init__(self, rows: Minutes, **options: Any) -> None:
        super().__init__(rows, **options)
        self._frames: dict[str, Frame] = {}

    def frame(self, timeframe: str) -> Frame:
        """Return the candles of a timeframe; they are resampled at the first call."""
        # Strategies ask by name on each bar (`get_candles`): each timeframe is resampled once.
        frame = self._frames.get(timeframe)
        if frame is None:
            frame = self._frames[timeframe] = Frame(self, timeframe)
        return frame

    def push(self, row: Floats | None) -> None:
        """Add the next minute of a session that is fed: a row of shape (6,), or None where the symbol has none."""
        assert self._row_of_event is not None, "only a session that is fed has room for more rows"
        if row is not None:
            self._add(row.reshape(1, 6))
        self._row_of_event.append(self.size - 1)

    def push_many(self, rows: Rows | None, times: Floats) -> None:
        """Add the next minutes of a session that is fed.

        Parameters
        ----------
        rows : ndarray of shape (n, 6), optional
            Those that the symbol has; None if it has none.
        times : ndarray of shape (m,)
            When each of the minutes opens, UTC ms; the times of `rows` are among them.
        """
        assert self._row_of_event is not None, "only a session that is fed has room for more rows"
        before = self.size
        newest = np.full(len(times), before - 1, np.int64)
        if rows is not None and len(rows):
            self._add(rows)
            newest += np.searchsorted(rows[:, TIMESTAMP], times, side="right")
        self._row_of_event.frombytes(newest.tobytes())

    def _add(self, rows: Rows) -> None:
        # Their series owns the memory, which grows by doubling; the rows of the market are a view of it.
        first, minutes = self.size, self.frame(self.base.timeframe).series
        minutes.extend(rows)
        self._set_rows(Minutes(NO_ROWS, minutes.bars[: minutes.size]))
        for frame in self._frames.values():
            frame.push(first)
