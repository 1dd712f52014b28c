"""Safe zone stop."""

from livermore.indicators._kernels import averages, elementwise, rolling, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True)
def safezonestop(
    candles: Series,
    period: int = 22,
    mult: float = 2.5,
    max_lookback: int = 3,
    direction: str = "long",
    sequential: bool = False,
) -> Series:
    """Compute the safe zone stop.

    The highest value, over `max_lookback` rows, of previous low - mult·smoothed downward movement; for a
    short position the lowest value of previous high + mult·smoothed upward movement. The smoothing is s = (1
    - 1/period)·s[t-1] + movement.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 22
        Number of bars in the window.
    mult : float, default 2.5
        How much of the movement is noise to be left alone.
    max_lookback : int, default 3
        Number of bars over which the stop does not move back.
    direction : str, default "long"
        "long" for the stop below the price, "short" for the one above it.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    A. Elder, Come into My Trading Room, 2002.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.safezonestop(ta.example_candles()):.4f}")
    68.2647
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    plus, minus = (averages.fading_sum(move, period) for move in trend.directional_movement(high, low))
    if direction == "long":
        stop = elementwise.lag(low, 1, 0.0) - mult * minus
        return rolling.highest_so_far(stop, max_lookback)
    stop = elementwise.lag(high, 1, 0.0) + mult * plus
    return rolling.lowest_so_far(stop, max_lookback)
