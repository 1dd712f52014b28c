"""Median absolute deviation."""

from livermore.indicators._kernels import windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def median_ad(candles: Series, period: int = 5, source_type: str = "hl2", sequential: bool = False) -> Series:
    """Compute the median absolute deviation.

    Median distance of the last `period` values from their median.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.median_ad(ta.example_candles()):.4f}")
    0.6600
    """
    return windows.median_distance(source(candles, source_type), period)
