"""Laguerre RSI."""

from livermore.indicators._kernels import filters
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def lrsi(candles: Series, alpha: float = 0.2, sequential: bool = False) -> Series:
    """Compute the Laguerre RSI.

    Four Laguerre stages of (high + low) / 2, seeded with the first price; the sum of the falls from stage to
    stage, divided by the sum of falls and rises.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    alpha : float, default 0.2
        Weight of the latest price.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    J. Ehlers, Cybernetic Analysis for Stocks and Futures, 2004.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.lrsi(ta.example_candles()):.4f}")
    0.7146
    """
    return filters.laguerre_strength(source(candles, "hl2"), alpha)
