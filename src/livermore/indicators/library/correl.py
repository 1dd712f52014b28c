"""Correlation of high and low."""

import numpy as np

from livermore.indicators._kernels import elementwise, statistics
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True, lookback=lambda period, **_: period)
def correl(candles: Series, period: int = 5, sequential: bool = False) -> Series:
    """Compute the correlation of high and low.

    Pearson's correlation of high and low over the last `period` candles.

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
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.correl(ta.example_candles()):.4f}")
    0.8597
    """
    together, high, low = statistics.covariance_sums(candles[:, HIGH], candles[:, LOW], period)
    return elementwise.ratio(together, np.sqrt(high * low), np.nan)
