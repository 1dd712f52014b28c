"""Rate of change."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period + 1)
def roc(candles: Series, period: int = 10, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the rate of change.

    100·(x / x[t-period] - 1).

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
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
    >>> print(f"{ta.roc(ta.example_candles()):.4f}")
    -8.3717
    """
    values = source(candles, source_type)
    return (elementwise.ratio(values, elementwise.lag(values, period), np.nan) - 1) * 100
