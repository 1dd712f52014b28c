"""Triple exponential moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def tema(candles: Series, period: int = 9, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the triple exponential moving average.

    3·E1 - 3·E2 + E3, with E1 the exponential average, E2 that of E1 and E3 that of E2.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 9
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
    P. Mulloy, Smoothing Data with Less Lag, Stocks & Commodities, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.tema(ta.example_candles()):.4f}")
    106.7202
    """
    return _averages.tema(source(candles, source_type), period)
