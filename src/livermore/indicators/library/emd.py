"""Empirical mode decomposition."""

import math
from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import filters, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class EMD(NamedTuple):
    """Empirical mode decomposition: floats, or arrays with ``sequential=True``."""

    upperband: Any
    middleband: Any
    lowerband: Any


@indicator(batched=True)
def emd(candles: Series, period: int = 20, delta: float = 0.5, fraction: float = 0.1, sequential: bool = False) -> EMD:
    """Compute the empirical mode decomposition.

    Applies a band-pass filter to (high + low) / 2. The middle band is its mean over 2·period rows; the outer
    bands are `fraction` times the mean over 50 rows of its last peak, and of its last valley.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    delta : float, default 0.5
        Width of the band.
    fraction : float, default 0.1
        Share of peaks and valleys.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    EMD
        `upperband` is for the peaks; `middleband` the trend; `lowerband` for the valleys. Floats, or arrays
        of shape (n,). `middleband` is NaN before row 2·period - 1, the others before row 49.

    References
    ----------
    J. Ehlers and R. Way, Empirical Mode Decomposition, Stocks & Commodities, 2010.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.emd(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upperband=0.6243 middleband=-0.4427 lowerband=-0.5884
    """
    beta = math.cos(2 * math.pi / period)
    gamma = 1 / math.cos(4 * math.pi * delta / period)
    alpha = gamma - math.sqrt(gamma * gamma - 1)
    gain = 0.5 * (1 - alpha)
    price = source(candles, "hl2")
    wave = filters.linear(price, np.zeros(price.shape), [gain, 0.0, -gain], [beta * (1 + alpha), -alpha], 2)
    peaks, valleys = filters.last_turns(wave)
    upper, lower = (fraction * rolling.mean_of_all(turns, 50) for turns in (peaks, valleys))
    return EMD(upper, rolling.mean_of_all(wave, 2 * period), lower)
