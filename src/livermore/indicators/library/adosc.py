"""Chaikin oscillator."""

import numpy as np

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series
from livermore.indicators.library.ad import money_flow


@indicator(batched=True)
def adosc(candles: Series, fast_period: int = 3, slow_period: int = 10, sequential: bool = False) -> Series:
    """Compute the Chaikin oscillator.

    The fast minus the slow exponential average of the accumulation/distribution line.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fast_period : int, default 3
        Number of bars of the fast average.
    slow_period : int, default 10
        Number of bars of the slow average.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    M. Chaikin.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.adosc(ta.example_candles()):.4f}")
    -876.3129
    """
    line = np.cumsum(money_flow(candles), axis=0)
    return averages.ema(line, fast_period) - averages.ema(line, slow_period)
