"""Fast stochastic oscillator."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._averages import check_candle_free
from livermore.indicators._kernels import recursions, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class StochasticFast(NamedTuple):
    """Fast stochastic oscillator: floats, or arrays with ``sequential=True``."""

    k: Any
    d: Any


def _memory(fastk_period: int, fastd_period: int, **_: object) -> int:
    """Return the number of candles that the last value depends on."""
    return max(fastk_period, 1) + max(fastd_period, 1) - 1


def _recursion(fastk_period: int, fastd_period: int, fastd_matype: int, **_: object) -> recursions.Recursion:
    """Return how the value of a partial bar is computed."""
    check_candle_free(fastd_matype)
    return recursions.Stochastic(fastk_period=fastk_period, slowk_period=0, slowd_period=fastd_period, flat=50.0)


@indicator(batched=True, lookback=_memory, recursion=_recursion)
def stochf(
    candles: Series, fastk_period: int = 5, fastd_period: int = 3, fastd_matype: int = 0, sequential: bool = False
) -> StochasticFast:
    """Compute the fast stochastic oscillator.

    Where the close lies between the lowest low and the highest high of the last `fastk_period` candles, in
    percent (50 where they are equal); d is the average of k.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fastk_period : int, default 5
        Number of candles that make the range.
    fastd_period : int, default 3
        Number of values that d averages.
    fastd_matype : int, default 0
        Which moving average makes d, by its number; see `livermore.indicators.ma`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    StochasticFast
        `k` is the fast %K; `d` the fast %D. Floats, or arrays of shape (n,). NaN before row fastk_period -
        1.

    References
    ----------
    G. Lane, Lane's Stochastics, 1984.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.stochf(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    k=17.1821 d=12.7681
    """
    check_candle_free(fastd_matype)
    low = rolling.lowest(candles[:, LOW], fastk_period)
    high = rolling.highest(candles[:, HIGH], fastk_period)
    raw = np.where(high == low, 50.0, rolling.position(candles[:, CLOSE], low, high))
    return StochasticFast(raw, rolling.skipping_mean(raw, fastd_period))
