"""Normalised average true range."""

from livermore.indicators._kernels import averages, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True)
def natr(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the normalised average true range.

    100·ATR / close.

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

    Notes
    -----
    Differs from Jesse, which raises IndexError where there are fewer rows than `period`: here they are NaN.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.natr(ta.example_candles()):.4f}")
    2.7367
    """
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    return averages.wilder(trend.true_range(high, low, close), period) / close * 100
