"""What people look at before they trust candles: gaps, minutes without trades, jumps, faults."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._columns import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.typing import Rows

__all__ = ["JUMP", "Quality", "gaps_text"]

#: A candle that opens further than this fraction from the close before it is counted as a jump.
JUMP = 0.1


@dataclass(frozen=True)
class Quality:
    """Counts of what is unusual in candles of one market.

    Attributes
    ----------
    rows : int
        How many candles.
    first, last : int
        Opening times of the first and last one, UTC ms.
    gaps, missing_minutes, longest_gap_minutes : int
        How many times minutes are missing between two candles, how many in all, and the most at once.
    duplicates : int
        How many candles have the time of another one; a sound store has none.
    flat : int
        How many have one price only: open, high, low and close are the same.
    filled : int
        How many are flat, without volume and at the close before them, as programs fill in where nothing traded.
    zero_volume : int
        How many have no volume.
    jumps : int
        How many open more than 10 % from the close before them.
    largest_jump : float
        The largest distance of an open from the close before it, as a fraction of that close.

    Examples
    --------
    >>> rows = np.array([[0, 10, 11, 12, 9, 5], [60_000, 11, 11, 11, 11, 0], [240_000, 14, 14, 14, 14, 3]], dtype=float)
    >>> found = Quality.of(rows)
    >>> found.gaps, found.missing_minutes, found.flat, found.filled, found.zero_volume, found.jumps
    (1, 2, 2, 1, 1, 1)
    """

    rows: int
    first: int
    last: int
    gaps: int = 0
    missing_minutes: int = 0
    longest_gap_minutes: int = 0
    duplicates: int = 0
    flat: int = 0
    filled: int = 0
    zero_volume: int = 0
    jumps: int = 0
    largest_jump: float = 0.0

    @classmethod
    def of(cls, rows: Rows, before: Rows | None = None, base: Base = MINUTE_BASE) -> Self:
        """Count in rows of shape (n, 6), n >= 1, in the order of time.

        Parameters
        ----------
        rows : ndarray of shape (n, 6)
            UTC ms, open, close, high, low, volume.
        before : ndarray of shape (6,), optional
            The candle before them, such as the last one of the month before, for the gap and the jump to the first row.
        base : Base
            What the candles are; with a calendar, where trading pauses there is no gap.
        """
        times = rows[:, TIMESTAMP] if before is None else np.r_[before[TIMESTAMP], rows[:, TIMESTAMP]]
        steps = base.missing(times)
        missing = steps * (base.length // MINUTE_MS)
        closes = np.r_[np.nan if before is None else before[CLOSE], rows[:-1, CLOSE]]
        flat = (rows[:, HIGH] == rows[:, LOW]) & (rows[:, OPEN] == rows[:, CLOSE])
        silent = rows[:, VOLUME] == 0
        with np.errstate(divide="ignore", invalid="ignore"):
            jumps = np.abs(rows[:, OPEN] / closes - 1)
        jumps = jumps[np.isfinite(jumps)]
        return cls(
            rows=len(rows),
            first=int(rows[0, TIMESTAMP]),
            last=int(rows[-1, TIMESTAMP]),
            gaps=_count(missing > 0),
            missing_minutes=int(missing[missing > 0].sum()),
            longest_gap_minutes=int(missing.max(initial=0)),
            duplicates=_count(np.diff(times) == 0),
            flat=_count(flat),
            filled=_count(flat & silent & (rows[:, OPEN] == closes)),
            zero_volume=_count(silent),
            jumps=_count(jumps > JUMP),
            largest_jump=float(jumps.max(initial=0.0)),
        )

    def __add__(self, later: "Quality") -> "Quality":
        """Return the counts of these candles and of `later` ones together."""
        return Quality(
            rows=self.rows + later.rows,
            first=self.first,
            last=later.last,
            gaps=self.gaps + later.gaps,
            missing_minutes=self.missing_minutes + later.missing_minutes,
            longest_gap_minutes=max(self.longest_gap_minutes, later.longest_gap_minutes),
            duplicates=self.duplicates + later.duplicates,
            flat=self.flat + later.flat,
            filled=self.filled + later.filled,
            zero_volume=self.zero_volume + later.zero_volume,
            jumps=self.jumps + later.jumps,
            largest_jump=max(self.largest_jump, later.largest_jump),
        )


def gaps_text(gaps: int, missing_minutes: int, longest_gap_minutes: int) -> str:
    """Say how many minutes are missing."""
    return (
        f"{missing_minutes:,} minutes are missing in {gaps:,} gaps, the longest of {longest_gap_minutes:,} minutes; "
        "that is allowed"
    )


def _count(mask: Any) -> int:
    return int(np.count_nonzero(mask))
