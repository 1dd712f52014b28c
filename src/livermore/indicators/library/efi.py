"""Elder's force index."""

import numpy as np

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True)
def efi(candles: Series, period: int = 13, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute Elder's force index.

    Exponential average of Δx·volume, seeded with the first change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 13
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
    A. Elder, Trading for a Living, 1993.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.efi(ta.example_candles()):.4f}")
    -1039.9729
    """
    force = elementwise.change(source(candles, source_type)) * candles[:, VOLUME]
    out = np.full(force.shape, np.nan)
    if len(force) > period:
        out[period:] = averages.ema(force[1:], period)[period - 1 :]
    return out
