"""Chande Kroll stop."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import averages, rolling, trend
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class CKSP(NamedTuple):
    """Chande Kroll stop: floats, or arrays with ``sequential=True``."""

    long: Any
    short: Any


@indicator(batched=True)
def cksp(candles: Series, p: Period = 10, x: float = 1.0, q: Period = 9, sequential: bool = False) -> CKSP:
    """Compute the Chande Kroll stop.

    The highest value, over `q` rows, of highest high - x·ATR(p), and the lowest value of lowest low +
    x·ATR(p).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    p : int, default 10
        Number of bars of the average true range.
    x : float, default 1.0
        Distance, in average true ranges.
    q : int, default 9
        Number of bars of the extremes.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    CKSP
        `long` is the stop of a long position; `short` that of a short one. Floats, or arrays of shape (n,).
        NaN before row p - 1 + q - 1.

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.cksp(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    long=117.4808 short=108.8234
    """
    atr = averages.wilder(trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]), p)
    first_high = rolling.highest(candles[:, HIGH], q) - x * atr
    first_low = rolling.lowest(candles[:, LOW], q) + x * atr
    return CKSP(rolling.highest(first_high, q), rolling.lowest(first_low, q))
