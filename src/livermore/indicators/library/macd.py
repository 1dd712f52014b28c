"""Moving average convergence/divergence."""

from typing import Any, NamedTuple

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class MACD(NamedTuple):
    """Moving average convergence/divergence: floats, or arrays with ``sequential=True``."""

    macd: Any
    signal: Any
    hist: Any


@indicator(batched=True, recursion=recursions.Macd)
def macd(
    candles: Series,
    fast_period: int = 12,
    slow_period: int = 26,
    signal_period: int = 9,
    source_type: str = "close",
    sequential: bool = False,
) -> MACD:
    """Compute the moving average convergence/divergence.

    The difference of a fast and a slow exponential average, both seeded with the first value; the signal is
    an exponential average of the difference.

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
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    MACD
        `macd` is fast - slow; `signal` its average; `hist` macd - signal. Floats, or arrays of shape (n,).
        Defined from the first row on.

    References
    ----------
    G. Appel, Technical Analysis: Power Tools for Active Investors, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.macd(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    macd=-0.2898 signal=1.0308 hist=-1.3206
    """
    values = source(candles, source_type)
    line = kernels.averages.ema(values, fast_period) - kernels.averages.ema(values, slow_period)
    signal = kernels.averages.ema(line, signal_period)
    return MACD(line, signal, line - signal)
