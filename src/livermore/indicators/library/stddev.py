"""Standard deviation."""

from livermore.indicators._kernels import windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def stddev(
    candles: Series, period: int = 5, nbdev: float = 1, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the standard deviation.

    Population standard deviation of the last `period` values, times `nbdev`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
        Number of bars in the window.
    nbdev : float, default 1
        How many deviations.
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
    >>> print(f"{ta.stddev(ta.example_candles()):.4f}")
    1.3039
    """
    return windows.deviation(source(candles, source_type), period) * nbdev
