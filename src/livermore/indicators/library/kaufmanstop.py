"""Kaufman stop."""

from livermore.indicators._averages import moving_average
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True, min_rows=lambda period, **_: period)
def kaufmanstop(
    candles: Series,
    period: int = 22,
    mult: float = 2,
    direction: str = "long",
    matype: int = 0,
    sequential: bool = False,
) -> Series:
    """Compute the Kaufman stop.

    low - mult·average of (high - low); for a short position high + mult·average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 22
        Number of bars in the window.
    mult : float, default 2
        Distance, in average ranges.
    direction : str, default "long"
        "long" for the stop below the price, "short" for the one above it.
    matype : int, default 0
        Number of the moving average; see `livermore.indicators.ma`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    P. Kaufman, Trading Systems and Methods.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.kaufmanstop(ta.example_candles()):.4f}")
    99.9009
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    reach = moving_average(candles, high - low, period, matype)
    return low - mult * reach if direction == "long" else high + mult * reach
