"""What a candle store holds, month by month: gaps, minutes without trades, jumps, and files that are damaged."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import NamedTuple

from livermore.candles._base import Base
from livermore.candles._check import utc_text
from livermore.candles._columns import TIMESTAMP
from livermore.candles._month_file import read_as_it_is, read_month
from livermore.candles._quality import Quality
from livermore.candles._store import CandleStore
from livermore.errors import CandleError
from livermore.typing import Rows

__all__ = ["MarketReport", "MonthReport", "check_market"]

_COLUMNS = (
    "month",
    "rows",
    "first",
    "last",
    "gaps",
    "missing",
    "longest",
    "no volume",
    "flat",
    "filled",
    "jumps",
    "double",
)
# The columns that are words or times; the others are counts, to the right.
_LEFT = ("month", "first", "last")


class MonthReport(NamedTuple):
    """One month of a market.

    Attributes
    ----------
    month : str
        Such as ``"2024-01"``.
    quality : Quality or None
        What its candles are like; None if the file cannot be read at all. The gap and the jump to the last candle of
        the month before are counted here.
    problem : str
        What is wrong with the file; empty if nothing is.

    Examples
    --------
    >>> month = MonthReport("2024-01", None, "2024-01.parquet is damaged")
    >>> MarketReport("Sandbox", "BTC-USDT", [month]).problems
    ['2024-01.parquet is damaged']
    """

    month: str
    quality: Quality | None
    problem: str


class MarketReport(NamedTuple):
    """One market of a store, month by month; as text, a table.

    Attributes
    ----------
    exchange, symbol : str
        Which market.
    months : sequence of MonthReport
        In the order of time.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> months = [MonthReport("2021-01", Quality.of(synthetic_candles(30, seed=1)[[0, 1, 2, 10]]), "")]
    >>> report = MarketReport("Sandbox", "BTC-USDT", months)
    >>> report.total.gaps, report.total.missing_minutes, report.problems
    (1, 7, [])
    """

    exchange: str
    symbol: str
    months: Sequence[MonthReport]

    @property
    def total(self) -> Quality | None:
        """The counts of all months together; None if no file can be read."""
        known = [month.quality for month in self.months if month.quality is not None]
        return reduce(add, known) if known else None

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with files of this market."""
        return [month.problem for month in self.months if month.problem]

    def __str__(self) -> str:
        """Return a table with a line per month and one for all, and what is wrong."""
        lines = [_cells(month.month, month.quality) for month in self.months]
        if len(self.months) > 1:
            lines.append(_cells("all", self.total))
        return "\n".join([f"{self.exchange} {self.symbol} (times in UTC)", *_aligned(lines), *self._remarks()])

    def _remarks(self) -> Sequence[str]:
        total = self.total
        remarks = list(self.problems)
        if total is not None and total.filled:
            remarks.append(
                f"{total.filled:,} candles are flat, without volume and at the close before them: programs fill them "
                "in where nothing traded"
            )
        if total is not None and total.jumps:
            remarks.append(
                f"{total.jumps:,} candles open more than 10 % from the close before them, the furthest "
                f"{total.largest_jump:.0%}: splits, expiries, missing days or wrong prices"
            )
        return remarks


def check_market(store: CandleStore, exchange: str, symbol: str) -> MarketReport:
    """Look at all candles of a market; one month at a time is in memory.

    Parameters
    ----------
    store : CandleStore
        Where they are.
    exchange, symbol : str
        Which market.

    Raises
    ------
    CandlesNotFoundError
        If nothing is stored of this market.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> store = CandleStore(tempfile.mkdtemp())
    >>> _ = store.write(synthetic_candles(3000, seed=1)[[0, 1, 2, 10]], "Sandbox", "BTC-USDT")
    >>> print(check_market(store, "Sandbox", "BTC-USDT"))
    Sandbox BTC-USDT (times in UTC)
    month    rows  first             last              gaps  missing  longest  no volume  flat  filled  jumps  double
    2021-01     4  2021-01-01 00:00  2021-01-01 00:10     1        7        7          0     0       0      0       0
    """
    months = []
    last: Rows | None = None
    for path in store.months(exchange, symbol):
        rows, problem = _read(path, store.base)
        quality = None if rows is None else Quality.of(rows, last, store.base)
        last = last if rows is None else rows[-1].copy()
        months.append(MonthReport(path.stem, quality, problem))
    return MarketReport(exchange, symbol, months)


def _read(path: Path, base: Base) -> tuple[Rows | None, str]:
    """Return the rows of a month in the order of time, None if there are none, and what is wrong with them."""
    try:
        rows = read_month(path, base.timeframe)
    except CandleError as error:
        return read_as_it_is(path), str(error)
    return rows, _outside(path, rows[:, TIMESTAMP], base) if base.has_sessions else ""


def _outside(path: Path, times: Rows, base: Base) -> str:
    """Say which candles lie outside of the sessions."""
    outside = times[~base.are_openings(times)]
    if not len(outside):
        return ""
    return (
        f"{path} has {len(outside):,} candles outside of the sessions, the first at {utc_text(outside[0])}. Is the "
        "calendar that of this market?"
    )


def _cells(name: str, quality: Quality | None) -> Sequence[str]:
    if quality is None:
        return [name, *[""] * (len(_COLUMNS) - 1)]
    counts = (
        *(quality.gaps, quality.missing_minutes, quality.longest_gap_minutes),
        *(quality.zero_volume, quality.flat, quality.filled, quality.jumps, quality.duplicates),
    )
    times = (utc_text(time).removesuffix(" UTC") for time in (quality.first, quality.last))
    return [name, f"{quality.rows:,}", *times, *(f"{count:,}" for count in counts)]


def _aligned(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the lines of a table under the names of its columns."""
    table = [_COLUMNS, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(_padded, row, _COLUMNS, widths)).rstrip() for row in table]


def _padded(text: str, column: str, width: int) -> str:
    return text.ljust(width) if column in _LEFT else text.rjust(width)
