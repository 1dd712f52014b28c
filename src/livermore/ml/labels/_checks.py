"""Checks that the labels share."""

import difflib
import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError, FrameError
from livermore.formatting import shown
from livermore.frames import candle_rows, is_frame
from livermore.typing import Floats, Integers, Rows


def check_bars(bars: Any) -> None:
    """Refuse a horizon that is not a positive whole number."""
    is_whole = isinstance(bars, Integral) or (isinstance(bars, float) and bars.is_integer())
    if isinstance(bars, bool) or not is_whole or bars < 1:
        raise DatasetError(f"bars must be a whole number of candles, at least 1; it is {shown(bars)}.")


def check_fee(fee: float) -> None:
    """Refuse a fee that is not a rate."""
    if not is_number(fee) or not 0 <= fee < 1:
        raise DatasetError(f"fee must be a rate such as 0.001 for 0.1 %; it is {shown(fee)}.")


def check_atr(atr: Any) -> None:
    """Refuse an average true range of a label that is no number."""
    if atr is not None and not is_number(atr):
        raise DatasetError(f"atr must be one number, the average true range; it is {shown(atr)}.")


def is_number(value: Any) -> bool:
    """Whether a value is a real number that a float can hold; truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def check_choice(name: str, value: Any, choices: Sequence[str | None]) -> None:
    """Refuse a word that is not among the choices, and guess the one that was meant."""
    if (value is None or isinstance(value, str)) and value in choices:
        return
    near = difflib.get_close_matches(str(value), [choice for choice in choices if choice], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise DatasetError(f"{name} must be one of {', '.join(map(repr, choices))}; it is {value!r}.{hint}")


def check_price(price: float) -> float:
    """Refuse a starting price that is no finite number."""
    if not is_number(price) or not math.isfinite(price):
        raise DatasetError(f"the starting price must be a finite number; it is {shown(price)}.")
    return float(price)


def as_candles(candles: Any) -> Rows:
    """Return candles as a contiguous array of floats, shape (m, 6).

    Other shapes, missing prices and candles that are not in order of time are refused.
    """
    if is_frame(candles):
        try:
            candles = candle_rows(candles)
        except FrameError as error:
            raise DatasetError(str(error)) from error
    array = _as_array(candles, "candles")
    if array.ndim != 2 or array.shape[1] != 6 or array.dtype.kind not in "iuf":
        raise DatasetError(
            "candles must be rows of 6 numbers (timestamp, open, close, high, low, volume), not an array of shape "
            f"{array.shape} and type {array.dtype}."
        )
    rows = np.ascontiguousarray(array, dtype=np.float64)
    bad = ~np.isfinite(rows[:, :5])
    if bad.any():
        raise DatasetError(f"candle {int(bad.any(axis=1).argmax())} has a time or price that is no finite number.")
    not_later = rows[1:, 0] <= rows[:-1, 0]
    if not_later.any():
        raise DatasetError(
            f"candle {int(not_later.argmax()) + 1} is not later than the one before it. A label looks at the candles "
            "after its sample: sort them by time, and leave out those that stand twice."
        )
    return rows


def known_times(candles: Rows, deciding: Integers) -> Integers:
    """Return when labels became known: the end of the candle that decided each.

    Parameters
    ----------
    candles : ndarray of shape (m, 6)
        Timestamp of the opening in UTC milliseconds first.
    deciding : ndarray of shape (n,)
        Row of the candle that decided; -1 where the label is open.

    Returns
    -------
    ndarray of shape (n,), int64
        UTC seconds; 0 where the label is open.
    """
    ends = _candle_ends(candles[:, 0])
    return np.where(deciding >= 0, np.ceil(ends[deciding] / 1000), 0).astype(np.int64)


def _candle_ends(opened: Floats) -> Floats:
    """Return when candles end, in the unit of their opening times.

    Candles of one length may have gaps between them. Others, such as those of a number of trades, end when the next one
    opens, and the last after the longest time between two.
    """
    if opened.size < 2:
        return opened
    steps = np.diff(opened)
    length = steps.min()
    if 2 * np.count_nonzero(steps == length) >= steps.size:
        return np.asarray(opened + length)
    return np.append(opened[1:], opened[-1] + steps.max())


def as_rows(rows: npt.ArrayLike, n_candles: int) -> Integers:
    """Return starting rows as int64, all of them inside the candles.

    Parameters
    ----------
    rows : array-like of shape (n,), or of bool and shape (n_candles,)
        Numbers of rows, or which rows are chosen.
    n_candles : int
        How many candles there are.
    """
    given = _as_array(rows, "rows")
    if given.ndim != 1:
        raise DatasetError(f"rows must be one-dimensional; their shape is {given.shape}.")
    if given.dtype == np.bool_:
        if len(given) != n_candles:
            raise DatasetError(
                f"a mask of rows needs an entry for each of the {n_candles} candles; it has {len(given)}."
            )
        return np.flatnonzero(given).astype(np.int64)
    if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.floor(given))).all():
        raise DatasetError("rows must be whole numbers.")
    if given.dtype.kind not in "iuf":
        raise DatasetError(f"rows must be whole numbers or a mask of bools, not {given.dtype}.")
    outside = np.flatnonzero((given < 0) | (given >= n_candles))
    if outside.size:
        raise DatasetError(f"Row {given[outside[0]]:.0f} does not exist: there are {n_candles} candles.")
    return np.ascontiguousarray(given, dtype=np.int64)


def as_column(values: npt.ArrayLike, n: int, name: str) -> Floats:
    """Return one number, or one for each of n samples, as an array of shape (n,)."""
    # Before the conversion: DatasetError is a ValueError, and would be replaced.
    plain = _unmasked(values, name)
    try:
        array = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DatasetError(f"{name} must hold numbers, not {shown(values)}.") from None
    if array.ndim and array.shape != (n,):
        raise DatasetError(f"{name} must be one number, or one for each of the {n} rows; its shape is {array.shape}.")
    return np.broadcast_to(array, (n,))


def _unmasked(values: Any, name: str) -> Any:
    """Refuse an array that is masked in places: converted, it would show what the mask hides."""
    # Looking at numpy.ma imports it (12 ms), which a plain array needs not.
    is_plain = type(values) is np.ndarray or not isinstance(values, np.ndarray)
    if not is_plain and isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise DatasetError(f"{name} are masked in places. Leave these rows out.")
    return values


def _as_array(values: Any, name: str) -> npt.NDArray[Any]:
    """Return values as an array, whatever its type; refuse masks and lists of unequal lengths."""
    plain = _unmasked(values, name)
    try:
        return np.asarray(plain)
    except ValueError:
        raise DatasetError(f"{name} must be an array of numbers, not {shown(values)}.") from None
