"""What an import of candles into a store found: a summary for people."""

from dataclasses import dataclass

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import utc_text as utc
from livermore.candles._columns import MINUTE_MS, TIMESTAMP, VOLUME
from livermore.typing import Rows

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
    base : Base
        What the candles are.
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
    base: Base = MINUTE_BASE

    def __str__(self) -> str:
        """Return the summary in one to three lines."""
        lines = [
            f"{self.exchange} {self.symbol}: {self.rows:,} {self.base}, {utc(self.first)} to {utc(self.last)}"
            f" ({self.new_rows:,} of them new)"
        ]
        if self.gaps:
            lines.append(
                f"{self.missing_minutes:,} minutes are missing in {self.gaps:,} gaps, the longest of "
                f"{self.longest_gap_minutes:,} minutes; that is allowed"
            )
        if not self.has_volume:
            lines.append("there are no volumes; indicators that need them see zeros")
        return "\n".join(lines)


def summarise_import(
    candles: Rows, exchange: str, symbol: str, new_rows: int, base: Base = MINUTE_BASE
) -> CandleImport:
    """Count the gaps of imported candles, `new_rows` of which were new to the store."""
    missing = base.missing(candles[:, TIMESTAMP]) * (base.length // MINUTE_MS)
    return CandleImport(
        exchange=exchange,
        symbol=symbol,
        rows=len(candles),
        new_rows=new_rows,
        first=int(candles[0, TIMESTAMP]),
        last=int(candles[-1, TIMESTAMP]),
        gaps=int((missing > 0).sum()),
        missing_minutes=int(missing.sum()),
        longest_gap_minutes=int(missing.max(initial=0)),
        has_volume=bool(candles[:, VOLUME].any()),
        base=base,
    )
