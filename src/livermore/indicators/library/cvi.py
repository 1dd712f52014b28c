"""Chaikin volatility."""

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True)
def cvi(candles: Series, period: int = 5, sequential: bool = False) -> Series:
    """Compute the Chaikin volatility.

    Change in percent, over `period` rows, of the exponential average of high - low.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period.

    References
    ----------
    M. Chaikin.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cvi(ta.example_candles()):.4f}")
    0.3396
    """
    spread = averages.ema(candles[:, HIGH] - candles[:, LOW], period)
    old = elementwise.lag(spread, period)
    return 100 * elementwise.ratio(spread - old, old, 0.0)
