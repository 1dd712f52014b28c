"""Damiani volatmeter."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages, elementwise, filters, statistics, trend
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import CLOSE, HIGH, LOW, Series, source


class DamianiVolatmeter(NamedTuple):
    """Damiani volatmeter: floats, or arrays with ``sequential=True``."""

    vol: Any
    anti: Any


@indicator(batched=True)
def damiani_volatmeter(
    candles: Series,
    vis_atr: Period = 13,
    vis_std: Period = 20,
    sed_atr: Period = 40,
    sed_std: Period = 100,
    threshold: float = 1.4,
    source_type: str = "close",
    sequential: bool = False,
) -> DamianiVolatmeter:
    """Compute the Damiani volatmeter.

    vol = ATR(vis_atr) / ATR(sed_atr) + 0.5·vol[t-1] - 0.5·vol[t-3]; anti = threshold - std of the `vis_std`
    values before this row / std of the `sed_std` values before it. Both are 0 before row sed_std.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    vis_atr : int, default 13
        Number of bars of the fast average true range.
    vis_std : int, default 20
        Number of bars of the fast deviation.
    sed_atr : int, default 40
        Number of bars of the slow average true range.
    sed_std : int, default 100
        Number of bars of the slow deviation.
    threshold : float, default 1.4
        How much the fast may exceed the slow.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    DamianiVolatmeter
        `vol` is the volatility; `anti` the level that it is compared with. Floats, or arrays of shape (n,).
        Defined from the first row on.

    References
    ----------
    L. Damiani.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.damiani_volatmeter(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    vol=0.9774 anti=0.7849
    """
    ranges = trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE])
    share = elementwise.ratio(averages.wilder(ranges, vis_atr), averages.wilder(ranges, sed_atr), 0.0)
    share[:sed_std] = 0.0
    vol = filters.linear(share, np.zeros(share.shape), [1.0], [0.5, 0.0, -0.5], min(sed_std, len(share)))
    values = source(candles, source_type)
    quick, slow = (elementwise.lag(statistics.deviation_by_differences(values, span), 1) for span in (vis_std, sed_std))
    anti = threshold - elementwise.quotient(quick, slow)
    anti[:sed_std] = 0.0
    return DamianiVolatmeter(vol, anti)
