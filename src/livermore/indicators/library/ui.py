"""Ulcer index."""

import numpy as np

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: 2 * period)
def ui(
    candles: Series, period: int = 14, scalar: float = 100, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the ulcer index.

    Root mean square over `period` rows of the distance, in percent, from the highest of the last `period`
    values.

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
        NaN before row 2·period - 2.

    References
    ----------
    P. Martin and B. McCann, The Investor's Guide to Fidelity Funds, 1989.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.ui(ta.example_candles()):.4f}")
    5.5200
    """
    values = source(candles, source_type)
    top = rolling.highest(values, period)
    drop = scalar * (values - top) / top
    return np.sqrt(rolling.mean_of_all(drop * drop, period))
