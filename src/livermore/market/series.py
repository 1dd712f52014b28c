# cython: annotation_typing=False
"""One timeframe's candles during a run: a view of them is made on each bar.

A `CandleSeries` holds every bar that the run is going to need; a `CandleView` is the part of it that is visible at one
time. The view remembers its series and where it ends, so that an indicator that is called with it can look its value up
instead of computing it again (see `livermore.indicators`).
"""

import weakref
from typing import Any, cast

import cython
import numpy as np

from livermore.errors import CandleError, warn_uncompiled
from livermore.market.view import CandleView
from livermore.typing import Rows

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.

    def first_rows(series: "CandleSeries", rows: int) -> CandleView:
        """Return a view of the first rows of what users may look at."""
        if series._root.shape != series._shown.shape:  # type: ignore[union-attr]  # made before
            series._make_root()
        root: CandleView = series._root  # type: ignore[assignment]  # made before
        view: CandleView = root[:rows]  # type: ignore[assignment]  # of the root's class
        set_slot(view, _SERIES, series)
        return view

    def set_slot(view: CandleView, slot: Any, value: Any) -> None:
        """Set a slot of a view, which refuses assignments."""
        slot.__set__(view, value)


_SERIES: Any = CandleView.__dict__["_series"]
_END: Any = CandleView.__dict__["end"]
_FORMING: Any = CandleView.__dict__["forming"]


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
        Number of bars.
    memo : dict
        Values that indicators have computed for this series; `livermore.indicators` owns its keys and values.

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
        if getattr(self, "bars", None) is not None:
            raise CandleError("a series of candles has its bars already; make another one")
        if bars.ndim != 2 or bars.shape[1] != 6:
            raise CandleError(f"bars must be rows of 6 columns, not an array of shape {bars.shape}")
        self._keep(bars)
        self.size = len(bars)
        self.exchange = exchange
        self.symbol = symbol
        self.timeframe = timeframe
        self.warm_up_candles = warm_up_candles
        self.memo: dict[Any, Any] = {}
        self._root: CandleView | None = None
        self._shown_end = 0
        self._forget_views()

    @property
    def bars(self) -> Rows:
        """All bars, read-only, shape (n, 6), n >= `size`."""
        # Each reader gets an array of its own: what is done to its shape or type stays with that reader.
        return cast(Rows, None if self._read_only is None else self._read_only[:])

    def view(self, end: int) -> CandleView:
        """Return the first `end` bars, all of them completed; IndexError where there are fewer."""
        view = self._view
        if view is not None and self._view_end == end and not self._view_is_forming:
            return view
        self._check_end(end)
        view = None  # the newest view can be used again only while nobody but the series refers to it
        self._reveal(end)
        return self._stamped(end, False)

    def view_forming(self, end: int, row: Rows) -> CandleView:
        """Return the first `end` bars and after them the bar that is forming: `row`, shape (6,)."""
        self._check_end(end)
        if row.shape[0] != 6:
            raise CandleError(f"a bar has 6 values, not {row.shape[0]}")
        self._reveal(end)
        for column in range(6):
            self._shown[end, column] = row[column]
        self._shown_end = end
        return self._stamped(end + 1, True)

    @property
    def revealed(self) -> int:
        """Number of completed bars that views have shown; slices of views that end here or earlier cannot change."""
        return self._shown_end

    def append(self, row: Rows) -> None:
        """Add a completed bar, shape (6,), as a live feed does."""
        if len(row) != 6:
            raise CandleError(f"a bar has 6 values, not {len(row)}")
        self.extend(np.reshape(row, (1, 6)))

    def extend(self, rows: Rows) -> None:
        """Add completed bars, shape (n, 6)."""
        size = self.size + len(rows)
        if size > len(self._bars):
            grown = np.zeros((max(2 * self.size, size, 64), 6))
            grown[: self.size] = self._bars[: self.size]
            self._keep(grown)
            self._forget_views()
        self._bars[self.size : size] = rows
        self.size = size

    def _forget_views(self) -> None:
        """Show nothing yet. Views of earlier memory keep that memory."""
        if self._root is not None:
            # Slices of the memory that is left are found up to here: its next row may be of a bar that was forming.
            set_slot(self._root, _END, self._shown_end)
        self._root = None
        self._shown_end = 0
        self._view: CandleView | None = None
        self._view_end = -1
        self._view_is_forming = False

    def _keep(self, bars: Rows) -> None:
        """Keep the memory of the bars."""
        self._bars = bars
        buffer: Any = bars
        self._read_only: Any = np.asarray(memoryview(buffer).toreadonly())

    def _check_end(self, end: int) -> None:
        """Refuse a number of bars that the series does not have."""
        # The loops that copy bars are compiled without checks of their own.
        if end < 0 or end > self.size:
            raise IndexError(f"there are {self.size} bars of {self.symbol}, {self.timeframe}, not {end}")

    def _reveal(self, end: int) -> None:
        """Copy the bars up to `end` to where users may look; bars of the future are never there."""
        if self._root is None:
            self._allocate()
        for bar in range(self._shown_end, end):
            for column in range(6):
                self._shown[bar, column] = self._hidden[bar, column]
        self._shown_end = max(self._shown_end, end)

    def _allocate(self) -> None:
        """Make room for all bars, of which users see read-only views."""
        self._hidden = self._bars
        # One row more than there are bars: the last bar may be one that never completes.
        self._shown = np.zeros((len(self._bars) + 1, 6))
        self._make_root()

    def _make_root(self) -> None:
        """Make the array of which views are slices."""
        # A read-only buffer between memory and views: numpy does not let setflags(write=True) get past it.
        buffer: Any = np.asarray(self._shown)
        root = np.asarray(memoryview(buffer).toreadonly()).view(CandleView)
        # The garbage collector does not see that a view refers to its root (`ndarray.base`). A root that kept the
        # series, which keeps the newest view, would never be freed: 4 MB for each run over a year of 15-minute bars.
        set_slot(root, _SERIES, weakref.ref(self))
        self._root = root

    def _stamped(self, end: int, forming: bool) -> CandleView:
        """Return a view of the first rows that knows where it comes from; it is kept until the next one is made.

        A strategy reads its candles on each bar, and mostly keeps no reference to them: then the view of the bar before
        is used again and shows more rows.
        """
        view = first_rows(self, end)
        set_slot(view, _END, end)
        set_slot(view, _FORMING, forming)
        self._view = view
        self._view_end = end
        self._view_is_forming = forming
        return view
