"""Detrended price oscillator."""

import numpy as np

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def dpo(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the detrended price oscillator.

    x[t - (period // 2 + 1)] - simple average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1 + period // 2 + 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.dpo(ta.example_candles()):.4f}")
    0.1920
    """
    values = source(candles, source_type)
    shift = period // 2 + 1
    out = elementwise.lag(values, shift) - rolling.mean(values, period)
    out[: period - 1 + shift] = np.nan
    return out
