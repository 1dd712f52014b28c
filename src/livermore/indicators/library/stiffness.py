"""Stiffness."""

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise, rolling, windows
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._postprocess import itself
from livermore.indicators._source import Series, source


@indicator(last=itself)
def stiffness(
    candles: Series, ma_length: int = 100, stiff_length: int = 60, stiff_smooth: Period = 3, source_type: str = "close"
) -> float:
    """Compute the stiffness.

    Share of the last `stiff_length` values above average - 0.2·deviation, in percent, smoothed by an
    exponential average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    ma_length : int, default 100
        Number of bars of average and deviation.
    stiff_length : int, default 60
        Number of bars that are counted.
    stiff_smooth : int, default 3
        Number of bars of the smoothing.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.

    Returns
    -------
    float
        A number between 0 and 100.

    References
    ----------
    M. Katsanos, Stocks & Commodities, 2018.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.stiffness(ta.example_candles()):.4f}")
    67.6042
    """
    values = source(candles, source_type)
    bound = rolling.mean(values, ma_length) - 0.2 * windows.deviation(values, ma_length)
    above = windows.total((values > bound).astype(np.float64), stiff_length) * 100 / stiff_length
    return float(_averages.ema(elementwise.filled(above, 0.0), stiff_smooth)[-1])
