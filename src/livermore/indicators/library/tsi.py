"""True strength index."""

import numpy as np

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def tsi(
    candles: Series, long_period: int = 25, short_period: int = 13, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the true strength index.

    100·EMA(EMA(Δx, long), short) / the same of |Δx|, 0 where x does not change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    long_period : int, default 25
        Number of bars of the first average.
    short_period : int, default 13
        Number of bars of the second average.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
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
    >>> print(f"{ta.tsi(ta.example_candles()):.4f}")
    -2.6771
    """
    step = elementwise.change(source(candles, source_type), before=0.0)
    net = averages.ema(averages.ema(step, long_period), short_period)
    size = averages.ema(averages.ema(np.abs(step), long_period), short_period)
    return 100 * elementwise.ratio(net, size, 0.0)
