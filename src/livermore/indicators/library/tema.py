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
        Candles, or a series of values.
    period : int, default 9
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
    P. Mulloy, Smoothing Data with Less Lag, Stocks & Commodities, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.tema(ta.example_candles()):.4f}")
    106.7202
    """
    return _averages.tema(source(candles, source_type), period)
