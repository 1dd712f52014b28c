"""Roofing filter."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def roofing(
    candles: Series, hp_period: int = 48, lp_period: int = 10, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the roofing filter.

    The super smoother of the two-pole high-pass filter: cycles between the two periods remain.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    hp_period : int, default 48
        Longest cycle that passes.
    lp_period : int, default 10
        Shortest cycle that passes.
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
    J. Ehlers, Cycle Analytics for Traders, 2013.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.roofing(ta.example_candles()):.4f}")
    -6.1158
    """
    return _averages.supersmoother(_averages.high_pass_2_pole(source(candles, source_type), hp_period), lp_period)
