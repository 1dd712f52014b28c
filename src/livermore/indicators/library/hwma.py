"""Holt-Winter moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def hwma(
    candles: Series,
    na: float = 0.2,
    nb: float = 0.1,
    nc: float = 0.1,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Holt-Winter moving average.

    Level F = (1 - na)(F + V + A/2) + na·x, velocity V = (1 - nb)(V + A) + nb·ΔF, acceleration A = (1 -
    nc)·A + nc·ΔV; the average is F + V + A/2.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    na : float, default 0.2
        Smoothing of the level.
    nb : float, default 0.1
        Smoothing of the velocity.
    nc : float, default 0.1
        Smoothing of the acceleration.
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
    C. Holt, 1957; P. Winters, 1960.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.hwma(ta.example_candles()):.4f}")
    114.0459
    """
    return _averages.hwma(source(candles, source_type), na, nb, nc)
