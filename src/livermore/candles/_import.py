"""What an import of candles into a store found: a summary for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import utc_text as utc
from livermore.candles._quality import Quality, gaps_text
from livermore.candles._store import CandleStore
from livermore.candles.sources import CandleRead

__all__ = ["CandleImport", "summarise_import"]


@dataclass(frozen=True)
class CandleImport:
    """Summary of an import.

    Attributes
    ----------
    exchange, symbol : str
        The market.
    rows : int
        Number of candles in the file.
    new_rows : int
        How many of them were not stored before, or stored with other values.
    first, last : int
        Opening times of the first and last candle, UTC ms.
    gaps : int
        How many times minutes are missing between two candles.
    missing_minutes : int
        How many minutes are missing.
    longest_gap_minutes : int
        Length of the longest gap.
    has_volume : bool
        Whether any candle has a volume.
    duplicates : int
        How many rows of the file were left out because another has the same time.
    dropped : int
        How many rows of the file were left out because they have no prices.
    zero_volume : float
        The fraction of candles without volume.
    flat : int
        How many candles have one price only.
    jumps : int
        How many candles open more than 10 % from the close before them.
    largest_jump : float
        The largest distance of an open from the close before it, as a fraction.
    notes : sequence of str
        What was detected or converted when the file was read, a sentence each.
    base : Base
        What the candles are.
    gaps_beside : sequence of (int, int)
        Gaps between these candles and stored ones before or after them: the opening times around each, UTC ms.

    Examples
    --------
    >>> start = 1_704_067_200_000
    >>> print(CandleImport("Sandbox", "BTC-USDT", 1430, 1430, start, start + 1439 * 60_000, 1, 10, 10, True))
    Sandbox BTC-USDT: 1,430 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 23:59 UTC (1,430 of them new)
    10 minutes are missing in 1 gaps, the longest of 10 minutes; that is allowed
    """

    exchange: str
    symbol: str
    rows: int
    new_rows: int
    first: int
    last: int
    gaps: int
    missing_minutes: int
    longest_gap_minutes: int
    has_volume: bool
    duplicates: int = 0
    dropped: int = 0
    zero_volume: float = 0.0
    flat: int = 0
    jumps: int = 0
    largest_jump: float = 0.0
    notes: Sequence[str] = ()
    base: Base = MINUTE_BASE
    gaps_beside: Sequence[tuple[int, int]] = ()

    def __str__(self) -> str:
        """Return the summary in a few lines."""
        lines = [
            f"{self.exchange} {self.symbol}: {self.rows:,} {self.base}, {utc(self.first)} to {utc(self.last)}"
            f" ({self.new_rows:,} of them new)",
            *(f"  {note}" for note in self.notes),
        ]
        if self.gaps:
            lines.append(gaps_text(self.gaps, self.missing_minutes, self.longest_gap_minutes))
        lines += [
            f"nothing is stored between {utc(before)} and {utc(after)}: there is a gap beside these candles"
            for before, after in self.gaps_beside
        ]
        if self.duplicates:
            lines.append(f"{self.duplicates:,} rows had the time of another and were left out")
        if not self.has_volume:
            lines.append("there are no volumes; indicators that need them see zeros")
        elif self.zero_volume:
            lines.append(
                f"{self.zero_volume:.1%} of the candles have no volume; {self.flat:,} candles have one price only"
            )
        if self.jumps:
            lines.append(
                f"{self.jumps:,} candles open more than 10 % from the close before them, the farthest "
                f"{self.largest_jump:.1%}"
            )
        return "\n".join(lines)


def summarise_import(read: CandleRead, exchange: str, symbol: str, new_rows: int, store: CandleStore) -> CandleImport:
    """Describe candles that were read and stored, `new_rows` of which were new to the store."""
    base = store.base
    found = Quality.of(read.candles, base=base)
    return CandleImport(
        exchange=exchange,
        symbol=symbol,
        rows=found.rows,
        new_rows=new_rows,
        first=found.first,
        last=found.last,
        gaps=found.gaps,
        missing_minutes=found.missing_minutes,
        longest_gap_minutes=found.longest_gap_minutes,
        has_volume=found.zero_volume < found.rows,
        duplicates=read.duplicates,
        dropped=read.dropped,
        zero_volume=found.zero_volume / found.rows,
        flat=found.flat,
        jumps=found.jumps,
        largest_jump=found.largest_jump,
        notes=tuple(read.notes),
        base=base,
        gaps_beside=tuple(store.gaps_beside(exchange, symbol, found.first, found.last)),
    )
