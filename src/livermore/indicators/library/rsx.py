"""Jurik RSX."""

from livermore.indicators._kernels import cycles
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def rsx(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the Jurik RSX.

    A relative strength index whose gains and losses pass three stages of Jurik's smoothing, alpha = 3 /
    (period + 2). It is 50 until it has seen enough rows with a change.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

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
