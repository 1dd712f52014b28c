"""KDJ oscillator."""

from typing import Any, NamedTuple

from livermore.indicators._averages import check_candle_free, moving_average
from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class KDJ(NamedTuple):
    """KDJ oscillator: floats, or arrays with ``sequential=True``."""

    k: Any
    d: Any
    j: Any


@indicator(batched=True, min_rows=lambda slowk_period, slowd_period, **_: max(slowk_period, slowd_period))
def kdj(
    candles: Series,
    fastk_period: int = 9,
    slowk_period: int = 3,
    slowk_matype: int = 0,
    slowd_period: int = 3,
    slowd_matype: int = 0,
    sequential: bool = False,
) -> KDJ:
    """Compute the KDJ oscillator.

    A stochastic oscillator; its range covers fewer candles at the start.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    fastk_period : int, default 9
        Number of candles that make the range.
    slowk_period : int, default 3
        Number of values that k averages.
    slowk_matype : int, default 0
        Which moving average makes k, by its number; see `livermore.indicators.ma`.
    slowd_period : int, default 3
        Number of values that d averages.
    slowd_matype : int, default 0
        Which moving average makes d, by its number; see `livermore.indicators.ma`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    KDJ
        `k` is the smoothed position of the close in its range; `d` the average of k; `j` 3k - 2d. Floats,
        or arrays of shape (n,). NaN in the first rows, by the averages.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.kdj(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    k=10.2836 d=10.5384 j=9.7740
    """
    check_candle_free(slowk_matype, slowd_matype)
    low = rolling.lowest_so_far(candles[:, LOW], fastk_period)
    high = rolling.highest_so_far(candles[:, HIGH], fastk_period)
    raw = rolling.position(candles[:, CLOSE], low, high)
    k = moving_average(raw, raw, slowk_period, slowk_matype)
    d = moving_average(k, k, slowd_period, slowd_matype)
    return KDJ(k, d, 3 * k - 2 * d)
