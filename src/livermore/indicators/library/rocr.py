"""Rate of change as a ratio."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def rocr(candles: Series, period: int = 10, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the rate of change as a ratio.

    x / x[t-period].

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
        NaN before row period.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rocr(ta.example_candles()):.4f}")
    0.9163
    """
    values = source(candles, source_type)
    return elementwise.ratio(values, elementwise.lag(values, period), np.nan)
