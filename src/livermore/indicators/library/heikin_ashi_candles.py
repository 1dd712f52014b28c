"""Heikin-Ashi candles."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, OPEN, Series, source


class HA(NamedTuple):
    """Heikin-Ashi candles: floats, or arrays with ``sequential=True``."""

    open: Any
    close: Any
    high: Any
    low: Any


@indicator(batched=True, lookback=lambda **_: 2)
def heikin_ashi_candles(candles: Series, sequential: bool = False) -> HA:
    """Compute the Heikin-Ashi candles.

    open = mean of the previous candle's open and close (as in Jesse of the plain candle, not of the
    Heikin-Ashi candle), close = (open + high + low + close) / 4; high and low also cover these two.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    HA
        `open` is the mean of the previous open and close; `close` the mean of the candle's prices; `high` the
        highest price; `low` the lowest. Floats, or arrays of shape (n,). NaN before row 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.heikin_ashi_candles(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    open=108.5350 close=107.6700 high=109.2100 low=105.8700
    """
    opening = (elementwise.lag(candles[:, OPEN], 1) + elementwise.lag(candles[:, CLOSE], 1)) / 2
    close = source(candles, "ohlc4")
    known = np.where(np.isnan(opening), np.nan, close)
    high = np.maximum(np.maximum(candles[:, HIGH], opening), close)
    low = np.minimum(np.minimum(candles[:, LOW], opening), close)
    return HA(opening, known, high, low)
