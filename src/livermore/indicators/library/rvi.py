"""Relative volatility index."""

import numpy as np

from livermore.indicators._averages import moving_average
from livermore.indicators._deviations import deviation
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, min_rows=lambda period, ma_len, **_: max(period, ma_len))
def rvi(
    candles: Series,
    period: int = 10,
    ma_len: int = 14,
    matype: int = 1,
    devtype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the relative volatility index.

    100·up / (up + down), with `up` the moving average of the deviation on rows where x rises, `down` on all
    other rows; 50 where both are 0.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 10
        Number of bars in the window.
    ma_len : int, default 14
        Number of bars of the averages.
    matype : int, default 1
        Number of the moving average; see `livermore.indicators.ma`.
    devtype : int, default 0
        Which deviation: 0 population standard deviation, 1 mean absolute, 2 median absolute.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on with the default average.

    References
    ----------
    D. Dorsey, Stocks & Commodities, 1993.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rvi(ta.example_candles()):.4f}")
    22.2230
    """
    values = source(candles, source_type)
    spread = elementwise.filled(deviation(values, period, devtype), 0.0)
    step = elementwise.change(values, before=0.0)
    up = moving_average(candles, np.where(step > 0, spread, 0.0), ma_len, matype)
    down = moving_average(candles, np.where(step > 0, 0.0, spread), ma_len, matype)
    return 100 * elementwise.ratio(up, up + down, 0.5)
