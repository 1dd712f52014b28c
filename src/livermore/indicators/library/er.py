"""Efficiency ratio."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def er(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the efficiency ratio.

    Kaufman's |x - x[t-period]| / Σ|Δx| over `period` rows: 1 in a straight line, near 0 in a market without
    direction, and 0 where the value does not change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period.

    Notes
    -----
    Differs from Jesse, which divides the `period`-th order difference by the path of the **whole** series,
    the future's included.

    References
    ----------
    P. Kaufman, Trading Systems and Methods.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.er(ta.example_candles()):.4f}")
    1.0000
    """
    return averages.efficiency(source(candles, source_type), period)
