"""Sine-weighted moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def sinwma(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the sine-weighted moving average.

    Weights sin(k·π / (period + 1)), k = 1 … period, divided by their sum.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
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
    >>> print(f"{ta.sinwma(ta.example_candles()):.4f}")
    114.8306
    """
    return _averages.sinwma(source(candles, source_type), period)
