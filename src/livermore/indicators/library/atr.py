"""Average true range."""

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True, recursion=recursions.Atr)
def atr(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the average true range.

    Wilder's average of the true range: the mean of its first `period` values, then previous + (TR -
    previous) / period.

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
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.atr(ta.example_candles()):.4f}")
    2.9384
    """
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    return kernels.averages.wilder(kernels.trend.true_range(high, low, close), period)
