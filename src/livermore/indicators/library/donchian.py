"""Donchian channel."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import recursions, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


class DonchianChannel(NamedTuple):
    """Donchian channel: floats, or arrays with ``sequential=True``."""

    upperband: Any
    middleband: Any
    lowerband: Any


@indicator(lookback=lambda period, **_: period, recursion=recursions.Donchian)
def donchian(candles: Series, period: int = 20, sequential: bool = False) -> DonchianChannel:
    """Compute the Donchian channel.

    The highest high and the lowest low of the last `period` candles, the current one included, and their
    mean.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    DonchianChannel
        `upperband` is the highest high; `middleband` the mean of both; `lowerband` the lowest low. Floats,
        or arrays of shape (n,). NaN before row period - 1.

    References
    ----------
    R. Donchian.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.donchian(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upperband=120.1600 middleband=113.0150 lowerband=105.8700
    """
    upper = rolling.highest(candles[:, HIGH], period)
    lower = rolling.lowest(candles[:, LOW], period)
    return DonchianChannel(upper, (upper + lower) / 2, lower)
