"""Checks that the labels share."""

import difflib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError


def check_bars(bars: int) -> None:
    """Refuse a horizon that is not a positive whole number."""
    if isinstance(bars, bool) or int(bars) != bars or bars < 1:
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


def check_rows(rows: npt.ArrayLike, n_candles: int) -> npt.NDArray[np.int64]:
    """Return starting rows as int64, all of them inside the candles."""
    starts = np.ascontiguousarray(rows, dtype=np.int64)
    outside = np.flatnonzero((starts < 0) | (starts >= n_candles))
    if outside.size:
        raise DatasetError(f"Row {starts[outside[0]]} does not exist: there are {n_candles} candles.")
    return starts
