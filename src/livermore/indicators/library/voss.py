"""Voss predictive filter."""

import math
from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import filters
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import Series, source


class VossFilter(NamedTuple):
    """Voss predictive filter: floats, or arrays with ``sequential=True``."""

    voss: Any
    filt: Any


@indicator(batched=True)
def voss(
    candles: Series,
    period: int = 20,
    predict: Period = 3,
    bandwith: float = 0.25,
    source_type: str = "close",
    sequential: bool = False,
) -> VossFilter:
    """Compute the Voss predictive filter.

    A band-pass filter around `period`, and a predictor with negative delay: (3 + m)/2·filt - Σ ((k +
    1)/m)·voss[t-(m-k)], k < m = 3·predict. `filt` is 0 up to row max(period, 5, m).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    predict : int, default 3
        How far the filter looks ahead, in bars.
    bandwith : float, default 0.25
        Width of the band, relative to the period (spelled as in Jesse).
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    VossFilter
        `voss` is the prediction; `filt` the band-passed series. Floats, or arrays of shape (n,). A number
        from the first row on.

    References
    ----------
    J. Ehlers, A Peek into the Future, Stocks & Commodities, 2019.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.voss(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    voss=-0.8960 filt=-1.8886
    """
    values = source(candles, source_type)
    order = 3 * predict
    shape = 1 / math.cos(bandwith * 2 * math.pi / period)
    s = shape - math.sqrt(shape * shape - 1)
    gain = 0.5 * (1 - s)
    turn = math.cos(2 * math.pi / period) * (1 + s)
    start = max(period, 5, order) + 1
    filt = filters.linear(values, np.zeros(values.shape), [gain, 0.0, -gain], [turn, -s], start)
    return VossFilter(filters.predictor(filt, order), filt)
