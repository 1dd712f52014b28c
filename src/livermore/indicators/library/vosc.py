"""Volume oscillator."""

import numpy as np

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series


@indicator(batched=True)
def vosc(candles: Series, short_period: int = 2, long_period: int = 5, sequential: bool = False) -> Series:
    """Compute the volume oscillator.

    100·(short mean - long mean) / long mean of the volume.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    short_period : int, default 2
        Number of bars of the short mean.
    long_period : int, default 5
        Number of bars of the long mean.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row long_period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vosc(ta.example_candles()):.4f}")
    8.0393
    """
    short = rolling.mean(candles[:, VOLUME], short_period)
    long = rolling.mean(candles[:, VOLUME], long_period)
    return elementwise.ratio(short - long, long, np.nan) * 100
