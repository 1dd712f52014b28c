"""Square weighted moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period + 2)
def sqwma(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the square weighted moving average.

    Weights (period - k)² for the value k rows ago, k = 0 … period - 2, divided by their sum. The first
    period + 1 values are x itself.

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

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.sqwma(ta.example_candles()):.4f}")
    110.8301
    """
    return _averages.powered(source(candles, source_type), period, 2)
