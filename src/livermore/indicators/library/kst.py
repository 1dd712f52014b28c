"""Know sure thing."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class KST(NamedTuple):
    """Know sure thing: floats, or arrays with ``sequential=True``."""

    line: Any
    signal: Any


@indicator(batched=True)
def kst(
    candles: Series,
    sma_period1: int = 10,
    sma_period2: int = 10,
    sma_period3: int = 10,
    sma_period4: int = 15,
    roc_period1: int = 10,
    roc_period2: int = 15,
    roc_period3: int = 20,
    roc_period4: int = 30,
    signal_period: int = 9,
    source_type: str = "close",
    sequential: bool = False,
) -> KST:
    """Compute the know sure thing.

    Four simple averages of rates of change (in percent), weighted 1 to 4; the signal is a simple average of
    the sum.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sma_period1 : int, default 10
        Number of bars of the average number 1.
    sma_period2 : int, default 10
        Number of bars of the average number 2.
    sma_period3 : int, default 10
        Number of bars of the average number 3.
    sma_period4 : int, default 15
        Number of bars of the average number 4.
    roc_period1 : int, default 10
        Number of bars of the rate of change number 1.
    roc_period2 : int, default 15
        Number of bars of the rate of change number 2.
    roc_period3 : int, default 20
        Number of bars of the rate of change number 3.
    roc_period4 : int, default 30
        Number of bars of the rate of change number 4.
    signal_period : int, default 9
        Number of bars of the signal line.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    KST
        `line` is the weighted sum; `signal` its average. Floats, or arrays of shape (n,). `line` is NaN
        before row roc_period4.

    References
    ----------
    M. Pring, Stocks & Commodities, 1992.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.kst(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    line=38.3859 signal=64.5657
    """
    values = source(candles, source_type)
    spans = (
        (roc_period1, sma_period1),
        (roc_period2, sma_period2),
        (roc_period3, sma_period3),
        (roc_period4, sma_period4),
    )
    parts = [rolling.mean(rate_of_change(values, roc), sma) for roc, sma in spans]
    line = parts[0] + 2 * parts[1] + 3 * parts[2] + 4 * parts[3]
    return KST(line, rolling.mean(line, signal_period))


def rate_of_change(values: Series, period: int) -> Series:
    """Return the change over `period` rows, in percent."""
    return (elementwise.ratio(values, elementwise.lag(values, period), np.nan) - 1) * 100
