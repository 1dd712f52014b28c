"""The minutes of a journal, in blocks that are run at once: a month is read piece by piece, never as a whole."""

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from livermore.candles import utc_text
from livermore.errors import JournalError
from livermore.live._events import Event
from livermore.live._feeds import Minute
from livermore.typing import Floats, Integers, Rows

__all__ = ["JournalBlock", "JournalMinute", "packed_minute", "read_blocks"]

#: A block is not longer; a day.
LONGEST = 1440
#: Rows of SQLite that are fetched at once.
AT_ONCE = 10_000

#: An event as the journal has it: its minute, then what `Event` has.
RecordedEvent: TypeAlias = tuple[int, int, str, str, str]


class JournalMinute(NamedTuple):
    """One minute as the journal has it.

    Attributes
    ----------
    minute : Minute
        The candles.
    entries_allowed : bool
        Whether strategies were asked for entries.
    events : list of Event
        What happened in it, commands after it included.
    commands : list of str
        The commands that were given after it.
    """

    minute: Minute
    entries_allowed: bool
    events: list[Event]
    commands: list[str]


class JournalBlock(NamedTuple):
    """Minutes one after another, in all of which strategies were asked for entries, or in none.

    Attributes
    ----------
    times : ndarray of shape (n,), int64
        When they opened, UTC ms.
    symbols : tuple of str
        The k symbols.
    table : ndarray of shape (n, k, 5)
        Open, close, high, low, volume; NaN where a symbol has no candle.
    entries_allowed : bool
        Whether strategies were asked for entries.
    equities : ndarray of shape (n,)
        The equity at the end of each minute.
    recorded : list of tuple
        The events, each after its minute.
    commands : list of str
        The commands of the minute; a minute with commands is a block of its own.
    """

    times: Integers
    symbols: tuple[str, ...]
    table: Floats
    entries_allowed: bool
    equities: Floats
    recorded: list[RecordedEvent]
    commands: list[str]

    @property
    def last(self) -> int:
        """When its last minute opened, UTC ms."""
        return int(self.times[-1])

    @property
    def events(self) -> list[Event]:
        """The events, in their order."""
        return [Event(*row[1:]) for row in self.recorded]

    def rows(self) -> dict[str, Rows]:
        """Return the candles of each symbol that has any, as arrays of shape (m, 6)."""
        found = {}
        for column, symbol in enumerate(self.symbols):
            prices = self.table[:, column]
            there = ~np.isnan(prices[:, 0])
            if there.any():
                found[symbol] = np.column_stack([self.times[there], prices[there]])
        return found

    def minutes(self) -> Iterator[JournalMinute]:
        """Yield its minutes one by one."""
        taken = 0
        for index, time in enumerate(self.times.tolist()):
            stop = bisect_right(self.recorded, time, lo=taken, key=_minute_of)
            events = [Event(*row[1:]) for row in self.recorded[taken:stop]]
            taken = stop
            yield JournalMinute(Minute(time, self._rows_at(index)), self.entries_allowed, events, self.commands)

    def _rows_at(self, index: int) -> dict[str, Rows]:
        time, prices = float(self.times[index]), self.table[index]
        return {
            symbol: np.array([time, *prices[column]])
            for column, symbol in enumerate(self.symbols)
            if prices[column, 0] == prices[column, 0]
        }


def packed_minute(minute: Minute, symbols: Sequence[str]) -> bytes:
    """Return the candles of a minute as a journal stores them: five float64 of each symbol, NaN for no candle."""
    table = np.full((len(symbols), 5), np.nan, dtype="<f8")
    for column, symbol in enumerate(symbols):
        row = minute.rows.get(symbol)
        if row is not None:
            table[column] = row[1:]
    return table.tobytes()


def read_blocks(
    connection: sqlite3.Connection, symbols: tuple[str, ...], ends: Collection[int] = ()
) -> Iterator[JournalBlock]:
    """Yield all minutes of a journal.

    Parameters
    ----------
    connection : Connection
        Nothing else uses it meanwhile.
    symbols : tuple of str
        As for `packed_minute`.
    ends : collection of int
        Opening times of minutes with which a block ends.
    """
    # All three queries see the journal as it is now, whatever is written to it meanwhile.
    connection.execute("BEGIN")
    try:
        events = _Ahead(connection.execute("SELECT minute, time, kind, route, data FROM events ORDER BY number"))
        commands = _Ahead(connection.execute("SELECT minute, command FROM commands ORDER BY number"))
        minutes = connection.execute("SELECT time, entries_allowed, equity, rows FROM minutes ORDER BY time")
        while piece := minutes.fetchmany(LONGEST):
            yield from _split(piece, symbols, events, commands, ends)
    finally:
        connection.execute("COMMIT")


class _Ahead:
    """The rows of a query whose first column ascends, taken up to a value of it."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._rows: list[tuple[Any, ...]] = []

    def take(self, last: int) -> list[tuple[Any, ...]]:
        """Return the next rows whose first column is not more than `last`."""
        taken: list[tuple[Any, ...]] = []
        while True:
            stop = bisect_right(self._rows, last, key=_minute_of)
            taken += self._rows[:stop]
            self._rows = self._rows[stop:]
            if self._rows:
                return taken
            self._rows = self._cursor.fetchmany(AT_ONCE)
            if not self._rows:
                return taken


def _split(
    piece: Sequence[tuple[int, int, float, bytes]],
    symbols: tuple[str, ...],
    events: _Ahead,
    commands: _Ahead,
    ends: Collection[int],
) -> Iterator[JournalBlock]:
    """Yield the blocks of some minutes."""
    times = np.array([row[0] for row in piece], dtype=np.int64)
    allowed = [bool(row[1]) for row in piece]
    equities = np.array([row[2] for row in piece], dtype=np.float64)
    size = 40 * len(symbols)
    for time, _, _, rows in piece:
        if len(rows) != size:
            raise JournalError(
                f"the journal is damaged: the candles of {utc_text(time)} are {len(rows)} bytes, not {size}; take it "
                "from a backup"
            )
    table = np.frombuffer(b"".join(row[3] for row in piece), "<f8").astype(np.float64)
    table = table.reshape(len(piece), len(symbols), 5)
    said: dict[int, list[str]] = {}
    for minute, command in commands.take(int(times[-1])):
        said.setdefault(minute, []).append(str(command))
    for first, stop in _parts(times.tolist(), allowed, said, ends):
        recorded = events.take(int(times[stop - 1]))
        yield JournalBlock(
            times[first:stop],
            symbols,
            table[first:stop],
            allowed[first],
            equities[first:stop],
            recorded,
            said.get(int(times[stop - 1]), []),
        )


def _parts(
    times: Sequence[int], allowed: Sequence[bool], said: Mapping[int, object], ends: Collection[int]
) -> Iterator[tuple[int, int]]:
    """Yield where blocks begin and end: where entries become allowed or forbidden, around commands, and where asked."""
    first = 0
    for index in range(1, len(times)):
        before, time = times[index - 1], times[index]
        if allowed[index] != allowed[index - 1] or before in said or time in said or before in ends:
            yield first, index
            first = index
    yield first, len(times)


def _minute_of(row: tuple[Any, ...]) -> int:
    minute: int = row[0]
    return minute
