# cython: annotation_typing=False
"""The first barrier that price touches after each of many rows, compiled: each row may look at thousands of candles."""

import cython

from livermore.errors import warn_uncompiled
from livermore.typing import Floats, Integers, Rows

if not cython.compiled:
    warn_uncompiled()


def touch_on_path(open_: float, close: float, high: float, low: float, upper: float, lower: float) -> int:
    """Return +1 or -1 for the barrier that this candle's path meets first, 0 for none.

    The path is the engine's: a candle that closes at or above its open goes open, low, high, close; a falling one open,
    high, low, close. A candle that opens beyond a barrier has touched it before its path begins.
    """
    if open_ >= upper:
        return 1
    if open_ <= lower:
        return -1
    if close >= open_:
        # The low comes before the high, so a candle that holds both barriers has met the lower one.
        if low <= lower:
            return -1
        return 1 if high >= upper else 0
    if high >= upper:
        return 1
    return -1 if low <= lower else 0


def touch_on_close(close: float, upper: float, lower: float) -> int:
    """Return +1 or -1 if the close stands at or beyond a barrier, 0 otherwise."""
    if close >= upper:
        return 1
    return -1 if close <= lower else 0


def touch_price(open_: float, barrier: float, direction: int) -> float:
    """Return the price of a touch on the path: the barrier's, or the open where the candle opens beyond it."""
    if direction > 0:
        return open_ if open_ >= barrier else barrier
    return open_ if open_ <= barrier else barrier


def first_touches(
    candles: Rows,
    rows: Integers,
    upper: Floats,
    lower: Floats,
    bars: int,
    on_path: bool,
    touched: Integers,
    known_row: Integers,
    exit_price: Floats,
) -> None:
    """Find the first touch after each row.

    Parameters
    ----------
    candles : ndarray of shape (m, 6), float64, C-contiguous
        UTC ms, open, close, high, low, volume.
    rows : ndarray of shape (n,), int64
        Where each sample starts, all inside the candles.
    upper, lower : ndarray of shape (n,)
        Price levels of the barriers.
    bars : int
        How many candles after the row are watched; at most m, so that the sum with a row cannot overflow.
    on_path : bool
        Whether the path of each candle touches, or its close alone.
    touched, known_row, exit_price : ndarray of shape (n,)
        Written: the barrier (+1, -1, 0 for time), the row that decided (-1 where the candles end first) and the price
        there (left as it is where the candles end first).
    """
    n_candles = len(candles)
    with cython.nogil:
        for i in range(rows.shape[0]):
            touched[i] = 0
            known_row[i] = -1
            last = rows[i] + bars
            # The sample's own candle is over when the sample is taken: only later ones count.
            row = rows[i] + 1
            while row <= last and row < n_candles:
                if on_path:
                    direction = touch_on_path(
                        candles[row, 1], candles[row, 2], candles[row, 3], candles[row, 4], upper[i], lower[i]
                    )
                else:
                    direction = touch_on_close(candles[row, 2], upper[i], lower[i])
                if direction != 0 or row == last:
                    touched[i] = direction
                    known_row[i] = row
                    if direction == 0 or not on_path:
                        exit_price[i] = candles[row, 2]
                    else:
                        exit_price[i] = touch_price(candles[row, 1], upper[i] if direction > 0 else lower[i], direction)
                    break
                row += 1
