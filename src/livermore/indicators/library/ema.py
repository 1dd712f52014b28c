"""Exponential moving average."""

import numpy as np

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(
    series_ok=True,
    batched=True,
    recursion=recursions.Ema,
    min_rows=lambda period, **_: period,
)
def ema(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the exponential moving average.

    e[0] = x[0]; e[t] = a·x[t] + (1 - a)·e[t-1], a = 2 / (period + 1).

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on; all NaN if there are fewer rows than `period`.

    References
    ----------
    R. G. Brown, Exponential Smoothing for Predicting Demand, 1956.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.ema(ta.example_candles()):.4f}")
    109.3672
    """
    values = source(candles, source_type)
    if period > len(values):
        return np.full(values.shape, np.nan)
    return kernels.averages.ema(values, period)
