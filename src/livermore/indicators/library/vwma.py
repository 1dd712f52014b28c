"""Volume-weighted moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def vwma(candles: Series, period: int = 20, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the volume-weighted moving average.

    Σ(x·volume) / Σ volume over the last `period` rows, over fewer at the start; NaN where no volume was
    traded.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on, NaN where the volume is 0.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vwma(ta.example_candles()):.4f}")
    114.3974
    """
    return _averages.vwma(candles, source(candles, source_type), period)
