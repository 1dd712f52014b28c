"""Predictive moving average."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class PMA(NamedTuple):
    """Predictive moving average: floats, or arrays with ``sequential=True``."""

    predict: Any
    trigger: Any


@indicator(batched=True)
def pma(candles: Series, source_type: str = "hl2", sequential: bool = False) -> PMA:
    """Compute the predictive moving average.

    With w the weighted average over 7 rows: predict = 2·w(x) - w(w(x)); trigger = (4·predict + 3, 2 and 1
    times those before) / 10. As in Jesse, w(x) counts as 0 before row 6.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    PMA
        `predict` is the prediction; `trigger` the trigger line. Floats, or arrays of shape (n,). NaN before
        row 6.

    References
    ----------
    J. Ehlers, Rocket Science for Traders, 2001.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.pma(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    predict=106.9747 trigger=108.4160
    """
    once = elementwise.filled(_averages.wma(source(candles, source_type), 7), 0.0)
    twice = _averages.wma(once, 7)
    predict = 2 * once - twice
    trigger = windows.weighted(elementwise.filled(predict, 0.0), [0.1, 0.2, 0.3, 0.4])
    trigger[:6] = np.nan
    return PMA(predict, trigger)
