"""MWDX moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def mwdx(candles: Series, factor: float = 0.2, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the MWDX moving average.

    Exponential average with alpha = `factor`, seeded with the first value.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    factor : float, default 0.2
        Weight of the latest value.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.mwdx(ta.example_candles()):.4f}")
    111.0883
    """
    return _averages.mwdx(source(candles, source_type), factor)
