"""Width of the Bollinger bands."""

from livermore.indicators._kernels import statistics
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def bollinger_bands_width(
    candles: Series, period: int = 20, mult: float = 2.0, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the width of the Bollinger bands.

    (upper band - lower band) / middle band.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 20
        Number of bars in the window.
    mult : float, default 2.0
        Distance of the bands, in deviations.
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
    >>> print(f"{ta.bollinger_bands_width(ta.example_candles()):.4f}")
    0.1374
    """
    middle, spread = statistics.running_deviation(source(candles, source_type), period)
    return (middle + mult * spread - (middle - mult * spread)) / middle
