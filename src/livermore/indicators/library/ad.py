"""Accumulation/distribution line."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, VOLUME, Series


@indicator(batched=True)
def ad(candles: Series, sequential: bool = False) -> Series:
    """Compute the accumulation/distribution line.

    Cumulative sum of ((close - low) - (high - close)) / (high - low)·volume; 0 where high and low are equal.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
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
    >>> print(f"{ta.ad(ta.example_candles()):.4f}")
    29731.9190
    """
    return np.cumsum(money_flow(candles), axis=0)


def money_flow(candles: Series) -> Series:
    """Volume, signed and scaled by where the close lies in its candle."""
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    return elementwise.ratio((close - low) - (high - close), high - low, 0.0) * candles[:, VOLUME]
