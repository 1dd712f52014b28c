"""Chande forecast oscillator."""

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._postprocess import none_for_nan
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period, finish=none_for_nan)
def cfo(
    candles: Series, period: int = 14, scalar: float = 100, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the Chande forecast oscillator.

    scalar·(x - linear regression) / x.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    scalar : float, default 100
        Factor; 100 makes it percent.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1 (None, unless sequential).

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cfo(ta.example_candles()):.4f}")
    -0.4556
    """
    values = source(candles, source_type)
    return scalar * elementwise.ratio(values - _averages.linearreg(values, period), values, np.nan)
