"""Smoothed moving average."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def smma(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the smoothed moving average.

    Exponentially weighted mean with alpha = 1 / period whose weights over the rows so far add up to 1: Σ(1
    - alpha)^k·x[t-k] / Σ(1 - alpha)^k.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        A number from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.smma(ta.example_candles()):.4f}")
    111.0883
    """
    return averages.smma(source(candles, source_type), period)
