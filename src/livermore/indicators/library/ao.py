"""Awesome oscillator."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class AO(NamedTuple):
    """Awesome oscillator: floats, or arrays with ``sequential=True``."""

    osc: Any
    change: Any


@indicator(batched=True)
def ao(candles: Series, sequential: bool = False) -> AO:
    """Compute the awesome oscillator.

    The mean of the last 5 median prices, (high + low) / 2, minus the mean of the last 34.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    AO
        `osc` is the oscillator; `change` its change from the row before. Floats, or arrays of shape (n,). NaN
        before row 33.

    References
    ----------
    B. Williams, New Trading Dimensions, 1998.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.ao(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    osc=-0.7316 change=-1.5025
    """
    osc = awesome(candles)
    return AO(osc, elementwise.change(osc))


def awesome(candles: Series) -> Series:
    """Return the short less the long mean of median prices."""
    price = source(candles, "hl2")
    return rolling.mean(price, 5) - rolling.mean(price, 34)
