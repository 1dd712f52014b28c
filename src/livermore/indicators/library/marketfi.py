"""Market facilitation index."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, VOLUME, Series


@indicator(batched=True, lookback=lambda **_: 1)
def marketfi(candles: Series, sequential: bool = False) -> Series:
    """Compute the market facilitation index.

    (high - low) / volume.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN where the volume is 0.

    References
    ----------
    B. Williams, Trading Chaos, 1995.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.marketfi(ta.example_candles()):.4f}")
    0.0020
    """
    return elementwise.ratio(candles[:, HIGH] - candles[:, LOW], candles[:, VOLUME], np.nan)
