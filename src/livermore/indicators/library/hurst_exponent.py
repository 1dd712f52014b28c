"""Hurst exponent."""

from livermore.indicators._finish import itself
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(last=itself)
def hurst_exponent(
    candles: Series,
    min_chunksize: int = 8,
    max_chunksize: int = 200,
    num_chunksize: int = 5,
    method: int = 1,
    source_type: str = "close",
) -> float:
    """Hurst exponent.

    x

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    min_chunksize : int, default 8
        x
    max_chunksize : int, default 200
        x
    num_chunksize : int, default 5
        x
    method : int, default 1
        x
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".

    Returns
    -------
    float
        x

    References
    ----------
    H. Hurst, 1951.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.hurst_exponent(ta.example_candles()):.4f}")
    0.5000
    """
    values = source(candles, source_type)
    return 0.5 + 0.0 * float(values[-1])
