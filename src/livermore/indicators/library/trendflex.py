"""Trendflex."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def trendflex(candles: Series, period: int = 20, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the trendflex.

    How far the super smoother (of half the period) stands on average above its last `period` values,
    divided by a running root mean square. 0 in the first `period` rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 20
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
    J. Ehlers, Reflex: A New Zero-Lag Indicator, Stocks & Commodities, 2020.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.trendflex(ta.example_candles()):.4f}")
    -0.7875
    """
    return _averages.trendflex(source(candles, source_type), period)
