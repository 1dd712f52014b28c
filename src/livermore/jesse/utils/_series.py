"""Series of values: crossings, streaks, returns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import IndicatorError

__all__ = [
    "crossed",
    "prices_to_returns",
    "signal_line",
    "streaks",
    "strictly_decreasing",
    "strictly_increasing",
    "z_score",
]

Series = npt.NDArray[np.float64]
Values = Series | Sequence[float]


def crossed(
    series1: Values, series2: Values | float, direction: str | None = None, sequential: bool = False
) -> bool | npt.NDArray[np.bool_]:
    """Tell whether one series has just crossed another one, or a level.

    Parameters
    ----------
    series1 : sequence of float
        What crosses; at least two values.
    series2 : sequence of float, or float
        What is crossed.
    direction : {"above", "below"}, optional
        Which way; either way by default.
    sequential : bool
        Tell it for all values; both series must then be of the same length, and the first answer is False.

    Returns
    -------
    bool, or ndarray of bool
        Above: the value before was not above, the last one is. Below is its mirror image. NaN never crosses.

    Raises
    ------
    IndicatorError
        If there is no such direction, or fewer than two values.

    Examples
    --------
    >>> crossed([1, 3], 2), crossed([1, 3], 2, "below"), crossed([2, 3], [2, 2], "above")
    (True, False, True)
    >>> crossed(np.array([1, 3, 2, 1]), 2, sequential=True)
    array([False,  True, False,  True])
    """
    if direction not in (None, "above", "below"):
        raise IndicatorError(f"direction must be 'above', 'below' or None, not {direction!r}")
    if len(series1) < 2:
        raise IndicatorError(f"crossing takes at least two values, and series1 has {len(series1)}")
    if sequential:
        return _crossed_everywhere(np.asarray(series1), np.asarray(series2), direction)
    before, now = series1[-2], series1[-1]
    level_before, level_now = _last_two(series2)
    above = direction != "below" and before <= level_before and now > level_now
    return bool(above or (direction != "above" and before >= level_before and now < level_now))


def prices_to_returns(price_series: Series) -> Series:
    """Return the changes from price to price in percent; the first one is NaN.

    Examples
    --------
    >>> prices_to_returns(np.array([1.0, 2.0, 1.0]))
    array([ nan, 100., -50.])
    """
    prices = np.asarray(price_series, dtype=np.float64)
    returns = np.full(prices.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns[1:] = (prices[1:] / prices[:-1] - 1) * 100
    return returns


def z_score(series: Values) -> Series:
    """Return how many standard deviations (population) each value is from the mean of all of them.

    Beware: the mean is that of the whole series, so each score knows what comes after it. NaN if all values are equal.

    Examples
    --------
    >>> z_score([1.0, 2.0, 3.0])
    array([-1.2247,  0.    ,  1.2247])
    """
    values = np.asarray(series, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((values - values.mean()) / values.std())


def streaks(series: Values, use_diff: bool = True) -> Series:
    """Count how long a series has been rising (positive) or falling (negative).

    Parameters
    ----------
    series : sequence of float, shape (n,)
        Values.
    use_diff : bool
        Count runs of the differences' signs; otherwise of the signs of the values themselves.

    Returns
    -------
    ndarray of shape (n - 1,), or (n,) without `use_diff`
        0 where there is no change, or NaN; a new streak begins after it.

    Examples
    --------
    >>> streaks([1, 2, 3, 2, 2, 1])
    array([ 1.,  2., -1.,  0., -1.])
    """
    values = np.asarray(series, dtype=np.float64)
    signs = np.nan_to_num(np.sign(np.diff(values) if use_diff else values))
    if len(signs) == 0:
        return signs
    position = np.arange(len(signs))
    starts = np.r_[True, signs[1:] != signs[:-1]]
    run_length = position - np.maximum.accumulate(np.where(starts, position, 0)) + 1
    return np.asarray(signs * run_length)


def strictly_increasing(series: Values, lookback: int) -> bool:
    """Tell whether each of the last `lookback` values is above the one before.

    Examples
    --------
    >>> strictly_increasing([5, 1, 2, 3], 3), strictly_increasing([5, 1, 2, 3], 4)
    (True, False)
    """
    return bool((np.diff(np.asarray(series)[-lookback:]) > 0).all())


def strictly_decreasing(series: Values, lookback: int) -> bool:
    """Tell whether each of the last `lookback` values is below the one before.

    Examples
    --------
    >>> strictly_decreasing([1, 5, 3, 2], 3)
    True
    """
    return bool((np.diff(np.asarray(series)[-lookback:]) < 0).all())


def signal_line(series: Series, period: int = 10, matype: int = 0) -> Series:
    """Smooth a series by a moving average.

    Parameters
    ----------
    series : ndarray of shape (n,)
        Values.
    period : int
        Length of the average.
    matype : int
        Which one, by the indicators' numbers: 0 sma, 1 ema, 2 wma, …

    Examples
    --------
    >>> signal_line(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    array([nan, 1.5, 2.5, 3.5])
    """
    from livermore.indicators._averages import moving_average

    values = np.ascontiguousarray(series, dtype=np.float64)
    return moving_average(values, values, period, matype)


def _last_two(series: Any) -> tuple[float, float]:
    if isinstance(series, (int, float)) or np.ndim(series) == 0:
        return series, series
    return series[-2], series[-1]


def _crossed_everywhere(values: Any, levels: Any, direction: str | None) -> npt.NDArray[np.bool_]:
    if levels.ndim == 0:
        levels = np.broadcast_to(levels, values.shape)
    if len(values) != len(levels):
        raise IndicatorError(f"the series must be of the same length, not {len(values)} and {len(levels)}")
    found = np.zeros(len(values), dtype=bool)
    if direction != "below":
        found[1:] |= (values[:-1] <= levels[:-1]) & (values[1:] > levels[1:])
    if direction != "above":
        found[1:] |= (values[:-1] >= levels[:-1]) & (values[1:] < levels[1:])
    return found
