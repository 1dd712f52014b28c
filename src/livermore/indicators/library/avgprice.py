"""Average price."""

from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda **_: 1)
def avgprice(candles: Series, sequential: bool = False) -> Series:
    """Compute the average price.

    (open + high + low + close) / 4.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.avgprice(ta.example_candles()):.4f}")
    107.6700
    """
    return source(candles, "ohlc4")
