"""Inverse Fisher transform of the RSI."""

from livermore.indicators import _averages
from livermore.indicators._kernels import trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def ift_rsi(
    candles: Series, rsi_period: int = 5, wma_period: int = 9, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the inverse Fisher transform of the RSI.

    With v the weighted average of 0.1·(RSI - 50): ((2v)² - 1) / ((2v)² + 1).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    rsi_period : int, default 5
        Number of bars of the RSI.
    wma_period : int, default 9
        Number of bars of the average.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row rsi_period + wma_period - 1.

    References
    ----------
    J. Ehlers, The Inverse Fisher Transform, 2004.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.ift_rsi(ta.example_candles()):.4f}")
    0.9525
    """
    strength = 0.1 * (trend.relative_strength(source(candles, source_type), rsi_period) - 50)
    smooth = _averages.wma(strength, wma_period)
    return ((2 * smooth) ** 2 - 1) / ((2 * smooth) ** 2 + 1)
