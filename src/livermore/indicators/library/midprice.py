"""Midprice."""

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True, lookback=lambda period, **_: period)
def midprice(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the midprice.

    Mean of the highest high and the lowest low of the last `period` candles.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.midprice(ta.example_candles()):.4f}")
    113.0150
    """
    return (rolling.highest(candles[:, HIGH], period) + rolling.lowest(candles[:, LOW], period)) / 2
