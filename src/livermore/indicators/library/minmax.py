"""Local extremes."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import HIGH, LOW, Series


class EXTREMA(NamedTuple):
    """Local extremes: floats, or arrays with ``sequential=True``."""

    is_min: Any
    is_max: Any
    last_min: Any
    last_max: Any


@indicator(batched=True)
def minmax(candles: Series, order: Period = 3, sequential: bool = False) -> EXTREMA:
    """Compute the local extremes.

    Lows below the lows of the `order` candles on both sides, and highs above theirs. They are reported
    `order` rows later, when they are confirmed. `last_min` and `last_max` also count an extreme for which
    fewer than `order` candles have followed so far.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    order : int, default 3
        Number of candles on each side.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    EXTREMA
        `is_min` is the low that is confirmed at this row; `is_max` the high; `last_min` the last low;
        `last_max` the last high. Floats, or arrays of shape (n,). NaN where there is none.

    Notes
    -----
    Differs from Jesse with ``sequential=True``, where an extreme stands on its own row, `order` rows before
    it can be known; the last values are the same.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.minmax(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    is_min=nan is_max=nan last_min=100.3900 last_max=120.1600
    """
    is_min, last_min = rolling.turning_points(-candles[:, LOW], order)
    is_max, last_max = rolling.turning_points(candles[:, HIGH], order)
    return EXTREMA(-is_min, is_max, -last_min, last_max)
