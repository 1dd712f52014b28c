"""True range."""

from livermore.indicators._kernels import trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True, lookback=lambda **_: 2)
def trange(candles: Series, sequential: bool = False) -> Series:
    """Compute the true range.

    The largest of high - low, |high - previous close| and |low - previous close|; high - low in the first
    row.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.trange(ta.example_candles()):.4f}")
    3.3400
    """
    return trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE])
