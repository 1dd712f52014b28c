"""Chande momentum oscillator."""

import numpy as np

from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def cmo(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the Chande momentum oscillator.

    100·(Σ gains - Σ losses) / (Σ gains + Σ losses) over the last `period` changes, 0 where the value does not
    change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period.

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cmo(ta.example_candles()):.4f}")
    -76.6736
    """
    step = elementwise.change(source(candles, source_type))
    up = windows.total(np.maximum(step, 0.0), period)
    down = windows.total(np.maximum(-step, 0.0), period)
    return 100 * elementwise.ratio(up - down, up + down, 0.0)
