"""Ehlers distance coefficient filter."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: 2 * period + 1)
def edcf(candles: Series, period: int = 15, source_type: str = "hl2", sequential: bool = False) -> Series:
    """Compute the Ehlers distance coefficient filter.

    A weighted mean of the last `period` values. The weight of a value is the sum of its squared distances
    from the period - 1 values before it.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 15
        Number of bars in the window.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 2·period.

    References
    ----------
    J. Ehlers, Rocket Science for Traders, 2001.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.edcf(ta.example_candles()):.4f}")
    115.5889
    """
    return averages.distance_coefficients(source(candles, source_type), period)
