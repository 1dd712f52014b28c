"""SuperTrend."""

from typing import Any, NamedTuple

from livermore.indicators import _ends as ends
from livermore.indicators import _kernels as kernels
from livermore.indicators._ends import Windows
from livermore.indicators._forming import Forming
from livermore.indicators._kernels import forming
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class SuperTrend(NamedTuple):
    """SuperTrend: numbers, or arrays with ``sequential=True``."""

    trend: Any
    changed: Any


def _ends(candles: Series, windows: Windows, period: int, factor: float, **_: object) -> SuperTrend | None:
    """Return the line at the end of each window."""
    if not 0 < period <= windows.rows:
        return None
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    return SuperTrend(*ends.super_trend(high, low, close, windows, period, factor)[:2])


def _state(candles: Series, windows: Windows, period: int, factor: float, **_: object) -> tuple[Series, ...] | None:
    """Return the line, the average range and the bands at the end of each window."""
    if not 0 < period <= windows.rows:
        return None
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    line, _changed, *others = ends.super_trend(high, low, close, windows, period, factor)
    return line, *others


@indicator(batched=True, ends=_ends, forming=Forming(forming.Follow, _state, SuperTrend))
def supertrend(candles: Series, period: int = 10, factor: float = 3, sequential: bool = False) -> SuperTrend:
    """Compute the SuperTrend.

    Bands at (high + low) / 2 ± factor·ATR. The upper band can only fall while the previous close is at or
    below it, the lower one only rise while it is at or above. The trend follows one band and switches to
    the other when the close passes it.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 10
        Number of bars in the window.
    factor : float, default 3
        Distance of the bands, in average true ranges.
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    SuperTrend
        `trend` is the band that is followed; `changed` is 1 on rows where it switched, else 0. Floats, or
        arrays of shape (n,). Both are 0 before row period - 1.

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
