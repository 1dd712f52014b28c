"""Schaff trend cycle."""

import numpy as np

from livermore.indicators._kernels import averages, cycles, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def stc(
    candles: Series,
    fast_period: int = 23,
    slow_period: int = 50,
    k_period: int = 10,
    d1_period: int = 3,
    d2_period: int = 3,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Schaff trend cycle.

    The position of the MACD in its range over `k_period` rows, in percent (0 where the range is empty),
    smoothed by an exponential average; then the same of the result.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fast_period : int, default 23
        Number of bars of the fast average.
    slow_period : int, default 50
        Number of bars of the slow average.
    k_period : int, default 10
        Number of values that make a range.
    d1_period : int, default 3
        Number of bars of the first smoothing.
    d2_period : int, default 3
        Number of bars of the second smoothing.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    D. Schaff, 1999.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.stc(ta.example_candles()):.4f}")
    1.5625
    """
    values = source(candles, source_type)
    wave = averages.ema(values, fast_period) - averages.ema(values, slow_period)
    for span in (d1_period, d2_period):
        place = cycles.position_or_zero(wave, rolling.lowest(wave, k_period), rolling.highest(wave, k_period))
        wave = averages.ema(place, span)
    held: Series = np.clip(wave, 0.0, 100.0)
    return held
