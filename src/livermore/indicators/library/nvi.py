"""Negative volume index."""

from livermore.indicators._kernels import volumes
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series, source


@indicator(batched=True)
def nvi(candles: Series, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the negative volume index.

    1000 in the first row; changes by x's return on rows on which the volume fell.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        A number from the first row on.

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
