"""Aroon oscillator."""

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


@indicator(batched=True, lookback=lambda period, **_: period)
def aroonosc(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the Aroon oscillator.

    100·(rows since the lowest low - rows since the highest high) / period over the last `period` candles; of
    equal extremes the first counts.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    T. Chande, 1995.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.aroonosc(ta.example_candles()):.4f}")
    -85.7143
    """
    high, low = rolling.since_extremes(candles[:, HIGH], candles[:, LOW], period, False)
    return 100 * (low - high) / period
