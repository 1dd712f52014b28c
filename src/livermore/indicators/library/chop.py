"""Choppiness index."""

import math
from typing import Annotated

import numpy as np

from livermore.indicators._kernels import averages, elementwise, rolling, trend, windows
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period, Whole
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True)
def chop(
    candles: Series,
    period: Annotated[int, Whole(2)] = 14,
    scalar: float = 100,
    drift: Period = 1,
    sequential: bool = False,
) -> Series:
    """Compute the choppiness index.

    scalar·log(Σ ATR(drift) / (highest high - lowest low)) / log(period) over `period` rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    scalar : float, default 100
        Factor; 100 makes it percent.
    drift : int, default 1
        Number of bars of the average true range.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    E. Dreiss.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.chop(ta.example_candles()):.4f}")
    38.6129
    """
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    ranges = trend.true_range(high, low, close)
    path = windows.total(ranges if drift == 1 else elementwise.filled(averages.wilder(ranges, drift), 0.0), period)
    width = rolling.highest(high, period) - rolling.lowest(low, period)
    width = np.where(width == 0, np.nan, width)
    return scalar * (elementwise.logarithm(path) - elementwise.logarithm(width)) / math.log(period)
