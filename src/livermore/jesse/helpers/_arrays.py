"""Arrays of candles and values: windows, sources, shifts, gaps."""

from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.indicators import source
from livermore.market.indicator_window import indicator_window
from livermore.typing import Rows

__all__ = ["get_candle_source", "np_ffill", "np_shift", "same_length", "slice_candles"]

Array = npt.NDArray[Any]


def slice_candles(candles: Rows, sequential: bool) -> Rows:
    """Return the candles that an indicator is to look at.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles.
    sequential : bool
        All of them; otherwise the last `warm_up_candles` of the config (240 outside of a backtest, 0 means all).

    Examples
    --------
    >>> slice_candles(np.zeros((300, 6)), sequential=False).shape
    (240, 6)
    """
    window = indicator_window.get()
    return candles if sequential or not 0 < window < len(candles) else candles[-window:]


def get_candle_source(candles: Rows, source_type: str = "close") -> Rows:
    """Return a series of prices: a column, or the mean of several.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles.
    source_type : {"close", "open", "high", "low", "volume", "hl2", "hlc3", "ohlc4"}
        Which one.

    Raises
    ------
    IndicatorError
        If there is no such source.

    Examples
    --------
    >>> get_candle_source(np.array([[0.0, 10, 12, 14, 8, 5]]), "hl2")
    array([11.])
    """
    return source(candles, source_type)


def np_shift(arr: Array, num: int, fill_value: Any = 0) -> Array:
    """Move values to later rows (`num` above 0) or earlier ones, and fill what becomes free.

    Examples
    --------
    >>> np_shift(np.array([1.0, 2.0, 3.0]), 1, np.nan), np_shift(np.array([1, 2, 3]), -2)
    (array([nan,  1.,  2.]), array([3, 0, 0]))
    """
    shifted = np.full_like(arr, fill_value)
    if num > 0:
        shifted[num:] = arr[:-num]
    elif num < 0:
        shifted[:num] = arr[-num:]
    else:
        shifted[:] = arr
    return shifted


def np_ffill(arr: Array, axis: int = 0) -> Array:
    """Replace each NaN by the last value before it along an axis; those at the beginning stay.

    Examples
    --------
    >>> np_ffill(np.array([np.nan, 1.0, np.nan, 2.0]))
    array([nan,  1.,  1.,  2.])
    """
    values = np.moveaxis(arr, axis, 0)
    position = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    last_seen = np.maximum.accumulate(np.where(np.isnan(values), 0, position), axis=0)
    return np.moveaxis(np.take_along_axis(values, last_seen, axis=0), 0, axis)


def same_length(bigger: Array, shorter: Array) -> Array:
    """Pad the shorter array in front with NaN, to the length of the bigger one.

    Raises
    ------
    ValueError
        If it is longer.

    Examples
    --------
    >>> same_length(np.zeros(4), np.array([1.0, 2.0]))
    array([nan, nan,  1.,  2.])
    """
    missing = len(bigger) - len(shorter)
    if missing < 0:
        raise ValueError(f"the second array ({len(shorter)} values) is longer than the first ({len(bigger)})")
    return np.concatenate([np.full(missing, np.nan), shorter])
