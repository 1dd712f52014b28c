"""Wilder's moving average."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def wilders(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute Wilder's moving average.

    y[0] = x[0]; y[t] = (y[t-1]·(period - 1) + x[t]) / period.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.wilders(ta.example_candles()):.4f}")
    111.0883
    """
    return averages.wilders(source(candles, source_type), period)
