"""Stochastic oscillator."""

from typing import Any, NamedTuple

from livermore.indicators._averages import check_candle_free
from livermore.indicators._kernels import recursions, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class Stochastic(NamedTuple):
    """Stochastic oscillator: floats, or arrays with ``sequential=True``."""

    k: Any
    d: Any


def _memory(fastk_period: int, slowk_period: int, slowd_period: int, **_: object) -> int:
    """Return the number of candles that the last value depends on."""
    return max(fastk_period, 1) + max(slowk_period, 1) + max(slowd_period, 1) - 2


def _recursion(
    fastk_period: int, slowk_period: int, slowk_matype: int, slowd_period: int, slowd_matype: int, **_: object
) -> recursions.Recursion:
    """Return how the value of a partial bar is computed."""
    check_candle_free(slowk_matype, slowd_matype)
    return recursions.Stochastic(fastk_period=fastk_period, slowk_period=slowk_period, slowd_period=slowd_period)


@indicator(batched=True, lookback=_memory, recursion=_recursion)
def stoch(
    candles: Series,
    fastk_period: int = 14,
    slowk_period: int = 3,
    slowk_matype: int = 0,
    slowd_period: int = 3,
    slowd_matype: int = 0,
    sequential: bool = False,
) -> Stochastic:
    """Compute the stochastic oscillator.

    Where the close lies between the lowest low and the highest high of the last `fastk_period` candles, in
    percent (NaN where they are equal); k is its simple average, d the simple average of k. The averages skip
    NaN.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fastk_period : int, default 14
        Number of candles that make the range.
    slowk_period : int, default 3
        Number of values that k averages.
    slowk_matype : int, default 0
        Accepted and ignored, as in Jesse: k is always a simple average.
    slowd_period : int, default 3
        Number of values that d averages.
    slowd_matype : int, default 0
        Accepted and ignored, as in Jesse: d is always a simple average.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    Stochastic
        `k` is the slow %K; `d` the slow %D. Floats, or arrays of shape (n,). NaN before row fastk_period -
        1.

    References
    ----------
    G. Lane, Lane's Stochastics, 1984.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.stoch(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    k=9.1994 d=9.8009
    """
    check_candle_free(slowk_matype, slowd_matype)
    low = rolling.lowest(candles[:, LOW], fastk_period)
    raw = rolling.position(candles[:, CLOSE], low, rolling.highest(candles[:, HIGH], fastk_period))
    slow = rolling.skipping_mean(raw, slowk_period)
    return Stochastic(slow, rolling.skipping_mean(slow, slowd_period))
