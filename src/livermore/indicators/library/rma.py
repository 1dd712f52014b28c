"""Running moving average."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def rma(candles: Series, length: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the running moving average.

    y[0] = x[0]; y[t] = x[t] / length + (1 - 1 / length)·y[t-1].

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    length : int, default 14
        Number of bars; alpha is its reciprocal.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Notes
    -----
    Differs from Jesse, whose value before the first one is the **last** value of the series, a look into
    the future.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rma(ta.example_candles()):.4f}")
    112.0082
    """
    return averages.decay(source(candles, source_type), 1 / length)
