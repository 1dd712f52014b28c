"""Simple moving average."""

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, recursion=recursions.Sma)
def sma(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the simple moving average.

    Mean of the values in the last `period` rows that are not NaN, by a running sum.

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
        NaN before row period - 1.

    References
    ----------
    The arithmetic mean over a trailing window.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.sma(ta.example_candles()):.4f}")
    108.9780
    """
    return kernels.rolling.mean(source(candles, source_type), period)
