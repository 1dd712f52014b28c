"""Volume and its average."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import VOLUME, Series


class Volume(NamedTuple):
    """Volume and its average: floats, or arrays with ``sequential=True``."""

    volume: Any
    ma: Any


@indicator(batched=True)
def volume(candles: Series, period: int = 20, sequential: bool = False) -> Volume:
    """Compute the volume and its average.

    The volume, and its simple average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    Volume
        `volume` is the candle's volume; `ma` its average. Floats, or arrays of shape (n,). `ma` is NaN before
        row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.volume(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    volume=1632.0000 ma=1359.4500
    """
    return Volume(candles[:, VOLUME].copy(), rolling.mean(candles[:, VOLUME], period))
