"""Average directional index."""

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True, recursion=recursions.Adx)
def adx(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the average directional index.

    Directional movement and true range are summed over rows 1 to `period`, then smoothed: s - s / period +
    new. DX = 100·|DI+ - DI-| / (DI+ + DI-), 0 where there is no movement. The first value is the mean of
    `period` values of DX, later values are (previous·(period - 1) + DX) / period.

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
        NaN before row 2·period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.adx(ta.example_candles()):.4f}")
    29.2341
    """
    return kernels.trend.directional_index(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE], period)
