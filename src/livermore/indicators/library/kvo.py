"""Klinger volume oscillator."""

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import cycles, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, VOLUME, Series, source


@indicator(batched=True, min_rows=lambda short_period, long_period, **_: max(short_period, long_period))
def kvo(candles: Series, short_period: int = 34, long_period: int = 55, sequential: bool = False) -> Series:
    """Compute the Klinger volume oscillator.

    The short minus the long exponential average of the volume force: volume·sign·100·|2·range / path - 1|,
    where the sign is that of the change of (high + low + close) / 3 and the path is the sum of ranges since
    the sign changed.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    short_period : int, default 34
        Number of bars of the fast average.
    long_period : int, default 55
        Number of bars of the slow average.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    S. Klinger, Stocks & Commodities, 1997.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.kvo(ta.example_candles()):.4f}")
    -9002.9886
    """
    step = elementwise.change(source(candles, "hlc3"), before=0.0)
    force = cycles.volume_force(np.sign(step), candles[:, HIGH] - candles[:, LOW], candles[:, VOLUME])
    return _averages.ema(force, short_period) - _averages.ema(force, long_period)
