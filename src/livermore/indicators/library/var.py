"""Variance."""

from livermore.indicators._kernels import windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def var(
    candles: Series, period: int = 14, nbdev: float = 1, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the variance.

    E[x²] - E[x]² over the last `period` values, times `nbdev`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
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
    >>> print(f"{ta.var(ta.example_candles()):.4f}")
    18.5538
    """
    return windows.variance(source(candles, source_type), period) * nbdev
