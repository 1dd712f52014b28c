"""Trendflex."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def trendflex(candles: Series, period: int = 20, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the trendflex.

    Mean distance of the super smoother (of half the period) above its last `period` values, divided by a
    running root mean square. 0 in the first `period` rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 20
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
    J. Ehlers, Reflex: A New Zero-Lag Indicator, Stocks & Commodities, 2020.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.trendflex(ta.example_candles()):.4f}")
    -0.7875
    """
    return _averages.trendflex(source(candles, source_type), period)
