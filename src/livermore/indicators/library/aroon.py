"""Aroon."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


class AROON(NamedTuple):
    """Aroon: floats, or arrays with ``sequential=True``."""

    down: Any
    up: Any


@indicator(batched=True, lookback=lambda period, **_: period + 1)
def aroon(candles: Series, period: int = 14, sequential: bool = False) -> AROON:
    """Compute the Aroon.

    100·(period - rows since the lowest low, or highest high) / period over the last period + 1 candles.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    AROON
        `down` counts from the lowest low; `up` from the highest high. Floats, or arrays of shape (n,). NaN
        before row period.

    References
    ----------
    T. Chande, 1995.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.aroon(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    down=100.0000 up=14.2857
    """
    high, low = rolling.since_extremes(candles[:, HIGH], candles[:, LOW], period + 1, False)
    return AROON(100 * (period - low) / period, 100 * (period - high) / period)
