"""Correlation cycle."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import cycles, elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Amount
from livermore.indicators._source import Series, source


class CC(NamedTuple):
    """Correlation cycle: floats, or arrays with ``sequential=True``."""

    real: Any
    imag: Any
    angle: Any
    state: Any


@indicator(batched=True)
def correlation_cycle(
    candles: Series, period: int = 20, threshold: Amount = 9, source_type: str = "close", sequential: bool = False
) -> CC:
    """Compute the correlation cycle.

    Correlation of the `period` values before this one with a cosine and a negative sine of that period; the
    phase angle of the two, which is held where it would fall by less than 270 degrees. The state is the sign
    of the angle where that changes by less than `threshold` degrees, else 0.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    threshold : int, default 9
        Degrees below which the angle stands still.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    CC
        `real` is the correlation with the cosine; `imag` that with the negative sine; `angle` in degrees;
        `state` 1, -1 or 0. Floats, or arrays of shape (n,). NaN before row period, and where these values are
        all equal.

    References
    ----------
    J. Ehlers, Correlation as a Cycle Indicator, Stocks & Commodities, 2020.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.correlation_cycle(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    real=-0.9124 imag=0.2997 angle=-161.8159 state=0.0000
    """
    real, imag = cycles.correlation_wave(source(candles, source_type), period)
    angle = elementwise.ratio(real, imag, 0.0)
    angle = np.where(imag == 0, 0.0, elementwise.degrees(angle) + 90)
    angle = np.where(imag > 0, angle - 180, angle)
    old = elementwise.lag(angle, 1)
    angle = np.where((old > angle) & (old - angle < 270), old, angle)
    steady = np.abs(angle - elementwise.lag(angle, 1)) < threshold
    state = np.where(steady, np.where(angle < 0, -1.0, 1.0), 0.0)
    return CC(real, imag, angle, state)
