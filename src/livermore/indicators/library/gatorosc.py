"""Gator oscillator."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class GATOR(NamedTuple):
    """Gator oscillator: floats, or arrays with ``sequential=True``."""

    upper: Any
    lower: Any
    upper_change: Any
    lower_change: Any


@indicator(batched=True)
def gatorosc(candles: Series, source_type: str = "close", sequential: bool = False) -> GATOR:
    """Compute the Gator oscillator.

    From smoothed averages over 13 (jaw), 8 (teeth) and 5 rows (lips), shifted forward by 8, 5 and 3 rows: the
    distance between jaw and teeth, and the negative distance between teeth and lips.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    GATOR
        `upper` is |jaw - teeth|; `lower` -|teeth - lips|; `upper_change` the change of upper; `lower_change`
        the change of -lower. Floats, or arrays of shape (n,). `upper` is NaN before row 8, `lower` before row
        5; their changes one row longer.

    References
    ----------
    B. Williams, New Trading Dimensions, 1998.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.gatorosc(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upper=2.1220 lower=-1.2081 upper_change=-0.5617 lower_change=1.0488
    """
    values = source(candles, source_type)
    jaw, teeth, lips = (
        elementwise.lag(averages.smma(values, period), shift) for period, shift in ((13, 8), (8, 5), (5, 3))
    )
    upper, lower = np.abs(jaw - teeth), -np.abs(teeth - lips)
    return GATOR(upper, lower, elementwise.change(upper), elementwise.change(-lower))
