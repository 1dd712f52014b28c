"""Moving average bands."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._averages import moving_average
from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class MAB(NamedTuple):
    """Moving average bands: floats, or arrays with ``sequential=True``."""

    upperband: Any
    middleband: Any
    lowerband: Any


@indicator(batched=True, min_rows=lambda fast_period, slow_period, **_: max(fast_period, slow_period))
def mab(
    candles: Series,
    fast_period: int = 10,
    slow_period: int = 50,
    devup: float = 1,
    devdn: float = 1,
    fast_matype: int = 0,
    slow_matype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> MAB:
    """Compute the moving average bands.

    The fast average, and bands around the slow average. Their width is the root mean square of fast - slow
    over the last `fast_period` rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fast_period : int, default 10
        Number of bars of the fast average.
    slow_period : int, default 50
        Number of bars of the slow average.
    devup : float, default 1
        Distance of the upper band, in spreads.
    devdn : float, default 1
        Distance of the lower band, in spreads.
    fast_matype : int, default 0
        Which moving average is the fast one, by its number; see `livermore.indicators.ma`.
    slow_matype : int, default 0
        Which moving average is the slow one, by its number; see `livermore.indicators.ma`.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    MAB
        `upperband` is slow + devup·spread; `middleband` the fast average; `lowerband` slow - devdn·spread.
        Floats, or arrays of shape (n,). With the default averages the bands are NaN before row slow_period
        - 1, the middle before row fast_period - 1.

    Notes
    -----
    Differs from Jesse with ``sequential=True``, where the spread at the end of the series is used for all
    rows, a look into the future; the last value is the same.

    References
    ----------
    T. Lotz; V. Rathinam, Stocks & Commodities, 2021.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.mab(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upperband=116.8988 middleband=112.8340 lowerband=106.3208
    """
    values = source(candles, source_type)
    fast = moving_average(candles, values, fast_period, fast_matype)
    slow = moving_average(candles, values, slow_period, slow_matype)
    gap = fast - slow
    spread = np.sqrt(windows.total(elementwise.filled(gap * gap, 0.0), fast_period) / fast_period)
    return MAB(slow + devup * spread, fast, slow - devdn * spread)
