"""Wilder's moving average."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def wilders(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute Wilder's moving average.

    y[0] = x[0]; y[t] = (y[t-1]·(period - 1) + x[t]) / period.

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

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.wilders(ta.example_candles()):.4f}")
    111.0883
    """
    return averages.wilders(source(candles, source_type), period)
