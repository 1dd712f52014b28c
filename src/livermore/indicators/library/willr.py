"""Williams' %R."""

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True, lookback=lambda period, **_: period)
def willr(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute Williams' %R.

    -100·(highest high - close) / (highest high - lowest low) over the last `period` candles, 0 where they
    are equal.

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

    References
    ----------
    L. Williams, How I Made One Million Dollars, 1973.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.willr(ta.example_candles()):.4f}")
    -89.5031
    """
    high, low = rolling.highest(candles[:, HIGH], period), rolling.lowest(candles[:, LOW], period)
    return elementwise.ratio(-100 * (high - candles[:, CLOSE]), high - low, 0.0)
