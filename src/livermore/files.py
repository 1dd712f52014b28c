"""Writing files so that a killed run leaves the old file or the new one, and two runs do not mix theirs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["atomic_file", "locked", "write_atomically"]


@contextmanager
def atomic_file(path: Path | str, mode: str = "wb", **options: Any) -> Iterator[IO[Any]]:
    """Open a temporary neighbour of `path` for writing and put it in place of `path` when the block ends well.

    Parameters
    ----------
    path : path-like
        The file to write. Its folder must exist.
    mode : {"wb", "w"}
        As for `open`.
    **options
        Passed to `open` (encoding, newline).

    Raises
    ------
    OSError
        If the folder cannot be written to, or the disk is full. The old file is then still there.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> with atomic_file(path, "w", encoding="utf-8") as file:
    ...     _ = file.write("a,b")
    >>> path.read_text()
    'a,b'
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
    try:
        # Not tempfile: its files only their owner can read, and a written file should have an ordinary one's rights.
        with open(temporary, mode.replace("w", "x"), **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path | str, content: bytes) -> None:
    """Write `content` to `path` as a whole or not at all."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Hold the lock file at `path`, which two processes, or two threads, respect; wait for whoever holds it now.

    The system frees it when its holder dies. The file stays, empty.

    Parameters
    ----------
    path : path-like
        The file to lock. Its folder must exist.

    Raises
    ------
    OSError
        If the file cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with locked(Path(tempfile.mkdtemp()) / ".lock"):
    ...     print("alone")
    alone
    """
    with open(path, "a+b") as file:
        _acquire(file)
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt

    def _acquire(file: IO[bytes]) -> None:
        file.seek(0)
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            except OSError:
                continue
            return

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _acquire(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
