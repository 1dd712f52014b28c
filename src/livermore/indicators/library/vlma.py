"""Variable length moving average."""

from livermore.indicators._averages import moving_average
from livermore.indicators._deviations import deviation
from livermore.indicators._kernels import averages, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, min_rows=lambda max_period, **_: max_period)
def vlma(
    candles: Series,
    min_period: int = 5,
    max_period: int = 50,
    matype: int = 0,
    devtype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the variable length moving average.

    An exponential average whose length grows by one on rows within ±0.25 deviations of the mean over
    `max_period` rows, and shrinks by one on rows beyond ±1.75, limited to `min_period` to `max_period`; it
    starts at `max_period`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    min_period : int, default 5
        Shortest length.
    max_period : int, default 50
        Longest length, and the window of mean and deviation.
    matype : int, default 0
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
        Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vlma(ta.example_candles()):.4f}")
    111.1584
    """
    values = source(candles, source_type)
    mean = moving_average(candles, values, max_period, matype)
    standard = devtype == 0
    spread = windows.deviation_so_far(values, max_period) if standard else deviation(values, max_period, devtype)
    return averages.variable_length(values, mean, spread, min_period, max_period)
