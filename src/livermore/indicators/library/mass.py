"""Mass index."""

from livermore.indicators._kernels import averages, elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True)
def mass(candles: Series, period: int = 5, sequential: bool = False) -> Series:
    """Compute the mass index.

    Sum over `period` rows of EMA(high - low, 9) / EMA of that, 0 before row period - 1.

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
    D. Dorsey, Stocks & Commodities, 1992.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.mass(ta.example_candles()):.4f}")
    5.2516
    """
    once = averages.ema(candles[:, HIGH] - candles[:, LOW], 9)
    share = elementwise.ratio(once, averages.ema(once, 9), 0.0)
    return elementwise.filled(windows.total(share, period), 0.0)
