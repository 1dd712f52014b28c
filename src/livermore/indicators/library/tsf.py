"""Time series forecast."""

from livermore.indicators._kernels import windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def tsf(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the time series forecast.

    The least-squares line through the last `period` values, extrapolated one bar ahead.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
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
    >>> print(f"{ta.tsf(ta.example_candles()):.4f}")
    106.8482
    """
    intercept, slope = windows.regression_line(source(candles, source_type), period)
    forecast: Series = intercept + slope * period
    return forecast
