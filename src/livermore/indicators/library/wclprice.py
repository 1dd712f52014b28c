"""Weighted close price."""

from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True, lookback=lambda **_: 1)
def wclprice(candles: Series, sequential: bool = False) -> Series:
    """Compute the weighted close price.

    (high + low + 2·close) / 4.

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
    >>> print(f"{ta.wclprice(ta.example_candles()):.4f}")
    107.4550
    """
    return (candles[:, HIGH] + candles[:, LOW] + 2 * candles[:, CLOSE]) / 4
