"""Band-pass filter."""

import math
from typing import Annotated, Any, NamedTuple

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise, filters
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Number
from livermore.indicators._source import Series, source


class BandPass(NamedTuple):
    """Band-pass filter: floats, or arrays with ``sequential=True``."""

    bp: Any
    bp_normalized: Any
    signal: Any
    trigger: Any


@indicator(batched=True)
def bandpass(
    candles: Series,
    period: int = 20,
    bandwidth: Annotated[float, Number(0)] = 0.3,
    source_type: str = "close",
    sequential: bool = False,
) -> BandPass:
    """Compute the band-pass filter.

    A band-pass filter of the high-passed series. It is normalised by its peak, which decays by a factor of
    0.991 per row; the trigger is a high-pass filter of the normalised series.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    bandwidth : float, default 0.3
        Width of the band, relative to the period.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    BandPass
        `bp` is the filtered series; `bp_normalized` the same scaled to -1 to 1; `signal` 1 where the trigger
        is above the normalised series, -1 where it is below; `trigger` the trigger line. Floats, or arrays of
        shape (n,). A number from the first row on.

    References
    ----------
    J. Ehlers, Cycle Analytics for Traders, 2013.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.bandpass(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    bp=-2.1977 bp_normalized=-0.1897 signal=1.0000 trigger=-0.0799
    """
    values = _averages.high_pass(source(candles, source_type), 4 * period / bandwidth)
    beta = math.cos(2 * math.pi / period)
    gamma = math.cos(2 * math.pi * bandwidth / period)
    alpha = 1 / gamma - math.sqrt(1 / (gamma * gamma) - 1)
    gain = 0.5 * (1 - alpha)
    bp = filters.linear(values, values, [gain, 0.0, -gain], [beta * (1 + alpha), -alpha], 2)
    normalized = elementwise.ratio(bp, filters.fading_peak(bp, 0.991), np.nan)
    trigger = _averages.high_pass(normalized, period / bandwidth / 1.5)
    return BandPass(bp, normalized, np.sign(trigger - normalized), trigger)
