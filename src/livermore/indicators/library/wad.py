"""Williams accumulation/distribution."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, OPEN, Series


@indicator(batched=True)
def wad(candles: Series, sequential: bool = False) -> Series:
    """Compute the Williams accumulation/distribution.

    Cumulative sum of price - min(low, previous price) where the price rises, and of price - max(high,
    previous price) where it falls. As in Jesse, the price is the **open**.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    L. Williams, How I Made One Million Dollars, 1973.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.wad(ta.example_candles()):.4f}")
    17.2200
    """
    high, low, price = candles[:, HIGH], candles[:, LOW], candles[:, OPEN]
    old = elementwise.lag(price, 1)
    step = np.where(
        price > old, price - np.minimum(low, old), np.where(price < old, price - np.maximum(high, old), 0.0)
    )
    return np.cumsum(step, axis=0)
