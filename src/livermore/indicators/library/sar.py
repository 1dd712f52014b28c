"""Parabolic stop and reverse."""

from livermore.indicators._kernels import trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True)
def sar(candles: Series, acceleration: float = 0.02, maximum: float = 0.2, sequential: bool = False) -> Series:
    """Compute the parabolic stop and reverse.

    The stop moves towards the extreme point by a share that grows with each new extreme, never beyond the
    last two lows (highs), and changes sides when it is hit. The first direction is up if the second high is
    above the first.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    acceleration : float, default 0.02
        First share, and what each new extreme adds.
    maximum : float, default 0.2
        Largest share.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 1.

    Notes
    -----
    Differs from Jesse in the first row: its value there depends on the second candle; here it is NaN.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.sar(ta.example_candles()):.4f}")
    115.4095
    """
    return trend.parabolic(candles[:, HIGH], candles[:, LOW], acceleration, maximum)
