"""Larger candles out of smaller ones, aligned to the UTC clock or to sessions."""

import numpy as np
import numpy.typing as npt

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._columns import CLOSE, HIGH, LOW, OPEN, TIMESTAMP, VOLUME
from livermore.errors import CandleError
from livermore.frames import candle_rows, is_frame
from livermore.typing import Rows


def resample(
    candles: Rows,
    timeframe: str,
    *,
    until: int | None = None,
    keep_incomplete: bool = False,
    base: Base | str = MINUTE_BASE,
) -> Rows:
    """Aggregate candles to a timeframe.

    A candle opens at a whole multiple of its length since 1970-01-01 UTC and is made of the rows that its time holds,
    however many there are: gaps are not filled, and a time without any row has no candle. The first candle may lack its
    first minutes.

    Parameters
    ----------
    candles : ndarray of shape (n, 6), or a frame of pandas, Polars or Arrow
        Candles of the base in ascending order (see `check_candles`); may be empty.
    timeframe : str
        One of `TIMEFRAMES`.
    until : int, optional
        UTC ms up to which everything that happened is in `candles`. A candle that closes later is not complete. By
        default the close of the last row; give it where the last minutes may be missing.
    keep_incomplete : bool
        Return the last candle although it is not complete yet.
    base : Base or str
        What the candles are, one-minute candles by default. With a calendar, candles align to its sessions.

    Returns
    -------
    ndarray of shape (m, 6)
        First open, last close, highest high, lowest low, and the volumes summed as numpy sums a slice of the column,
        bit for bit. A new array, also for ``1m``.

    Raises
    ------
    TimeframeError
        If there is no such timeframe, or it is no whole multiple of the base.
    CandleError
        If the candles are of another shape, or not in ascending order.

    Examples
    --------
    >>> import numpy as np
    >>> minutes = np.array([[60_000 * i, i, i + 1, i + 1, i, 2] for i in range(3, 12)], dtype=float)
    >>> resample(minutes, "5m")
    array([[0.e+00, 3.e+00, 5.e+00, 5.e+00, 3.e+00, 4.e+00],
           [3.e+05, 5.e+00, 1.e+01, 1.e+01, 5.e+00, 1.e+01]])
    """
    base = Base.of(base)
    bars = base.bars(timeframe)
    if is_frame(candles):
        candles = candle_rows(candles)
    if len(candles) == 0:
        return np.empty((0, 6))
    candles = np.asarray(candles)
    if candles.ndim != 2 or candles.shape[1] != 6:
        raise CandleError(f"candles must be rows of 6 columns, not an array of shape {candles.shape}.")
    times = candles[:, TIMESTAMP]
    if not (times[1:] > times[:-1]).all():
        row = int((~(times[1:] > times[:-1])).argmax()) + 1
        raise CandleError(f"row {row}: the time is not after that of the row above it. Sort the candles by time.")
    opens_at = bars.openings(times)
    first = first_rows(opens_at)
    known_until = base.end(times[-1]) if until is None else until
    if not keep_incomplete:
        complete = int(np.searchsorted(bars.ends(times[first]), known_until, side="right"))
        candles = candles[: first[complete] if complete < len(first) else len(candles)]
        first = first[:complete]
    return aggregate(candles, first, opens_at[first])


def combine(rows: Rows, timestamp: float) -> Rows:
    """Aggregate rows of shape (n, 6), n >= 1, to one candle of shape (6,) that opens at `timestamp` (UTC ms).

    Examples
    --------
    >>> import numpy as np
    >>> combine(np.array([[60_000, 5, 6, 7, 4, 1.0], [120_000, 6, 3, 6, 2, 2.0]]), 0).tolist()
    [0.0, 5.0, 3.0, 7.0, 2.0, 3.0]
    """
    return np.array(
        [timestamp, rows[0, OPEN], rows[-1, CLOSE], rows[:, HIGH].max(), rows[:, LOW].min(), rows[:, VOLUME].sum()]
    )


def first_rows(values: npt.NDArray[np.generic]) -> npt.NDArray[np.intp]:
    """Return where each run of equal values begins, in an array of shape (n,), n >= 1."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])


def aggregate(candles: Rows, first: npt.NDArray[np.intp], opens_at: Rows) -> Rows:
    """Return the candles from each of the rows `first` up to the next, aggregated; `opens_at` are their times."""
    if len(first) == 0:
        return np.empty((0, 6))
    bars = candles[first]
    counts = np.diff(np.r_[first, len(candles)])
    bars[:, TIMESTAMP] = opens_at
    if len(first) == len(candles):
        return bars
    bars[:, CLOSE] = candles[first + counts - 1, CLOSE]
    bars[:, HIGH] = np.maximum.reduceat(candles[:, HIGH], first)
    bars[:, LOW] = np.minimum.reduceat(candles[:, LOW], first)
    bars[:, VOLUME] = _sums(candles[:, VOLUME], first, counts)
    return bars


def _sums(volume: Rows, first: npt.NDArray[np.intp], counts: Rows) -> Rows:
    """Sum each bucket in the order of numpy's `.sum()` of a slice.

    That order is pairwise, in eight running sums, from the eighth row on, and the last bits depend on it. Measured: so
    does Jesse sum, while `np.add.reduceat` sums in another order. A row of a matrix is summed like a slice, therefore
    the buckets are summed together with those of the same number of rows.
    """
    totals = np.empty(len(first))
    for count in np.unique(counts):
        same = np.flatnonzero(counts == count)
        totals[same] = volume[first[same, None] + np.arange(count)].sum(axis=1)
    return totals


__all__ = ["aggregate", "combine", "first_rows", "resample"]
