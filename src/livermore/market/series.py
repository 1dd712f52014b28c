# cython: annotation_typing=False
"""One timeframe's candles during a run, compiled: a view of them is made on each bar.

A `CandleSeries` holds every bar that the run is going to need; a `CandleView` is what is known of it at one moment.
The view remembers its series and where it ends, so that an indicator called on it can look its value up instead of
computing it again (see `livermore.indicators`).
"""

from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.market.view import CandleView
from livermore.typing import Rows

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.

    def cut(series: "CandleSeries", rows: int) -> CandleView:
        """Return the first rows of what users may look at."""
        view: CandleView = series._root[:rows]
        view.series = series
        return view

    def tell(view: CandleView, slot: Any, value: Any) -> None:
        """Set a slot of a view."""
        slot.__set__(view, value)


_END: object = CandleView.__dict__["end"]
_FORMING: object = CandleView.__dict__["forming"]


class CandleSeries:
    """All bars of one (exchange, symbol, timeframe) in a run.

    Parameters
    ----------
    bars : ndarray of shape (n, 6)
        Completed bars, warm-up first, in UTC milliseconds. In a backtest those of the future are in it already: only
        the engine and the indicators' memo read them, and users see views that end in the present.
    exchange, symbol, timeframe : str
        What the candles are of.
    warm_up_candles : int
        Length of the window from which a non-sequential indicator is computed; 0 means all of the history.

    Attributes
    ----------
    size : int
        How many bars there are.
    memo : dict
        Values that indicators have computed for this series; the keys and the values are theirs.

    Examples
    --------
    >>> bars = np.array([[0, 1, 2, 2, 1, 5], [60_000, 2, 3, 3, 2, 5]], dtype=float)
    >>> series = CandleSeries(bars, exchange="Sandbox", symbol="BTC-USDT", timeframe="1m", warm_up_candles=210)
    >>> view = series.view(1)
    >>> view.shape, view.end, view.flags.writeable
    ((1, 6), 1, False)
    >>> series.view_forming(1, np.array([60_000, 2, 2.5, 2.5, 2, 1]))[-1].tolist()
    [60000.0, 2.0, 2.5, 2.5, 2.0, 1.0]
    """

    def __init__(self, bars: Rows, *, exchange: str, symbol: str, timeframe: str, warm_up_candles: int) -> None:
        self.bars = bars
        self.size = len(bars)
        self.exchange = exchange
        self.symbol = symbol
        self.timeframe = timeframe
        self.warm_up_candles = warm_up_candles
        self.memo: dict[Any, Any] = {}
        self._forget_views()

    def view(self, end: int) -> CandleView:
        """Return the first `end` bars, all of them completed."""
        if self._view_end == end and not self._view_is_forming:
            return self._view
        self._reveal(end)
        return self._stamped(end, False)

    def view_forming(self, end: int, row: Rows) -> CandleView:
        """Return the first `end` bars and, behind them, the bar that is forming: `row`, shape (6,)."""
        self._reveal(end)
        for column in range(6):
            self._shown[end, column] = row[column]
        self._shown_end = end
        return self._stamped(end + 1, True)

    @property
    def revealed(self) -> int:
        """How many completed bars views have shown; slices of views that end here or before cannot change."""
        return self._shown_end

    def append(self, row: Rows) -> None:
        """Add a completed bar, shape (6,), as a live feed does."""
        if self.size == len(self.bars):
            grown = np.empty((max(2 * self.size, 64), 6))
            grown[: self.size] = self.bars[: self.size]
            self.bars = grown
            self._forget_views()
        self.bars[self.size] = row
        self.size += 1

    def _forget_views(self) -> None:
        """Show nothing yet: views of earlier memory keep that memory."""
        self._root = None
        self._shown_end = 0
        self._view = None
        self._view_end = -1
        self._view_is_forming = False

    def _reveal(self, end: int) -> None:
        """Copy the bars up to `end` to where users may look; nothing of the future is ever there."""
        if self._root is None:
            self._make_room()
        for bar in range(self._shown_end, end):
            for column in range(6):
                self._shown[bar, column] = self._hidden[bar, column]
        self._shown_end = max(self._shown_end, end)

    def _make_room(self) -> None:
        self._hidden = self.bars
        # One row more than there are bars: the last bar may be one that never completes.
        shown = np.zeros((len(self.bars) + 1, 6))
        self._shown = shown
        root = shown.view(CandleView)
        root.series = self
        root.setflags(write=False)
        self._root = root

    def _stamped(self, end: int, forming: bool) -> CandleView:
        """Return a view of the first rows that knows where it comes from, and keep it for as long as it is the newest.

        A strategy asks for its candles on each bar, and mostly keeps nothing of them: then the view of the bar before
        is taken again and shows more.
        """
        view = cut(self, end)
        tell(view, _END, end)
        tell(view, _FORMING, forming)
        self._view = view
        self._view_end = end
        self._view_is_forming = forming
        return view
