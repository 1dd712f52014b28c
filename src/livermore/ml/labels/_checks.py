"""Checks that the labels share."""

import difflib
import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError, FrameError
from livermore.frames import candle_rows, is_frame
from livermore.typing import Floats, Integers, Rows


def check_bars(bars: Any) -> None:
    """Refuse a horizon that is not a positive whole number."""
    is_whole = isinstance(bars, Integral) or (isinstance(bars, float) and bars.is_integer())
    if isinstance(bars, bool) or not is_whole or bars < 1:
        raise DatasetError(f"bars must be a whole number of candles, at least 1; it is {bars}.")


def check_fee(fee: float) -> None:
    """Refuse a fee that is not a rate."""
    if not 0 <= fee < 1:
        raise DatasetError(f"fee must be a rate such as 0.001 for 0.1 %; it is {fee}.")


def check_choice(name: str, value: str | None, choices: Sequence[str | None]) -> None:
    """Refuse a word that is not among the choices, and guess the one that was meant."""
    if value in choices:
        return
    near = difflib.get_close_matches(str(value), [choice for choice in choices if choice], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise DatasetError(f"{name} must be one of {', '.join(map(repr, choices))}; it is {value!r}.{hint}")


def check_price(price: float) -> float:
    """Refuse a starting price that is no finite number."""
    number = float(price)
    if not math.isfinite(number):
        raise DatasetError(f"the starting price must be a finite number; it is {price}.")
    return number


def as_candles(candles: Any) -> Rows:
    """Return candles as a contiguous array of floats, shape (m, 6); refuse other shapes and missing prices."""
    if is_frame(candles):
        try:
            candles = candle_rows(candles)
        except FrameError as error:
            raise DatasetError(str(error)) from error
    # Looking at numpy.ma imports it (12 ms), which a plain array needs not.
    is_plain = type(candles) is np.ndarray
    if not is_plain and isinstance(candles, np.ma.MaskedArray) and np.ma.getmaskarray(candles).any():
        raise DatasetError("candles are masked in places. Leave these rows out.")
    array = np.asarray(candles)
    if array.ndim != 2 or array.shape[1] != 6 or array.dtype.kind not in "iuf":
        raise DatasetError(
            "candles must be rows of 6 numbers (timestamp, open, close, high, low, volume), not an array of shape "
            f"{array.shape} and type {array.dtype}."
        )
    rows = np.ascontiguousarray(array, dtype=np.float64)
    bad = ~np.isfinite(rows[:, :5])
    if bad.any():
        raise DatasetError(f"candle {int(bad.any(axis=1).argmax())} has a time or price that is no finite number.")
    return rows


def as_rows(rows: npt.ArrayLike, n_candles: int) -> Integers:
    """Return starting rows as int64, all of them inside the candles.

    Parameters
    ----------
    rows : array-like of shape (n,), or of bool and shape (n_candles,)
        Numbers of rows, or which rows are chosen.
    n_candles : int
        How many candles there are.
    """
    given = np.asarray(rows)
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
    array = np.asarray(values, dtype=np.float64)
    if array.ndim and array.shape != (n,):
        raise DatasetError(f"{name} must be one number, or one for each of the {n} rows; its shape is {array.shape}.")
    return np.broadcast_to(array, (n,))
