"""Reading the journal of a live session, while the session writes to it or after."""

import json
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from livermore.errors import JournalError, LiveError
from livermore.live._append_only import SqliteFile, sqlite_errors
from livermore.live._events import Event
from livermore.live._feeds import Minute
from livermore.live._journal_blocks import JournalBlock, JournalMinute, read_blocks
from livermore.live._kill_switch import CANCEL_ENTRIES
from livermore.typing import Rows

__all__ = ["JOURNAL", "KIND", "NO_ENTRIES", "TABLES", "VERSION", "JournalQueries", "JournalReader", "open_journal"]

#: The journal in the folder of a session.
JOURNAL = "journal.sqlite"
#: What every setting has.
SETTING = {"start": int, "routes": list, "data_routes": list, "config": dict}
#: What it is called in errors.
KIND = "a journal"
#: How a note begins that says why nothing is opened from a minute on.
NO_ENTRIES = "nothing is opened: "
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


class JournalQueries(SqliteFile):
    """What can be asked of a journal, by the session that writes it and by others."""

    @property
    def is_new(self) -> bool:
        """Whether nothing has been written to it."""
        return not self._select("SELECT 1 FROM meta WHERE key = 'start'")

    def setting(self) -> dict[str, Any]:
        """Return what `begin` was given, and ``start``.

        Raises
        ------
        JournalError
            If something of it is missing or damaged.
        """
        texts = {key: value for key, value in self._select("SELECT key, value FROM meta") if key != "version"}
        try:
            setting: dict[str, Any] = {key: json.loads(value) for key, value in texts.items()}
        except ValueError as error:
            raise JournalError(
                f"{self.path} is damaged, or of another release: its setting is no JSON; take it from a backup"
            ) from error
        for key, form in SETTING.items():
            if not isinstance(setting.get(key), form):
                raise JournalError(f"{self.path} is damaged, or of another release: {key} is {setting.get(key)!r:.60}")
        return setting

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
        with self._errors(), closing(_connect(self.path)) as connection:
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

    # --- Private ------------------------------------------------------------------------------------------------

    @cached_property
    def _symbols(self) -> tuple[str, ...]:
        """The symbols, in the order in which their candles are packed."""
        setting = self.setting()
        return tuple(dict.fromkeys(route["symbol"] for route in [*setting["routes"], *setting["data_routes"]]))

    def _tables(self) -> set[str]:
        return {name for (name,) in self._select("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def _check_version(self) -> None:
        found = self._select("SELECT value FROM meta WHERE key = 'version'")
        text = found[0][0] if found else str(VERSION)
        if not text.isdecimal():
            raise JournalError(f"{self.path} is damaged: its version is {text!r}; take it from a backup")
        version = int(text)
        if version != VERSION:
            when = "a later" if version > VERSION else "an earlier"
            raise JournalError(
                f"{self.path} was written by {when} version of livermore (journal {version}, not {VERSION}); go on "
                "with that one, or start a session under another name"
            )


class JournalReader(JournalQueries):
    """A journal that is read and not written, whoever writes it meanwhile.

    Parameters
    ----------
    path : path-like
        The file.

    Raises
    ------
    JournalError
        If the file is no journal, is damaged, or was written by a version that stored something otherwise.
    """

    def __init__(self, path: Path | str) -> None:
        with sqlite_errors(path, KIND):
            connection = _connect(path)
        super().__init__(path, KIND, connection)
        try:
            self._check_version()
        except BaseException:
            self.close()
            raise


def _connect(path: Path | str) -> sqlite3.Connection:
    """Open a journal for reading; tables that it does not have are empty ones in memory."""
    try:
        connection, present = _open(path, "mode=ro")
    except sqlite3.OperationalError:
        if os.access(Path(path).parent, os.W_OK) or Path(f"{path}-wal").exists():
            raise
        # SQLite makes files beside the journal to read it; in a folder that is read-only nobody writes to it either.
        connection, present = _open(path, "immutable=1")
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        for name in TABLES.keys() - present:
            connection.execute(f"CREATE TEMP TABLE {name} ({TABLES[name]})")
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path | str, option: str) -> tuple[sqlite3.Connection, set[str]]:
    """Return a connection, and the tables that the file has."""
    address = f"{Path(path).absolute().as_uri()}?{option}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    try:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection, {name for (name,) in found}


@contextmanager
def open_journal(folder: Path | str) -> Iterator[JournalReader]:
    """Open the journal of a session that is there, which may be running, for reading; close it after the block.

    Raises
    ------
    LiveError
        If there is no such session, or it ended before it had begun.
    """
    path = Path(folder) / JOURNAL
    if not path.is_file():
        raise LiveError(f"there is no session in {folder}: {path} does not exist")
    journal = JournalReader(path)
    try:
        if journal.is_new:
            raise LiveError(f"session {Path(folder).name} ended before it had begun: its journal is empty")
        yield journal
    finally:
        journal.close()


def _unpacked(packed: bytes) -> Rows:
    return np.frombuffer(zlib.decompress(packed), dtype="<f8").astype(np.float64).reshape(-1, 6)
