"""TTM trend."""

import numpy as np
import numpy.typing as npt

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def ttm_trend(
    candles: Series, period: int = 5, source_type: str = "hl2", sequential: bool = False
) -> npt.NDArray[np.bool_]:
    """Compute the TTM trend.

    Whether the close is above the mean of the last `period` values.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    bool, or ndarray of bool of shape (n,) with ``sequential=True``
        False before row period - 1.

    References
    ----------
    J. Carter, Mastering the Trade, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> ta.ttm_trend(ta.example_candles(), sequential=True)[-3:].tolist()
    [False, False, False]
    """
    return candles[:, CLOSE] > rolling.mean_of_all(source(candles, source_type), period)
