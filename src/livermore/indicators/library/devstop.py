"""Kase dev stop."""

from livermore.indicators._deviations import deviation
from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True)
def devstop(
    candles: Series,
    period: int = 20,
    mult: float = 0,
    devtype: int = 0,
    direction: str = "long",
    sequential: bool = False,
) -> Series:
    """Compute the Kase dev stop.

    The highest value, over `period` rows, of high - mean two-bar range - mult·deviation of the range; for a
    short position the lowest value of low + mean range + mult·deviation.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    mult : float, default 0
        How many deviations are added to the average range.
    devtype : int, default 0
        Which deviation: 0 population standard deviation, 1 mean absolute, 2 median absolute.
    direction : str, default "long"
        "long" for the stop below the price, "short" for the one above it.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 2·period - 1.

    References
    ----------
    C. Kase, Trading with the Odds, 1996.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.devstop(ta.example_candles()):.4f}")
    116.0845
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    ranges = rolling.highest(high, 2) - rolling.lowest(low, 2)
    reach = rolling.mean_of_all(ranges, period) + mult * deviation(ranges, period, devtype)
    if direction == "long":
        return rolling.highest(high - reach, period)
    return rolling.lowest(low + reach, period)
