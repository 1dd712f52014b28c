"""One timeframe's candles during a run, and the read-only views of them that strategies and indicators see.

A `CandleSeries` holds every bar that the run is going to need; a `CandleView` is what is known of it at one moment.
The view remembers its series and where it ends, so that an indicator called on it can look its value up instead of
computing it again (see `livermore.indicators`).
"""

from typing import Any, cast

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]


class CandleView(np.ndarray[Any, np.dtype[np.float64]]):
    """A read-only array of candles, shape (n, 6), that knows its series and the bar at which it ends.

    Attributes
    ----------
    series : CandleSeries
        The series of which these are the first rows. Unset on slices and results of arithmetic; ask `origin_of`.
    end : int
        How many rows of the series are visible.
    forming : bool
        Whether the last row is a bar that is still forming, so that its values may change.
    """

    __slots__ = ("end", "forming", "series")

    series: "CandleSeries"
    end: int
    forming: bool


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

    __slots__ = (
        "_completed_view",
        "_root",
        "_shown",
        "_shown_end",
        "bars",
        "exchange",
        "memo",
        "size",
        "symbol",
        "timeframe",
        "warm_up_candles",
    )

    def __init__(self, bars: Rows, *, exchange: str, symbol: str, timeframe: str, warm_up_candles: int) -> None:
        self.bars = bars
        self.size = len(bars)
        self.exchange = exchange
        self.symbol = symbol
        self.timeframe = timeframe
        self.warm_up_candles = warm_up_candles
        # Values that indicators have computed for this series; the key and the value are theirs.
        self.memo: dict[Any, Any] = {}
        self._shown: Rows | None = None
        self._shown_end = 0
        self._completed_view: CandleView | None = None

    def view(self, end: int) -> CandleView:
        """Return the first `end` bars, all of them completed."""
        last = self._completed_view
        if last is not None and last.end == end:
            return last
        self._reveal(end)
        view = self._stamped(self._root[:end], end, forming=False)
        self._completed_view = view
        return view

    def view_forming(self, end: int, row: Rows) -> CandleView:
        """Return the first `end` bars and, behind them, the bar that is forming: `row`, shape (6,)."""
        self._reveal(end)
        shown = self._shown
        assert shown is not None
        shown[end] = row
        self._shown_end = end
        if self._completed_view is not None and self._completed_view.end > end:
            # It was seen as completed already, and its last row is overwritten now.
            self._completed_view = None
        return self._stamped(self._root[: end + 1], end + 1, forming=True)

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
            self._shown = None
            self._shown_end = 0
            self._completed_view = None
        self.bars[self.size] = row
        self.size += 1

    def _reveal(self, end: int) -> None:
        """Copy the bars up to `end` to where users may look; nothing of the future is ever there."""
        if self._shown is None:
            # One row more than there are bars: the last bar may be one that never completes.
            self._shown = np.zeros((len(self.bars) + 1, 6))
            root = self._shown.view(CandleView)
            root.series = self
            root.setflags(write=False)
            self._root = root
        if end > self._shown_end:
            self._shown[self._shown_end : end] = self.bars[self._shown_end : end]
            self._shown_end = end

    def _stamped(self, rows: Rows, end: int, *, forming: bool) -> CandleView:
        view = cast(CandleView, rows)  # a slice of the root, whose class it keeps
        view.series = self
        view.end = end
        view.forming = forming
        return view


def origin_of(candles: Rows) -> tuple[CandleSeries, int, int] | None:
    """Find where in a series a plain slice of rows, such as ``candles[:-1]``, comes from.

    Parameters
    ----------
    candles : ndarray
        Any array.

    Returns
    -------
    tuple of (CandleSeries, int, int) or None
        The series and the half-open interval of its rows; None if the array is not an unbroken run of whole rows of a
        series, such as a copy, a column or every second row.

    Examples
    --------
    >>> series = CandleSeries(np.zeros((9, 6)), exchange="E", symbol="A-B", timeframe="1m", warm_up_candles=0)
    >>> origin_of(series.view(5)[1:-1])[1:]
    (1, 4)
    >>> origin_of(series.view(5)[:, 2]) is None
    True
    """
    root = candles.base
    if not isinstance(root, CandleView) or candles.ndim != 2 or candles.strides != root.strides:
        return None
    if candles.shape[1] != root.shape[1]:
        return None
    offset = candles.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    start, rest = divmod(offset, root.strides[0])
    return None if rest else (root.series, start, start + len(candles))


__all__: list[str] = ["CandleSeries", "CandleView", "Rows", "origin_of"]
