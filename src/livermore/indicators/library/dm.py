"""Directional movement."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series


class DM(NamedTuple):
    """Directional movement: floats, or arrays with ``sequential=True``."""

    plus: Any
    minus: Any


@indicator(batched=True)
def dm(candles: Series, period: int = 14, sequential: bool = False) -> DM:
    """Compute the directional movement.

    Plus movement is the rise of the high where it exceeds the fall of the low, minus movement is the fall of
    the low where it exceeds the rise of the high. Both are summed over rows 1 to `period`, then smoothed: s -
    s / period + new.

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
    DM
        `plus` is the upward movement; `minus` the downward one. Floats, or arrays of shape (n,). NaN before
        row period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.dm(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    plus=5.2936 minus=12.1280
    """
    moves = trend.directional_movement(candles[:, HIGH], candles[:, LOW])
    return DM(*(trend.running_loss(move, period, period) for move in moves))
