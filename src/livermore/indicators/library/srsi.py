"""Stochastic RSI."""

from typing import Any, NamedTuple

from livermore.indicators import _kernels as kernels
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import Series, source


class StochasticRSI(NamedTuple):
    """Stochastic RSI: floats, or arrays with ``sequential=True``."""

    k: Any
    d: Any


def _lines(strength: Series, period_stoch: int, k: int, d: int) -> StochasticRSI:
    """Return both lines of an RSI."""
    low = kernels.rolling.lowest(strength, period_stoch)
    raw = kernels.rolling.position(strength, low, kernels.rolling.highest(strength, period_stoch))
    fast = kernels.rolling.mean_of_all(raw, k)
    return StochasticRSI(fast, kernels.rolling.mean_of_numbers(fast, d))


@indicator(series_ok=True, batched=True, recursion=recursions.StochasticRsi)
def srsi(
    candles: Series,
    period: int = 14,
    period_stoch: int = 14,
    k: Period = 3,
    d: Period = 3,
    source_type: str = "close",
    sequential: bool = False,
) -> StochasticRSI:
    """Compute the stochastic RSI.

    Where the RSI lies in its range over the last `period_stoch` rows, in percent (NaN where it does not
    move); k is its mean over `k` rows, d the mean of the last `d` values of k that are not NaN.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 14
        Number of bars of the RSI.
    period_stoch : int, default 14
        Number of RSI values that make the range.
    k : int, default 3
        Number of values that k averages.
    d : int, default 3
        Number of values that d averages.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    StochasticRSI
        `k` is the smoothed position; `d` its signal line. Floats, or arrays of shape (n,). NaN before row
        period + period_stoch + k - 2.

    References
    ----------
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.srsi(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    k=0.0000 d=0.0000
    """
    return _lines(kernels.trend.relative_strength(source(candles, source_type), period), period_stoch, k, d)
