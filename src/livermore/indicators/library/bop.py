"""Balance of power."""

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, OPEN, Series


@indicator(batched=True, lookback=lambda **_: 1)
def bop(candles: Series, sequential: bool = False) -> Series:
    """Compute the balance of power.

    (close - open) / (high - low), 0 where high and low are equal.

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

    References
    ----------
    I. Livshin, Stocks & Commodities, 2001.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.bop(ta.example_candles()):.4f}")
    -0.2575
    """
    return elementwise.ratio(candles[:, CLOSE] - candles[:, OPEN], candles[:, HIGH] - candles[:, LOW], 0.0)
