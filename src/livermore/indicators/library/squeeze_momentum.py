"""Squeeze momentum."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise, rolling, trend, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class SqueezeMomentum(NamedTuple):
    """Squeeze momentum: floats, or arrays with ``sequential=True``."""

    squeeze: Any
    momentum: Any
    momentum_signal: Any


@indicator(last=lambda result: newest(result))
def squeeze_momentum(
    candles: Series,
    length: int = 20,
    mult: float = 2.0,
    length_kc: int = 20,
    mult_kc: float = 1.5,
    sequential: bool = True,
) -> SqueezeMomentum:
    """Compute the squeeze momentum.

    Bollinger bands and a Keltner channel, both with `mult_kc`, as in Jesse: the squeeze is -1 where the bands
    are inside the channel, 1 where they are outside, else 0. The momentum is the end of the regression line
    through close - (middle of the range + average) / 2.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    length : int, default 20
        Number of bars of the bands.
    mult : float, default 2.0
        Accepted and ignored, as in Jesse.
    length_kc : int, default 20
        Number of bars of the channel.
    mult_kc : float, default 1.5
        Distance of bands and channel from their middle.
    sequential : bool, default True
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    SqueezeMomentum
        `squeeze` is -1, 0 or 1; `momentum` the momentum; `momentum_signal` 1 rising and 2 falling above 0,
        -1 falling and -2 rising below (one element shorter). Floats, or arrays of shape (n,). `momentum` is
        NaN before row length_kc - 1.

    Notes
    -----
    Unlike that of the others, the default of `sequential` is True; squeeze and momentum_signal are lists
    then.

    References
    ----------
    LazyBear; J. Carter, Mastering the Trade, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.squeeze_momentum(ta.example_candles(), sequential=False)
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    squeeze=1.0000 momentum=-2.5279 momentum_signal=-1.0000
    """
    close = candles[:, CLOSE]
    middle = rolling.mean(close, length)
    reach = mult_kc * windows.deviation(close, length)
    center = rolling.mean(close, length_kc)
    width = mult_kc * rolling.mean(trend.true_range(candles[:, HIGH], candles[:, LOW], close), length_kc)
    above, below = (middle + reach) - (center + width), (middle - reach) - (center - width)
    squeeze = np.where((above < 0) & (below > 0), -1, np.where((above > 0) & (below < 0), 1, 0))
    extremes = (rolling.highest(candles[:, HIGH], length_kc) + rolling.lowest(candles[:, LOW], length_kc)) / 2
    momentum = _averages.linearreg(close - elementwise.filled((extremes + center) / 2, 0.0), length_kc)
    momentum[: length_kc - 1] = np.nan
    signal = np.where(
        momentum[1:] > 0, np.where(momentum[1:] > momentum[:-1], 1, 2), np.where(momentum[1:] < momentum[:-1], -1, -2)
    )
    return SqueezeMomentum(squeeze.tolist(), momentum, signal.tolist())


def newest(result: SqueezeMomentum) -> SqueezeMomentum:
    """Return the last elements; the signal of a single row is -2."""
    signal = result.momentum_signal[-1] if result.momentum_signal else -2
    return SqueezeMomentum(result.squeeze[-1], result.momentum[-1], signal)
