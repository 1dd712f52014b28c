"""Pascal's weighted moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def pwma(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute Pascal's weighted moving average.

    Weights from a row of Pascal's triangle, divided by their sum.

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
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.pwma(ta.example_candles()):.4f}")
    108.8306
    """
    return _averages.pwma(source(candles, source_type), period)
