"""Pivot points."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import numpy as np

from livermore.indicators._memo import indicator
from livermore.indicators._parameters import one_of
from livermore.indicators._source import CLOSE, HIGH, LOW, OPEN, Series


class PIVOT(NamedTuple):
    """Pivot points: floats, or arrays with ``sequential=True``."""

    r4: Any
    r3: Any
    r2: Any
    r1: Any
    pp: Any
    s1: Any
    s2: Any
    s3: Any
    s4: Any


@indicator(batched=True, lookback=lambda **_: 1)
def pivot(candles: Series, mode: Annotated[int, one_of(0, 1, 2, 3, 4)] = 0, sequential: bool = False) -> PIVOT:
    """Compute the pivot points.

    Levels of support and resistance from each candle itself: 0 classic, 1 Fibonacci, 2 DeMark, 3 Camarilla, 4
    Woodie. Levels that a mode does not have are NaN.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    mode : int, default 0
        Which rule, 0 to 4.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    PIVOT
        `r4` to `r1` are resistances; `r3` the third; `r2` the second; `r1` the nearest; `pp` is the pivot;
        `s1` to `s4` are supports; `s2` the second; `s3` the third; `s4` the farthest. Floats, or arrays of
        shape (n,). Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.pivot(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    r4=nan r3=nan r2=110.8233 r1=109.0967 pp=107.4833 s1=105.7567 s2=104.1433 s3=nan s4=nan
    """
    levels = MODES[mode](candles[:, OPEN], candles[:, HIGH], candles[:, LOW], candles[:, CLOSE])
    nothing = np.full(candles[:, CLOSE].shape, np.nan)
    return PIVOT(*(levels.get(name, nothing) for name in PIVOT._fields))


Levels = dict[str, Series]


def classic(opening: Series, high: Series, low: Series, close: Series) -> Levels:
    """Levels at the mirrored extremes and one range away."""
    pp = (high + low + close) / 3
    return {"pp": pp, "r1": 2 * pp - low, "s1": 2 * pp - high, "r2": pp + (high - low), "s2": pp - (high - low)}


def fibonacci(opening: Series, high: Series, low: Series, close: Series) -> Levels:
    """Levels at Fibonacci's shares of the range."""
    pp = (high + low + close) / 3
    levels = {"pp": pp}
    for number, share in enumerate((0.382, 0.618, 1.0), start=1):
        levels[f"r{number}"] = pp + share * (high - low)
        levels[f"s{number}"] = pp - share * (high - low)
    return levels


def demark(opening: Series, high: Series, low: Series, close: Series) -> Levels:
    """Levels that weigh the side to which the candle closed."""
    falling, rising = high + 2 * low + close, 2 * high + low + close
    x = np.where(close < opening, falling, np.where(close > opening, rising, high + low + 2 * close))
    return {"pp": x / 4, "r1": x / 2 - low, "s1": x / 2 - high}


def camarilla(opening: Series, high: Series, low: Series, close: Series) -> Levels:
    """Levels at shares of the range around the close."""
    levels = {"pp": (high + low + close) / 3}
    for number, share in enumerate((0.0916, 0.183, 0.275, 0.55), start=1):
        levels[f"r{number}"] = close + share * (high - low)
        levels[f"s{number}"] = close - share * (high - low)
    return levels


def woodie(opening: Series, high: Series, low: Series, close: Series) -> Levels:
    """Levels around a pivot in which the open counts twice."""
    pp = (high + low + 2 * opening) / 4
    r3, s3 = high + 2 * (pp - low), low - 2 * (high - pp)
    levels = classic(opening, high, low, close)
    levels.update(pp=pp, r1=2 * pp - low, s1=2 * pp - high, r2=pp + (high - low), s2=pp - (high - low))
    levels.update(r3=r3, s3=s3, r4=r3 + (high - low), s4=s3 - (high - low))
    return levels


MODES: Mapping[int, Callable[[Series, Series, Series, Series], Levels]] = MappingProxyType(
    {0: classic, 1: fibonacci, 2: demark, 3: camarilla, 4: woodie}
)
