"""From candles to the series of values that an indicator works on."""

from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import IndicatorError

# One value a row: what indicators compute with and return.
Series = npt.NDArray[np.float64]

TIMESTAMP, OPEN, CLOSE, HIGH, LOW, VOLUME = range(6)
_COLUMNS = {"close": CLOSE, "open": OPEN, "high": HIGH, "low": LOW, "volume": VOLUME}
_BLENDS: dict[str, tuple[int, ...]] = {
    "hl2": (HIGH, LOW),
    "hlc3": (HIGH, LOW, CLOSE),
    "ohlc4": (OPEN, HIGH, LOW, CLOSE),
}


def source(candles: Series, source_type: str) -> Series:
    """Choose a series of values from candles.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series, which is returned as it is.
    source_type : {"close", "open", "high", "low", "volume", "hl2", "hlc3", "ohlc4"}
        A column, or the mean of those that the letters name.

    Returns
    -------
    ndarray of shape (n,)
        A view of the candles where that is possible.

    Raises
    ------
    IndicatorError
        If there is no such source.

    Examples
    --------
    >>> candles = np.array([[0.0, 10, 12, 14, 8, 5]])
    >>> source(candles, "hlc3")
    array([11.33333333])
    """
    if candles.ndim == 1:
        return candles
    column = _COLUMNS.get(source_type)
    if column is not None:
        return candles[:, column]
    blend = columns(source_type)
    total = candles[:, blend[0]] + candles[:, blend[1]]
    for column in blend[2:]:
        total = total + candles[:, column]
    mean: Series = total / len(blend)
    return mean


def columns(source_type: str) -> tuple[int, ...]:
    """Return the columns of which a source is the mean, added up in this order."""
    column = _COLUMNS.get(source_type)
    blend = _BLENDS.get(source_type) if column is None else (column,)
    if blend is None:
        raise _unknown(source_type)
    return blend


def _unknown(source_type: Any) -> IndicatorError:
    known = [*_COLUMNS, *_BLENDS]
    close = get_close_matches(str(source_type), known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return IndicatorError(f"source_type={source_type!r} is unknown{hint}; choose one of: {', '.join(known)}")
