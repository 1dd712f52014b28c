"""Hull suite."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Number, one_of
from livermore.indicators._source import Series, source


class HullSuit(NamedTuple):
    """Hull suite: floats, or arrays with ``sequential=True``."""

    s_hull: Any
    m_hull: Any
    signal: Any


@indicator(min_rows=lambda length, length_mult, **_: int(length * length_mult))
def hull_suit(
    candles: Series,
    mode_switch: Annotated[str, one_of("Hma", "Ehma", "Thma")] = "Hma",
    length: int = 55,
    length_mult: Annotated[float, Number(0, 1000)] = 1.0,
    source_type: str = "close",
    sequential: bool = False,
) -> HullSuit:
    """Compute the Hull suite.

    A Hull average, the same average two rows ago, and whether it rose. `mode_switch` chooses "Hma" (weighted
    averages), "Ehma" (exponential averages) or "Thma" (three weighted averages).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    mode_switch : str, default "Hma"
        "Hma", "Ehma" or "Thma".
    length : int, default 55
        Number of bars.
    length_mult : float, default 1.0
        Factor of the length.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    HullSuit
        `s_hull` is the average two rows ago; `m_hull` the average; `signal` "buy" where the average is above
        the one two rows ago, else "sell". Floats, or arrays of shape (n,). None in the first two rows, NaN
        where there are too few.

    References
    ----------
    InSilico, Hull Suite.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> ta.hull_suit(ta.example_candles()).signal
    'sell'
    """
    values = source(candles, source_type)
    span = int(length * length_mult)
    hull = MODES[mode_switch](values, span // 2 if mode_switch == "Thma" else span)
    old = elementwise.lag(hull, 2)
    signal = np.where(hull > old, "buy", "sell").astype(object)
    signal[:2] = None
    return HullSuit(none_first(old), none_first(hull), signal)


def plain(values: Series, span: int) -> Series:
    """Hull's average of weighted averages."""
    raw = 2 * _averages.wma(values, span // 2) - _averages.wma(values, span)
    return _averages.wma(raw, round(math.sqrt(span)))


def exponential(values: Series, span: int) -> Series:
    """Hull's average of exponential averages."""
    raw = 2 * _averages.ema(values, span // 2) - _averages.ema(values, span)
    return _averages.ema(raw, round(math.sqrt(span)))


def triple(values: Series, span: int) -> Series:
    """Three weighted averages against lag."""
    raw = 3 * _averages.wma(values, span // 3) - _averages.wma(values, span // 2) - _averages.wma(values, span)
    return _averages.wma(raw, span)


def none_first(values: Series) -> npt.NDArray[np.object_]:
    """Return the values as objects, None in the first two rows."""
    out = values.astype(object)
    out[:2] = None
    return out


MODES: Mapping[str, Callable[[Series, int], Series]] = MappingProxyType(
    {"Hma": plain, "Ehma": exponential, "Thma": triple}
)
