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
        Defined from the first row on.

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
