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
    >>> print(f"{ta.high_pass(ta.example_candles()):.4f}")
    -5.0356
    """
    return _averages.high_pass(source(candles, source_type), period)
