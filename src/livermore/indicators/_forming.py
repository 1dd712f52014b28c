"""Values of a bar that is still forming: one step on from what an indicator remembers of the completed ones.

See `indicator`'s option `forming`. Each step does what the kernel does in its last row, in the same order.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._source import CLOSE, HIGH, LOW, Series, source


class Forming(NamedTuple):
    """How to go on with one more row.

    Parameters
    ----------
    state : callable
        From candles, the windows in them and the parameters (as keywords) to what is to be remembered at the end of
        each window: an array, or a tuple of arrays; None where it does not apply. As `indicator`'s option `ends`.
    step : callable
        From the state of a window, the candles with the row behind it, and the parameters (as keywords) to the value
        of the window with that row; None where it does not apply.
    """

    state: Callable[..., Any]
    step: Callable[..., Any]


def newest(candles: Series, source_type: str) -> Any:
    """Return the last value of a source."""
    return source(candles[-1:], source_type)[0]


def decayed(before: Any, x: Any, period: float) -> Any:
    """Go on with `averages.ema`."""
    alpha = 2 / (period + 1)
    return alpha * x + (1 - alpha) * before


def ranged(before: Any, candles: Series, period: int) -> Any:
    """Go on with `averages.wilder` of the true range."""
    return before + (true_range(candles) - before) / period


def true_range(candles: Series) -> Any:
    """Return `trend.true_range` of the last row."""
    row, close = candles[-1], candles[-2, CLOSE]
    up, down, span = abs(row[HIGH] - close), abs(row[LOW] - close), row[HIGH] - row[LOW]
    farther = up if up > down else down
    return farther if farther > span else span


def movement(candles: Series) -> tuple[Any, Any]:
    """Return `trend.directional_movement` of the last row."""
    row, last = candles[-1], candles[-2]
    up, down = row[HIGH] - last[HIGH], last[LOW] - row[LOW]
    return (up if up > down and up > 0 else 0.0), (down if down > up and down > 0 else 0.0)


def one_sidedness(plus: Any, minus: Any, ranges: Any) -> Any:
    """Return DX, as the kernels of `trend` do."""
    up, down = (100 * plus / ranges, 100 * minus / ranges) if ranges != 0 else (0.0, 0.0)
    both, gap = up + down, up - down
    return 100 * (gap if gap > 0 else -gap) / both if both != 0 else 0.0


def smoothed(before: Any, x: Any, period: int) -> Any:
    """Go on with Wilder's other average."""
    return (before * (period - 1) + x) / period


def slid(before: Any, old: Any, new: Any) -> Any:
    """Go on with a running sum."""
    return before - old + new


def root(variance: Any) -> Any:
    """Return the square root, NaN of what rounding has made negative."""
    return np.float64(math.sqrt(variance) if variance >= 0 else math.nan)
