"""Positive volume index."""

from livermore.indicators._kernels import volumes
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True)
def pvi(candles: Series, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the positive volume index.

    Starts at 1000 and is compounded with the return of x on rows where the volume rose.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
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
    P. Dysart.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.pvi(ta.example_candles()):.4f}")
    1077.5473
    """
    return volumes.compounded(source(candles, source_type), candles[:, VOLUME], True)
