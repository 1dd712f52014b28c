"""Ultimate oscillator."""

import numpy as np

from livermore.indicators._kernels import elementwise, trend, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(
    batched=True,
    lookback=lambda timeperiod1, timeperiod2, timeperiod3, **_: max(timeperiod1, timeperiod2, timeperiod3) + 1,
)
def ultosc(
    candles: Series, timeperiod1: int = 7, timeperiod2: int = 14, timeperiod3: int = 28, sequential: bool = False
) -> Series:
    """Compute the ultimate oscillator.

    100·(4·a1 + 2·a2 + a3) / 7, a = Σ(close - true low) / Σ true range over each of the periods.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    timeperiod1 : int, default 7
        Number of bars of the short span.
    timeperiod2 : int, default 14
        Number of bars of the middle span.
    timeperiod3 : int, default 28
        Number of bars of the long span.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row timeperiod3 - 1.

    References
    ----------
    L. Williams, Stocks & Commodities, 1985.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.ultosc(ta.example_candles()):.4f}")
    38.4813
    """
    old = elementwise.lag(candles[:, CLOSE], 1)
    pressure = candles[:, CLOSE] - np.fmin(candles[:, LOW], old)
    pressure[0] = 0.0
    ranges = trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE])
    shares = [
        elementwise.ratio(windows.total(pressure, span), windows.total(ranges, span), np.nan)
        for span in (timeperiod1, timeperiod2, timeperiod3)
    ]
    blend: Series = 100 * (4 * shares[0] + 2 * shares[1] + shares[2]) / 7
    return blend
