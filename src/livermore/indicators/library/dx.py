"""Directional movement index."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages, elementwise, trend
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class DX(NamedTuple):
    """Directional movement index: floats, or arrays with ``sequential=True``."""

    adx: Any
    plusDI: Any  # noqa: N815 -- as in Jesse
    minusDI: Any  # noqa: N815 -- as in Jesse


@indicator(batched=True)
def dx(candles: Series, di_length: int = 14, adx_smoothing: Period = 14, sequential: bool = False) -> DX:
    """Compute the directional movement index.

    Directional movement and true range are exponential averages with alpha = 1 / di_length; the ADX is an
    exponential average, with alpha = 1 / adx_smoothing, of 100·|DI+ - DI-| / (DI+ + DI-).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    di_length : int, default 14
        Number of bars of the indicators.
    adx_smoothing : int, default 14
        Number of bars of their index.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    DX
        `adx` is the strength of the trend; `plusDI` the upward indicator; `minusDI` the downward one.
        Floats, or arrays of shape (n,). Defined from the first row on.

    Notes
    -----
    Differs from Jesse, whose averages start from the **last** value of the series, a look into the future:
    here they start from the first.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.dx(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    adx=29.2341 plusDI=12.8679 minusDI=29.4812
    """
    plus, minus = trend.directional_movement(candles[:, HIGH], candles[:, LOW])
    ranges = averages.decay(trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]), 1 / di_length)
    up = 100 * elementwise.ratio(averages.decay(plus, 1 / di_length), ranges, 0.0)
    down = 100 * elementwise.ratio(averages.decay(minus, 1 / di_length), ranges, 0.0)
    both = up + down
    gap = elementwise.ratio(np.abs(up - down), np.where(both == 0, 1.0, both), 0.0)
    return DX(100 * averages.decay(gap, 1 / adx_smoothing), up, down)
