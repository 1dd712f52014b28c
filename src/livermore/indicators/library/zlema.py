"""Zero-lag exponential moving average."""

import numpy as np

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, min_rows=lambda period, **_: period + 1)
def zlema(candles: Series, period: int = 20, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the zero-lag exponential moving average.

    Exponential average of 2·x - x[t-lag], lag = (period - 1) // 2, seeded at row lag.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 20
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row (period - 1) // 2, and all NaN if there are no more rows than `period`.

    References
    ----------
    J. Ehlers and R. Way, Zero Lag (Well, Almost), 2010.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.zlema(ta.example_candles()):.4f}")
    110.9139
    """
    values = source(candles, source_type)
    shift = (period - 1) // 2
    out = np.full(values.shape, np.nan)
    if len(values) > period:
        ahead = 2 * values[shift:] - values[: len(values) - shift]
        out[shift:] = averages.ema(ahead, period)
    return out
