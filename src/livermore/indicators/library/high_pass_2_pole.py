"""High-pass filter with two poles."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def high_pass_2_pole(candles: Series, period: int = 48, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the high-pass filter with two poles.

    a = 1 + (sin(2π·0.707/period) - 1) / cos(2π·0.707/period); y = (1 - a/2)²·(x - 2x[t-1] + x[t-2]) + 2(1 -
    a)·y[t-1] - (1 - a)²·y[t-2]. The first two values are x itself.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 48
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    J. Ehlers, Cycle Analytics for Traders, 2013.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.high_pass_2_pole(ta.example_candles()):.4f}")
    -5.6330
    """
    return _averages.high_pass_2_pole(source(candles, source_type), period)
