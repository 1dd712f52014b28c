"""Jurik RSX."""

from livermore.indicators._kernels import cycles
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def rsx(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the Jurik RSX.

    A relative strength index whose gains and losses pass three stages of Jurik's smoothing, alpha = 3 /
    (period + 2). 50 until there have been enough rows and a change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
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
    M. Jurik; the formula is that of public reconstructions.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rsx(ta.example_candles()):.4f}")
    21.8394
    """
    return cycles.jurik_strength(source(candles, source_type), period)
