"""Qstick."""

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, OPEN, Series


@indicator(batched=True)
def qstick(candles: Series, period: int = 5, sequential: bool = False) -> Series:
    """Compute the Qstick.

    Mean of close - open over `period` rows, 0 before row period - 1.

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
        Defined from the first row on.

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.qstick(ta.example_candles()):.4f}")
    -1.3460
    """
    return elementwise.filled(rolling.mean(candles[:, CLOSE] - candles[:, OPEN], period), 0.0)
