"""Skewness."""

import numpy as np

from livermore.indicators._kernels import elementwise, statistics
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def skew(candles: Series, period: int = 5, source_type: str = "hl2", sequential: bool = False) -> Series:
    """Compute the skewness.

    m3 / m2^1.5, with mk the mean k-th power of the distance from the mean over the last `period` values
    (biased).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1, and where all values are equal.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.skew(ta.example_candles()):.4f}")
    0.7848
    """
    second, third, _ = statistics.central_powers(source(candles, source_type), period)
    return elementwise.ratio(third, second * np.sqrt(second), np.nan)
