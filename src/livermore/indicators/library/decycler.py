"""Simple decycler."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def decycler(candles: Series, hp_period: int = 125, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the simple decycler.

    x minus its two-pole high-pass filter.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    hp_period : int, default 125
        Cycles longer than this remain.
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
    J. Ehlers, Decyclers, Stocks & Commodities, 2015.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.decycler(ta.example_candles()):.4f}")
    112.8577
    """
    values = source(candles, source_type)
    return values - _averages.high_pass_2_pole(values, hp_period)
