"""Fisher transform."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import cycles, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class FisherTransform(NamedTuple):
    """Fisher transform: floats, or arrays with ``sequential=True``."""

    fisher: Any
    signal: Any


@indicator(batched=True)
def fisher(candles: Series, period: int = 9, sequential: bool = False) -> FisherTransform:
    """Compute the Fisher transform.

    v = 0.66·(p - 0.5) + 0.67·v[t-1], limited to ±0.999, with p the position, 0 to 1, of (high + low) / 2 in
    its range over `period` rows (v is 0 where the range is empty); fisher = 0.5·ln((1 + v) / (1 - v)) +
    0.5·fisher[t-1]. 0 before row `period`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 9
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    FisherTransform
        `fisher` is the transform; `signal` the transform of the row before. Floats, or arrays of shape (n,).
        A number from the first row on.

    References
    ----------
    J. Ehlers, Using the Fisher Transform, Stocks & Commodities, 2002.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.fisher(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    fisher=-2.5832 signal=-2.1323
    """
    price = source(candles, "hl2")
    low, high = rolling.lowest(price, period), rolling.highest(price, period)
    return FisherTransform(*cycles.fisher(price, low, high, period))
