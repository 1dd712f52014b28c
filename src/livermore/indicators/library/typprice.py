"""Typical price."""

from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda **_: 1)
def typprice(candles: Series, sequential: bool = False) -> Series:
    """Compute the typical price.

    (high + low + close) / 3.

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
    >>> print(f"{ta.typprice(ta.example_candles()):.4f}")
    107.4833
    """
    return source(candles, "hlc3")
