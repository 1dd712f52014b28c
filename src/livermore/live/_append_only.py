"""SQLite files, readable by their owner only, to which is only added: SQLite itself refuses changes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from livermore.errors import JournalError

__all__ = ["AppendOnlyFile", "SqliteFile", "sqlite_errors"]


class SqliteFile:
    """An open file of SQLite, whose errors are raised as `JournalError`.

    Parameters
    ----------
    path : path-like
        The file.
    kind : str
        What it is, for errors: ``"a journal"``.
    connection : Connection
        To the file.
    """

    def __init__(self, path: Path | str, kind: str, connection: sqlite3.Connection) -> None:
        self.path = Path(path)
        self._kind = kind
        self._connection = connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _select(self, query: str, *values: Any) -> list[Any]:
        with self._errors():
            return self._connection.execute(query, values).fetchall()

    def _errors(self) -> AbstractContextManager[None]:
        return sqlite_errors(self.path, self._kind)


@contextmanager
def sqlite_errors(path: Path | str, kind: str) -> Iterator[None]:
    """Raise what SQLite, or the file system, says of a file as `JournalError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{path} cannot be used as {kind}: {error}") from error


class AppendOnlyFile(SqliteFile):
    """A file that is open for adding to it.

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
        with sqlite_errors(path, kind):
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            # One thread uses it; it may be another one than the thread that opened it.
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        super().__init__(path, kind, connection)
        try:
            with self._errors():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute(f"PRAGMA synchronous = {synchronous}")
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        """Check what is in the file, and make tables that are not; the file is closed if that fails."""

    def _add_table(self, name: str, columns: str) -> None:
        """Make a table whose rows are never changed or removed, if it is not there."""
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        for change in ("UPDATE", "DELETE"):
            self._connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS no_{change.lower()}_of_{name} BEFORE {change} ON {name} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
            )

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
