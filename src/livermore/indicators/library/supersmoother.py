"""Super smoother."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def supersmoother(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the super smoother.

    a = exp(-1.414π/period), b = 2a·cos(1.414π/period); y = (1 + a² - b)/2·(x + x[t-1]) + b·y[t-1] -
    a²·y[t-2]. The first two values are x itself.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 14
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
    J. Ehlers, Cybernetic Analysis for Stocks and Futures, 2004.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.supersmoother(ta.example_candles()):.4f}")
    110.3610
    """
    return _averages.supersmoother(source(candles, source_type), period)
