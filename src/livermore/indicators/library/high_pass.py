"""High-pass filter."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._postprocess import none_for_nan
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, finish=none_for_nan)
def high_pass(candles: Series, period: int = 48, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the high-pass filter.

    a = 1 + (sin(2π/period) - 1) / cos(2π/period); y = (1 - a/2)·(x - x[t-1]) + (1 - a)·y[t-1], y[0] = x[0].

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 48
        Number of bars in the window.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        A number from the first row on.

    References
    ----------
    J. Ehlers, Cycle Analytics for Traders, 2013.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.high_pass(ta.example_candles()):.4f}")
    -5.0356
    """
    return _averages.high_pass(source(candles, source_type), period)
