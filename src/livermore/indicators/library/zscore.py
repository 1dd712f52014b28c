"""Z-score."""

from livermore.indicators._averages import moving_average
from livermore.indicators._deviations import deviation
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, min_rows=lambda period, **_: period)
def zscore(
    candles: Series,
    period: int = 14,
    matype: int = 0,
    nbdev: float = 1,
    devtype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Z-score.

    (x - moving average) / (nbdev·deviation).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    matype : int, default 0
        Number of the moving average; see `livermore.indicators.ma`.
    nbdev : float, default 1
        How many deviations.
    devtype : int, default 0
        Which deviation: 0 population standard deviation, 1 mean absolute, 2 median absolute.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.zscore(ta.example_candles()):.4f}")
    -1.6390
    """
    values = source(candles, source_type)
    spread = deviation(values, period, devtype) * nbdev
    return elementwise.quotient(values - moving_average(candles, values, period, matype), spread)
