"""The journal of a live session: an SQLite file to which is only added. ``docs/live.md`` describes its tables."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from livermore.errors import JournalError, LiveError
from livermore.live._append_only import AppendOnlyFile
from livermore.live._events import Event
from livermore.live._feeds import Minute
from livermore.live._journal_blocks import JournalBlock, JournalMinute, packed_minute, read_blocks
from livermore.live._kill_switch import CANCEL_ENTRIES
from livermore.typing import Rows

__all__ = ["JOURNAL", "Journal", "JournalBlock", "JournalMinute", "open_journal"]

#: The journal in the folder of a session.
JOURNAL = "journal.sqlite"

#: Rows that are written before they are moved to the file, and pages of the log after which SQLite does it itself.
REST_AFTER, LONGEST_LOG = 2_000, 20_000
#: Since version 2 the candles of a minute are packed into one value.
VERSION = 2
#: Rows are never changed or removed: SQLite itself refuses it.
TABLES = {
    "meta": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    "warm_up": "exchange TEXT NOT NULL, symbol TEXT PRIMARY KEY, rows BLOB NOT NULL",
    "minutes": (
        "time INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, entries_allowed INTEGER NOT NULL, "
        "equity REAL NOT NULL, rows BLOB NOT NULL"
    ),
    "begun": (
        "time INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, entries_allowed INTEGER NOT NULL, rows TEXT NOT NULL"
    ),
    "events": (
        "number INTEGER PRIMARY KEY, minute INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, "
        "route TEXT NOT NULL, data TEXT NOT NULL"
    ),
    "commands": "number INTEGER PRIMARY KEY, minute INTEGER NOT NULL, command TEXT NOT NULL",
    "model_events": (
        "number INTEGER PRIMARY KEY, minute INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, "
        "route TEXT NOT NULL, data TEXT NOT NULL"
    ),
    "notes": "number INTEGER PRIMARY KEY, time INTEGER NOT NULL, text TEXT NOT NULL",
}


class Journal(AppendOnlyFile):
    """An open journal. One process writes it; others may read it at the same time.

    Parameters
    ----------
    path : path-like
        The file, readable by its owner only; it is made if it is not there.

    Raises
    ------
    JournalError
        If the file is no journal, is damaged, or was written by a version that stored something otherwise.
    """

    def __init__(self, path: Path | str) -> None:
        super().__init__(path, "a journal", "NORMAL")
        with self._errors():
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}")
        self._written = 0
        self._on_note: Callable[[int, str], None] | None = None
        present = {name for (name,) in self._select("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "meta" in present:
            self._check_version()
        self._make_tables(present)

    @property
    def is_new(self) -> bool:
        """Whether nothing has been written to it."""
        return not self._select("SELECT 1 FROM meta WHERE key = 'start'")

    # --- Writing ------------------------------------------------------------------------------------------------

    def begin(self, start: int, setting: Mapping[str, Any], warm_up: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what a session is: when it starts, its setting, its warm-up candles."""
        with self._transaction():
            rows = {"start": start, **setting}
            self._insert("meta", [(key, json.dumps(value, sort_keys=True)) for key, value in rows.items()])
            packed = [(e["exchange"], e["symbol"], _packed(e["candles"])) for e in warm_up.values()]
            self._insert("warm_up", packed)

    def add_minute(
        self,
        minute: Minute,
        received_at: int,
        entries_allowed: bool,
        equity: float,
        events: Sequence[Event],
        model_events: Sequence[Event] = (),
    ) -> None:
        """Write one minute, what happened in it and what became known of models, together or not at all.

        Parameters
        ----------
        minute : Minute
            The candles.
        received_at : int
            When they came, UTC ms.
        entries_allowed : bool
            Whether strategies were asked for entries.
        equity : float
            At the end of the minute.
        events, model_events : sequence of Event
            What happened in it, and what became known of models.
        """
        rows = packed_minute(minute, self._symbols)
        with self._transaction():
            self._insert("minutes", [(minute.time, received_at, int(entries_allowed), equity, rows)])
            self._insert("events", [(None, minute.time, *event) for event in events])
            self._insert("model_events", [(None, minute.time, *event) for event in model_events])

    def add_model_events(self, minute: int, events: Sequence[Event]) -> None:
        """Write what became known of models by a minute."""
        with self._transaction():
            self._insert("model_events", [(None, minute, *event) for event in events])

    def add_command(self, minute: int, command: str, events: Sequence[Event]) -> None:
        """Write a command that was obeyed after a minute, and what followed from it."""
        with self._transaction():
            self._insert("commands", [(None, minute, command)])
            self._insert("events", [(None, minute, *event) for event in events])

    def begin_minute(self, minute: Minute, received_at: int, entries_allowed: bool) -> None:
        """Write a minute of which orders will be sent before it is over: it is run again as it was after a kill."""
        rows = {symbol: [float(value) for value in row] for symbol, row in minute.rows.items()}
        with self._transaction():
            self._insert("begun", [(minute.time, received_at, int(entries_allowed), json.dumps(rows))])

    def add_report(self, minute: int, report: str) -> None:
        """Write a report of the exchange that is about to enter a minute which runs."""
        with self._transaction():
            self._insert("commands", [(None, minute, report)])

    def begun_minute(self) -> JournalMinute | None:
        """Return the minute that was begun and is not over, without events; None if there is none."""
        found = self._select(
            "SELECT time, entries_allowed, rows FROM begun "
            "WHERE time > coalesce((SELECT max(time) FROM minutes), -1) ORDER BY time DESC LIMIT 1"
        )
        if not found:
            return None
        time, allowed, text = found[0]
        rows = {symbol: np.array(row, dtype=np.float64) for symbol, row in json.loads(text).items()}
        said = self._select("SELECT command FROM commands WHERE minute = ? ORDER BY number", time)
        return JournalMinute(Minute(time, rows), bool(allowed), [], [command for (command,) in said])

    def add_note(self, time: int, text: str) -> None:
        """Write what a person should know: failed requests, late candles."""
        with self._transaction():
            self._insert("notes", [(None, time, text)])
        if self._on_note is not None:
            self._on_note(time, text)

    def tell_notes(self, on_note: Callable[[int, str], None]) -> None:
        """Call a function with each note that is written from now on: UTC ms, text."""
        self._on_note = on_note

    def rest(self) -> None:
        """Do what can wait, now and then: move what was written from the log of SQLite to the file itself.

        SQLite would do it within a transaction, of a minute whose orders wait.
        """
        written = self._connection.total_changes
        if written - self._written >= REST_AFTER:
            self._written = written
            self._select("PRAGMA wal_checkpoint(PASSIVE)")

    # --- Reading ------------------------------------------------------------------------------------------------

    def setting(self) -> dict[str, Any]:
        """Return what `begin` was given, and ``start``."""
        return {
            key: json.loads(value) for key, value in self._select("SELECT key, value FROM meta") if key != "version"
        }

    def warm_up(self) -> dict[str, dict[str, Any]]:
        """Return the warm-up candles as `BacktestSpec` takes them."""
        found = self._select("SELECT exchange, symbol, rows FROM warm_up ORDER BY rowid")
        return {f"{e}-{s}": {"exchange": e, "symbol": s, "candles": _unpacked(rows)} for e, s, rows in found}

    def blocks(self, ends: Collection[int] = ()) -> Iterator[JournalBlock]:
        """Yield all minutes in order, in blocks of up to a day, as the journal is at the first.

        Parameters
        ----------
        ends : collection of int
            Opening times of minutes, UTC ms, with which a block ends.
        """
        # A connection of its own: what is read is a state of the journal, and what is written does not wait for it.
        with self._errors(), closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            yield from read_blocks(connection, self._symbols, ends)

    def minutes(self) -> Iterator[JournalMinute]:
        """Yield all minutes in order, each with its events."""
        for block in self.blocks():
            yield from block.minutes()

    def last_minute(self) -> int | None:
        """Return when the last minute opened, UTC ms; None before the first."""
        last: int | None = self._select("SELECT max(time) FROM minutes")[0][0]
        return last

    def last_candles(self, symbol: str, count: int) -> Rows:
        """Return the candles of a symbol in the last `count` minutes, shape (n, 6)."""
        column = self._symbols.index(symbol)
        found = self._select("SELECT time, rows FROM minutes ORDER BY time DESC LIMIT ?", count)
        rows = [[time, *np.frombuffer(packed, "<f8").reshape(-1, 5)[column]] for time, packed in reversed(found)]
        table = np.array(rows, dtype=np.float64).reshape(-1, 6)
        return table[~np.isnan(table[:, 1])]

    def received_at(self, minute: int) -> int:
        """Return when a minute was received, UTC ms."""
        return int(self._select("SELECT received_at FROM minutes WHERE time = ?", minute)[0][0])

    def entries_allowed(self, minute: int) -> bool:
        """Return whether strategies were asked for entries in a minute; True if the journal does not have it."""
        found = self._select("SELECT entries_allowed FROM minutes WHERE time = ?", minute)
        return bool(found[0][0]) if found else True

    def last_event(self, kind: str, route: str) -> Event | None:
        """Return the last event of a kind on a route; None if there was none."""
        query = "SELECT time, kind, route, data FROM events WHERE kind = ? AND route = ? ORDER BY number DESC LIMIT 1"
        found = self._select(query, kind, route)
        return Event(*found[0]) if found else None

    def events_of(self, kinds: Sequence[str], route: str) -> list[Event]:
        """Return all events of some kinds on a route, in order."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT time, kind, route, data FROM events WHERE kind IN ({marks}) AND route = ? ORDER BY number"
        return [Event(*row) for row in self._select(query, *kinds, route)]

    def last_command(self) -> str | None:
        """Return the last command of a kill switch; None if there was none."""
        found = self._select(
            f"SELECT command FROM commands WHERE command NOT LIKE '{{%' AND command != '{CANCEL_ENTRIES}' "
            "ORDER BY number DESC LIMIT 1"
        )
        return str(found[0][0]) if found else None

    def model_events(self) -> list[tuple[int, Event]]:
        """Return all that became known of models, each with its minute."""
        rows = self._select("SELECT minute, time, kind, route, data FROM model_events ORDER BY number")
        return [(minute, Event(*event)) for minute, *event in rows]

    def notes(self) -> list[tuple[int, str]]:
        """Return all notes as (UTC ms, text)."""
        return self._select("SELECT time, text FROM notes ORDER BY number")

    def last_notes(self, count: int) -> list[tuple[int, str]]:
        """Return the last notes as (UTC ms, text), the newest first."""
        return self._select("SELECT time, text FROM notes ORDER BY number DESC LIMIT ?", count)

    def last_note_with(self, beginning: str) -> str | None:
        """Return what follows `beginning` in the last note that begins with it; None if there is none."""
        query = "SELECT text FROM notes WHERE text LIKE ? || '%' ORDER BY number DESC LIMIT 1"
        found = self._select(query, beginning)
        return str(found[0][0])[len(beginning) :] if found else None

    # --- Private ------------------------------------------------------------------------------------------------

    @cached_property
    def _symbols(self) -> tuple[str, ...]:
        """The symbols, in the order in which their candles are packed."""
        setting = self.setting()
        return tuple(dict.fromkeys(route["symbol"] for route in [*setting["routes"], *setting["data_routes"]]))

    def _make_tables(self, present: Collection[str]) -> None:
        if set(present).issuperset(TABLES):
            return
        with self._transaction():
            # A journal of an earlier release lacks the tables that were added since.
            for name in TABLES.keys() - set(present):
                self._add_table(name, TABLES[name])
            # Readers ask for the last event of a kind on a route; a month has millions of events. An index by route as
            # well would be written to in a page for each route and kind, in every minute.
            self._connection.execute("CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind)")
            if "meta" not in present:
                self._insert("meta", [("version", str(VERSION))])

    def _check_version(self) -> None:
        found = self._select("SELECT value FROM meta WHERE key = 'version'")
        version = int(found[0][0]) if found else VERSION
        if version != VERSION:
            when = "a later" if version > VERSION else "an earlier"
            raise JournalError(
                f"{self.path} was written by {when} version of livermore (journal {version}, not {VERSION}); go on "
                "with that one, or start a session under another name"
            )

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


@contextmanager
def open_journal(folder: Path | str) -> Iterator[Journal]:
    """Open the journal of a session that is there, which may be running, and close it at the end of the block.

    Raises
    ------
    LiveError
        If there is no such session.
    """
    path = Path(folder) / JOURNAL
    if not path.is_file():
        raise LiveError(f"there is no session in {folder}: {path} does not exist")
    journal = Journal(path)
    try:
        yield journal
    finally:
        journal.close()


def _packed(rows: Rows) -> bytes:
    return zlib.compress(np.ascontiguousarray(rows, dtype="<f8").tobytes(), 1)


def _unpacked(packed: bytes) -> Rows:
    return np.frombuffer(zlib.decompress(packed), dtype="<f8").astype(np.float64).reshape(-1, 6)
