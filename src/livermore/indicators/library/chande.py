"""Chandelier exit."""

from livermore.indicators._kernels import averages, rolling, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True)
def chande(
    candles: Series, period: int = 22, mult: float = 3.0, direction: str = "long", sequential: bool = False
) -> Series:
    """Compute the chandelier exit.

    Highest high of `period` candles minus mult·ATR; for a short position the lowest low plus mult·ATR.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 22
        Number of bars in the window.
    mult : float, default 3.0
        Distance, in average true ranges.
    direction : str, default "long"
        "long" for the stop below the price, "short" for the one above it.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    C. Le Beau.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.chande(ta.example_candles()):.4f}")
    111.3871
    """
    atr = averages.wilder(trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]), period)
    if direction == "long":
        return rolling.highest(candles[:, HIGH], period) - mult * atr
    return rolling.lowest(candles[:, LOW], period) + mult * atr
