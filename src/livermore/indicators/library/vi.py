"""Vortex indicator."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise, trend, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class VI(NamedTuple):
    """Vortex indicator: floats, or arrays with ``sequential=True``."""

    plus: Any
    minus: Any


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def vi(candles: Series, period: int = 14, sequential: bool = False) -> VI:
    """Compute the vortex indicator.

    Σ|high - previous low| / Σ true range, and Σ|low - previous high| / Σ true range, over `period` rows.

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
    VI
        `plus` is the upward vortex; `minus` the downward one. Floats, or arrays of shape (n,). NaN before
        row period.

    References
    ----------
    E. Botes and D. Siepman, Stocks & Commodities, 2010.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.vi(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    plus=0.7305 minus=1.2468
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    ranges = windows.total(trend.true_range(high, low, candles[:, CLOSE]), period)
    up = windows.total(np.abs(high - elementwise.lag(low, 1)), period)
    down = windows.total(np.abs(low - elementwise.lag(high, 1)), period)
    return VI(elementwise.ratio(up, ranges, np.nan), elementwise.ratio(down, ranges, np.nan))
