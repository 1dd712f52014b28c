"""What strategies and indicators see of a run's candles: read-only arrays that know where they come from."""

from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.market.series import CandleSeries

__all__ = ["CandleView", "origin_of"]

#: What a view knows of itself; the series sets it, and nobody else can.
FIXED = frozenset({"_series", "end", "forming"})

#: What cannot be set on the array of which all views are slices.
LAYOUT = frozenset({"dtype", "shape", "strides"})


class CandleView(np.ndarray[Any, np.dtype[np.float64]]):
    """A read-only array of candles, shape (n, 6), that knows its series and the bar at which it ends.

    Attributes
    ----------
    end : int
        Number of visible rows of the series. Unset on slices; ask `origin_of`.
    forming : bool
        Whether the last row is a bar that is still forming, so that its values may change.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.market import CandleSeries
    >>> bars = synthetic_candles(100, seed=1)
    >>> series = CandleSeries(bars, exchange="Sandbox", symbol="BTC-USDT", timeframe="1m", warm_up_candles=0)
    >>> candles = series.view(40)
    >>> candles.shape, candles.end, candles.forming, candles.flags.writeable
    ((40, 6), 40, False, False)
    >>> candles.end = 50
    Traceback (most recent call last):
        ...
    AttributeError: candles.end cannot be set: a view of candles always shows what its session shows
    """

    __slots__ = ("_series", "end", "forming")

    # Results of arithmetic are plain arrays: to give them this class takes numpy half of the time of such a call.
    __array_priority__ = -1.0
    __array_wrap__ = np.empty(0).__array_wrap__

    # The series of which these are the first rows. Its name is private: a series holds the bars of the future too.
    _series: "CandleSeries"
    end: int
    forming: bool

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED:
            raise AttributeError(f"candles.{name} cannot be set: a view of candles always shows what its session shows")
        if name in LAYOUT and not isinstance(self.base, CandleView):
            raise AttributeError(f"candles.base.{name} cannot be set: all views of the candles are slices of it")
        super().__setattr__(name, value)


def origin_of(candles: Rows) -> "tuple[CandleSeries, int, int] | None":
    """Return where in a series a slice of rows, such as ``candles[:-1]``, comes from.

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
    >>> from livermore.market import CandleSeries
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
    # The series may be gone where a strategy's caller has kept a slice longer than the session.
    series: CandleSeries | None = root._series()  # type: ignore[operator]  # of a root, a weak reference
    if rest or series is None:
        return None
    stop = start + len(candles)
    # Memory that the series has left knows how many completed bars it shows; the row after them was a forming bar.
    return (series, start, stop) if stop <= getattr(root, "end", stop) else None
