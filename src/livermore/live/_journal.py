"""The journal of a live session: an SQLite file to which is only added. ``docs/live.md`` describes its tables."""

import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livermore.live._append_only import AppendOnlyFile
from livermore.live._events import Event
from livermore.live._feeds import Minute
from livermore.live._journal_blocks import JournalBlock, JournalMinute, packed_minute
from livermore.live._journal_reader import JOURNAL, KIND, TABLES, VERSION, JournalQueries, open_journal
from livermore.typing import Rows

__all__ = ["JOURNAL", "Journal", "JournalBlock", "JournalMinute", "open_journal"]

#: Rows that are written before they are moved to the file, and pages of the log after which SQLite does it itself.
REST_AFTER, LONGEST_LOG = 2_000, 20_000


class Journal(AppendOnlyFile, JournalQueries):
    """An open journal. One process writes it; others may read it at the same time.

    Parameters
    ----------
    path : path-like
        The file, readable by its owner only; it is made if it is not there.

    Raises
    ------
    JournalError
        If the file is no journal, is damaged, or was written by a version that stored something otherwise.

    Examples
    --------
    >>> import tempfile
    >>> journal = Journal(Path(tempfile.mkdtemp()) / "journal.sqlite")
    >>> journal.is_new
    True
    >>> journal.begin(0, {"symbols": ["BTC-USDT"]}, {})
    >>> journal.is_new
    False
    >>> journal.close()
    """

    def __init__(self, path: Path | str) -> None:
        self._written = 0
        self._on_note: Callable[[int, str], None] | None = None
        super().__init__(path, KIND, "NORMAL")

    def _prepare(self) -> None:
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}")
        present = self._tables()
        if "meta" in present:
            self._check_version()
        self._make_tables(present)

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

    # --- Private ------------------------------------------------------------------------------------------------

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

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _packed(rows: Rows) -> bytes:
    return zlib.compress(np.ascontiguousarray(rows, dtype="<f8").tobytes(), 1)
