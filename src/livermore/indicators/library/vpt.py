"""Volume price trend."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True, lookback=lambda **_: 3)
def vpt(candles: Series, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the volume price trend.

    v = volume·Δx / x[t-1]; the result is v + v[t-1].

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 2.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vpt(ta.example_candles()):.4f}")
    -21.6718
    """
    values = source(candles, source_type)
    old = elementwise.lag(values, 1)
    step = candles[:, VOLUME] * elementwise.ratio(values - old, old, np.nan)
    return step + elementwise.lag(step, 1)
