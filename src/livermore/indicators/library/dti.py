"""Directional trend index."""

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._postprocess import none_for_nan
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True, finish=none_for_nan, min_rows=lambda r, s, u, **_: max(r, s, u))
def dti(candles: Series, r: Period = 14, s: Period = 10, u: Period = 5, sequential: bool = False) -> Series:
    """Compute the directional trend index.

    100·E(d) / E(|d|), with d = max(Δhigh, 0) - max(-Δlow, 0) and E an exponential average applied three
    times.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    r : int, default 14
        Number of bars of the first average.
    s : int, default 10
        Number of bars of the second average.
    u : int, default 5
        Number of bars of the third average.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    W. Blau, Momentum, Direction and Divergence, 1995.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.dti(ta.example_candles()):.4f}")
    -14.4339
    """
    up = np.maximum(elementwise.change(candles[:, HIGH], before=0.0), 0.0)
    down = np.maximum(-elementwise.change(candles[:, LOW], before=0.0), 0.0)
    net, size = up - down, np.abs(up - down)
    for period in (r, s, u):
        net, size = _averages.ema(net, period), _averages.ema(size, period)
    return 100 * elementwise.ratio(net, size, 0.0)
