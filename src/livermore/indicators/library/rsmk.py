"""Relative strength of Markos Katsanos."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import companion
from livermore.indicators._source import Series, source


class RSMK(NamedTuple):
    """Relative strength of Markos Katsanos: floats, or arrays with ``sequential=True``."""

    indicator: Any
    signal: Any


@indicator
def rsmk(
    candles: Series,
    candles_compare: Series,
    lookback: int = 90,
    period: int = 3,
    signal_period: int = 20,
    source_type: str = "close",
    sequential: bool = False,
) -> RSMK:
    """Compute the relative strength of Markos Katsanos.

    The exponential average of the change over `lookback` rows of ln(x / other), times 100; the signal is an
    exponential average of that.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    candles_compare : ndarray of shape (n, 6)
        Candles of what it is compared with, ending with the same bar.
    lookback : int, default 90
        Number of bars of the change.
    period : int, default 3
        Number of bars in the window.
    signal_period : int, default 20
        Number of bars of the signal line.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    RSMK
        `indicator` is the relative strength; `signal` its average. Floats, or arrays of shape (n,). NaN
        before row lookback.

    References
    ----------
    M. Katsanos, Using Relative Strength to Outperform the Market, Stocks & Commodities, 2020.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.rsmk(ta.example_candles(), candles_compare=ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    indicator=0.0000 signal=0.0000
    """
    other = source(companion("rsmk", "candles_compare", candles, candles_compare), source_type)
    strength = elementwise.logarithm(source(candles, source_type) / other)
    momentum = strength - elementwise.lag(strength, lookback)
    indicator = np.full(strength.shape, np.nan)
    signal = indicator.copy()
    if len(strength) > lookback:
        indicator[lookback:] = averages.ema(momentum[lookback:], period) * 100
        signal[lookback:] = averages.ema(indicator[lookback:], signal_period)
    return RSMK(indicator, signal)
