"""On-balance volume."""

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, VOLUME, Series


@indicator(batched=True)
def obv(candles: Series, sequential: bool = False) -> Series:
    """Compute the on-balance volume.

    Starts with the first volume; the volume is added where the close rises, and subtracted where it falls.

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
    J. Granville, 1963.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.obv(ta.example_candles()):.4f}")
    1973.0000
    """
    flow = np.sign(elementwise.change(candles[:, CLOSE], before=1.0)) * candles[:, VOLUME]
    return np.cumsum(flow, axis=0)
