"""JSA moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period + 1)
def jsa(candles: Series, period: int = 30, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the JSA moving average.

    (x + x[t-period]) / 2.

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
        NaN before row period.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.jsa(ta.example_candles()):.4f}")
    105.1400
    """
    return _averages.jsa(source(candles, source_type), period)
