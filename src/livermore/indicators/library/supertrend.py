"""SuperTrend."""

from typing import Any, NamedTuple

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class SuperTrend(NamedTuple):
    """SuperTrend: floats, or arrays with ``sequential=True``."""

    trend: Any
    changed: Any


@indicator(batched=True, recursion=recursions.SuperTrend)
def supertrend(candles: Series, period: int = 10, factor: float = 3, sequential: bool = False) -> SuperTrend:
    """Compute the SuperTrend.

    Bands at (high + low) / 2 ± factor·ATR. The upper band only falls while the previous close is at or below
    it; the lower band only rises while the previous close is at or above it. The trend follows one band and
    switches to the other when the close passes it.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 10
        Number of bars in the window.
    factor : float, default 3
        Distance of the bands, in average true ranges.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    SuperTrend
        `trend` is the current band; `changed` is 1 on rows where it switched, else 0. Floats, or arrays of
        shape (n,). Both are 0 before row period - 1.

    References
    ----------
    O. Seban, SuperTrend.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.supertrend(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    trend=116.4002 changed=0.0000
    """
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    atr = kernels.averages.wilder(kernels.trend.true_range(high, low, close), period)
    return SuperTrend(*kernels.trend.super_trend(high, low, close, atr, period, factor))
