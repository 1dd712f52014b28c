"""Forecast oscillator."""

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(lanes=True, memory=lambda period, **_: period)
def fosc(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the forecast oscillator.

    100·(x - linear regression) / x, 0 before row period - 1.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        A number from the first row on.

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.fosc(ta.example_candles()):.4f}")
    0.1341
    """
    values = source(candles, source_type)
    share = elementwise.ratio(100 * (values - _averages.linearreg(values, period)), values, np.nan)
    return elementwise.filled(share, 0.0)
