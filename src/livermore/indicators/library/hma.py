"""Hull moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def hma(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the Hull moving average.

    WMA over int(√period) of 2·WMA(period // 2) - WMA(period). As in Jesse, the inner averages count as 0
    where they have too few rows, so about the first `period` values are not meaningful.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
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
    A. Hull, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.hma(ta.example_candles()):.4f}")
    107.1089
    """
    return _averages.hma(source(candles, source_type), period)
