"""SQLite files, readable by their owner only, to which is only added: SQLite itself refuses changes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from livermore.errors import JournalError

__all__ = ["AppendOnlyFile"]


class AppendOnlyFile:
    """An open file; errors of SQLite are raised as `JournalError`.

    Parameters
    ----------
    path : path-like
        The file; it is made if it is not there.
    kind : str
        What it is, for errors: ``"a journal"``.
    synchronous : {"NORMAL", "FULL"}
        Whether a power cut may take the last transactions, or each is on the disk before the next statement.
    """

    def __init__(self, path: Path | str, kind: str, synchronous: Literal["NORMAL", "FULL"]) -> None:
        self.path = Path(path)
        self._kind = kind
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        # One thread uses it; it may be another one than the thread that opened it.
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        with self._errors():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(f"PRAGMA synchronous = {synchronous}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _add_table(self, name: str, columns: str) -> None:
        """Make a table whose rows are never changed or removed, if it is not there."""
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        for change in ("UPDATE", "DELETE"):
            self._connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS no_{change.lower()}_of_{name} BEFORE {change} ON {name} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
            )

    def _select(self, query: str, *values: Any) -> list[Any]:
        with self._errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"{self.path} cannot be used as {self._kind}: {error}") from error
