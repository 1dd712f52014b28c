"""Directional indicators."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import elementwise, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class DI(NamedTuple):
    """Directional indicators: floats, or arrays with ``sequential=True``."""

    plus: Any
    minus: Any


@indicator(batched=True)
def di(candles: Series, period: int = 14, sequential: bool = False) -> DI:
    """Compute the directional indicators.

    100·smoothed directional movement / smoothed true range; both start as the sum over rows 1 to `period` and
    continue as (previous·(period - 1) + new) / period.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    DI
        `plus` is the upward indicator; `minus` the downward one. Floats, or arrays of shape (n,). NaN
        before row period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.di(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    plus=12.8680 minus=29.4812
    """
    plus, minus = trend.directional_movement(candles[:, HIGH], candles[:, LOW])
    ranges = trend.movement_sum(trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]), period)
    share = [elementwise.ratio(100 * trend.movement_sum(move, period), ranges, 0.0) for move in (plus, minus)]
    return DI(*share)
