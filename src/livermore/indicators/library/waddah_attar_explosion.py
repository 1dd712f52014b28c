"""Waddah Attar explosion."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import averages, elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Amount
from livermore.indicators._postprocess import itself
from livermore.indicators._source import Series, source


class WaddahAttarExplosionTuple(NamedTuple):
    """Waddah Attar explosion: floats, or arrays with ``sequential=True``."""

    explosion_line: Any
    trend_power: Any
    trend_direction: Any


@indicator(last=itself)
def waddah_attar_explosion(
    candles: Series,
    sensitivity: Amount = 150,
    fast_length: int = 20,
    slow_length: int = 40,
    channel_length: int = 20,
    mult: float = 2.0,
    source_type: str = "close",
) -> WaddahAttarExplosionTuple:
    """Compute the Waddah Attar explosion.

    The width of the Bollinger bands, and the last change of the MACD times `sensitivity`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sensitivity : int, default 150
        Factor of the change.
    fast_length : int, default 20
        Number of bars of the fast average.
    slow_length : int, default 40
        Number of bars of the slow average.
    channel_length : int, default 20
        Number of bars of the bands.
    mult : float, default 2.0
        Distance of the bands, in deviations.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.

    Returns
    -------
    WaddahAttarExplosionTuple
        `explosion_line` is the width of the bands; `trend_power` the change of the MACD; `trend_direction`
        1 up, -1 down. NaN where there are too few rows.

    References
    ----------
    A. Waddah.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.waddah_attar_explosion(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    explosion_line=15.7115 trend_power=-44.0190 trend_direction=-1.0000
    """
    values = source(candles, source_type)
    wave = averages.ema(values, fast_length) - averages.ema(values, slow_length)
    power = elementwise.change(wave)[-1] * sensitivity
    explosion = 2 * mult * windows.deviation(values, channel_length)[-1]
    return WaddahAttarExplosionTuple(float(explosion), float(power), 1 if power >= 0 else -1)
