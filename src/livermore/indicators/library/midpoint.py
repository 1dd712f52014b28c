"""Midpoint."""

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def midpoint(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the midpoint.

    Mean of the largest and the smallest of the last `period` values.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
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
    >>> print(f"{ta.midpoint(ta.example_candles()):.4f}")
    113.3950
    """
    values = source(candles, source_type)
    return (rolling.highest(values, period) + rolling.lowest(values, period)) / 2
