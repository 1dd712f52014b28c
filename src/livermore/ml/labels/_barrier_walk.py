# cython: language_level=3
"""The walk along candles to the first barrier that price touches."""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()


@cython.ccall
@cython.nogil
@cython.exceptval(check=False)
def touch_on_path(
    open_: cython.double,
    close: cython.double,
    high: cython.double,
    low: cython.double,
    upper: cython.double,
    lower: cython.double,
) -> cython.int:
    """Return +1 or -1 for the barrier that this candle's path meets first, 0 for none.

    The path is the engine's: a candle that closes at or above its open goes open, low, high, close; a falling one open,
    high, low, close. A candle that opens beyond a barrier has touched it before its path begins.
    """
    if open_ >= upper:
        return 1
    if open_ <= lower:
        return -1
    if close >= open_:
        if low <= lower:
            return -1
        return 1 if high >= upper else 0
    if high >= upper:
        return 1
    return -1 if low <= lower else 0


@cython.ccall
@cython.nogil
@cython.exceptval(check=False)
def touch_on_close(close: cython.double, upper: cython.double, lower: cython.double) -> cython.int:
    """Return +1 or -1 if the close stands at or beyond a barrier, 0 otherwise."""
    if close >= upper:
        return 1
    return -1 if close <= lower else 0


@cython.ccall
@cython.nogil
@cython.exceptval(check=False)
def touch_price(open_: cython.double, barrier: cython.double, side: cython.int) -> cython.double:
    """Return the price of a touch on the path: the barrier's, or the open where the candle opens beyond it."""
    if side > 0:
        return open_ if open_ >= barrier else barrier
    return open_ if open_ <= barrier else barrier


@cython.ccall
def first_touches(
    candles: cython.double[:, ::1],
    rows: cython.longlong[::1],
    upper: cython.double[::1],
    lower: cython.double[::1],
    bars: cython.longlong,
    on_path: cython.bint,
    touched: cython.longlong[::1],
    known_row: cython.longlong[::1],
    exit_price: cython.double[::1],
) -> None:
    """Fill the barrier touched (+1, -1, 0 for time), the row that decided it (-1 while open) and the price there."""
    i: cython.Py_ssize_t
    row: cython.longlong
    last: cython.longlong
    side: cython.int
    n_rows: cython.longlong = candles.shape[0]
    with cython.nogil:
        for i in range(rows.shape[0]):
            touched[i] = 0
            known_row[i] = -1
            last = rows[i] + bars
            row = rows[i] + 1
            while row <= last and row < n_rows:
                if on_path:
                    side = touch_on_path(
                        candles[row, 1], candles[row, 2], candles[row, 3], candles[row, 4], upper[i], lower[i]
                    )
                else:
                    side = touch_on_close(candles[row, 2], upper[i], lower[i])
                if side != 0 or row == last:
                    touched[i] = side
                    known_row[i] = row
                    if side == 0 or not on_path:
                        exit_price[i] = candles[row, 2]
                    else:
                        exit_price[i] = touch_price(candles[row, 1], upper[i] if side > 0 else lower[i], side)
                    break
                row += 1
