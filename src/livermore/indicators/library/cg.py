"""Center of gravity."""

import numpy as np

from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period + 2)
def cg(candles: Series, period: int = 10, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the center of gravity.

    -Σ (1 + k)·x[t-k] / Σ x[t-k], k = 0 … period - 2.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 10
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period + 1.

    References
    ----------
    J. Ehlers, The CG Oscillator, Stocks & Commodities, 2002.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cg(ta.example_candles()):.4f}")
    -5.0884
    """
    values = source(candles, source_type)
    if period > len(values):
        return np.full(values.shape, np.nan)
    rank = np.arange(period - 1.0, 0.0, -1.0)
    out = -elementwise.ratio(windows.weighted(values, rank), windows.total(values, period - 1), np.nan)
    out[: period + 1] = np.nan
    return out
