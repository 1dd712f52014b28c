"""Volume-weighted MACD."""

from typing import Any, NamedTuple

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, Series


class VWMACD(NamedTuple):
    """Volume-weighted MACD: floats, or arrays with ``sequential=True``."""

    macd: Any
    signal: Any
    hist: Any


@indicator(batched=True)
def vwmacd(
    candles: Series, fast_period: int = 12, slow_period: int = 26, signal_period: int = 9, sequential: bool = False
) -> VWMACD:
    """Compute the volume-weighted MACD.

    The fast minus the slow volume-weighted average; the signal is its mean over `signal_period` rows, over
    fewer at the start.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fast_period : int, default 12
        Number of bars of the fast average.
    slow_period : int, default 26
        Number of bars of the slow average.
    signal_period : int, default 9
        Number of bars of the signal line.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    VWMACD
        `macd` is fast - slow; `signal` its mean; `hist` macd - signal. Floats, or arrays of shape (n,). A
        number from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.vwmacd(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    macd=1.3348 signal=4.8410 hist=-3.5062
    """
    close = candles[:, CLOSE]
    line = _averages.vwma(candles, close, fast_period) - _averages.vwma(candles, close, slow_period)
    signal = _averages.total_by_cumulation(line, signal_period) / _averages.rows_so_far(line, signal_period)
    return VWMACD(line, signal, line - signal)
