"""Absolute price oscillator."""

from livermore.indicators._averages import moving_average
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, min_rows=lambda fast_period, slow_period, **_: max(fast_period, slow_period))
def apo(
    candles: Series,
    fast_period: int = 12,
    slow_period: int = 26,
    matype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the absolute price oscillator.

    The fast moving average minus the slow one.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fast_period : int, default 12
        Number of bars of the fast average.
    slow_period : int, default 26
        Number of bars of the slow average.
    matype : int, default 0
        Number of the moving average; see `livermore.indicators.ma`.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        With the default averages NaN before row slow_period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.apo(ta.example_candles()):.4f}")
    1.3087
    """
    values = source(candles, source_type)
    return moving_average(candles, values, fast_period, matype) - moving_average(candles, values, slow_period, matype)
