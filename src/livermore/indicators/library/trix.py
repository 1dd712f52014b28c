"""Triple exponential average of the logarithm."""

from livermore.indicators._kernels import averages, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def trix(candles: Series, period: int = 18, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the triple exponential average of the logarithm.

    10,000 times the one-row change of ln(x), smoothed by three exponential averages.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 18
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 1.

    References
    ----------
    J. Hutson, Stocks & Commodities.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.trix(ta.example_candles()):.4f}")
    15.8421
    """
    smooth = elementwise.logarithm(source(candles, source_type))
    for _ in range(3):
        smooth = averages.ema(smooth, period)
    return elementwise.change(smooth) * 10_000
