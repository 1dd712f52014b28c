"""Negative volume index."""

from livermore.indicators._kernels import volumes
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True)
def nvi(candles: Series, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the negative volume index.

    Starts at 1000 and is compounded with the return of x on rows where the volume fell.

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
    >>> print(f"{ta.nvi(ta.example_candles()):.4f}")
    996.4296
    """
    return volumes.compounded(source(candles, source_type), candles[:, VOLUME], False)
