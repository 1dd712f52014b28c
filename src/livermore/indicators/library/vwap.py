"""Volume-weighted average price."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._postprocess import none_for_nan
from livermore.indicators._source import Series, source


@indicator(batched=True, finish=none_for_nan)
def vwap(candles: Series, source_type: str = "hlc3", anchor: str = "D", sequential: bool = False) -> Series:
    """Compute the volume-weighted average price.

    Σ(x·volume) / Σ volume since the last anchor, in UTC.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "hlc3"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    anchor : str, default "D"
        "D" day, "H" hour, "4H", "12H", "M" minute, "W" seven days (from a Thursday), "MN" thirty days; any
        other is a day.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on; NaN (None, unless sequential) where no volume was traded since the
        anchor.

    Notes
    -----
    As in Jesse, source_type "volume" means "hlc3" here.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vwap(ta.example_candles()):.4f}")
    112.8472
    """
    return _averages.vwap(candles, source(candles, "hlc3" if source_type == "volume" else source_type), anchor)
