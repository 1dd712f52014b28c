"""Money flow index."""

import numpy as np

from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def mfi(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the money flow index.

    100 - 100 / (1 + inflow / outflow), the flows being sums of price·volume over the last `period` candles
    on which p = (high + low + close) / 3 rose or fell; 100 where there is no outflow.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    G. Quong and A. Soudack.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.mfi(ta.example_candles()):.4f}")
    12.8042
    """
    price = source(candles, "hlc3")
    flow = price * candles[:, VOLUME]
    step = elementwise.change(price, before=0.0)
    up = windows.total(np.where(step > 0, flow, 0.0), period)
    down = windows.total(np.where(step < 0, flow, 0.0), period)
    return 100 - 100 / (1 + elementwise.ratio(up, down, np.inf))
