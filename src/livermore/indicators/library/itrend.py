"""Instantaneous trendline."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise, filters
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Number
from livermore.indicators._source import Series, source


class ITREND(NamedTuple):
    """Instantaneous trendline: floats, or arrays with ``sequential=True``."""

    signal: Any
    it: Any
    trigger: Any


@indicator(batched=True)
def itrend(
    candles: Series,
    alpha: Annotated[float, Number(-1e100, 1e100)] = 0.07,
    source_type: str = "hl2",
    sequential: bool = False,
) -> ITREND:
    """Compute the instantaneous trendline.

    (a - a²/4)·x + a²/2·x[t-1] - (a - 3a²/4)·x[t-2] + 2(1 - a)·y[t-1] - (1 - a)²·y[t-2] from row 7, (x +
    2x[t-1] + x[t-2]) / 4 before; the trigger is 2y - y[t-20] (y itself in the first 20 rows).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    alpha : float, default 0.07
        Weight of the latest value.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    ITREND
        `signal` is the sign of trigger - it; `it` the trendline; `trigger` the trigger line. Floats, or
        arrays of shape (n,). Defined from the first row on.

    References
    ----------
    J. Ehlers, Cybernetic Analysis for Stocks and Futures, 2004.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.itrend(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    signal=1.0000 it=113.5988 trigger=121.8979
    """
    values = source(candles, source_type)
    head = values.copy()
    head[2:7] = ((values + 2 * elementwise.lag(values, 1) + elementwise.lag(values, 2)) / 4)[2:7]
    forward = [alpha - alpha**2 / 4, alpha**2 / 2, -(alpha - alpha**2 * 3 / 4)]
    line = filters.linear(values, head, forward, [2 * (1 - alpha), -((1 - alpha) ** 2)], 7)
    old = elementwise.lag(line, 20)
    trigger = np.where(np.isnan(old), line, 2 * line - old)
    return ITREND(np.sign(trigger - line), line, trigger)
