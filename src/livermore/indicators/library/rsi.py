"""Relative strength index."""

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, recursion=recursions.Rsi)
def rsi(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the relative strength index.

    100 - 100 / (1 + average gain / average loss). The averages are the plain means of the first `period`
    changes, then Wilder's: (previous·(period - 1) + new) / period. 100 where there is no loss.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rsi(ta.example_candles()):.4f}")
    34.5680
    """
    return kernels.trend.relative_strength(source(candles, source_type), period)
