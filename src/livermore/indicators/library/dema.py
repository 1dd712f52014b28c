"""Double exponential moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def dema(candles: Series, period: int = 30, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the double exponential moving average.

    2·E1 - E2, with E1 the exponential average and E2 that of E1, each seeded with its first value.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 30
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
    P. Mulloy, Smoothing Data with Faster Moving Averages, Stocks & Commodities, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.dema(ta.example_candles()):.4f}")
    112.9958
    """
    return _averages.dema(source(candles, source_type), period)
