"""Writing files so that a killed run leaves the old file or the new one, never half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["atomic_file", "write_atomically"]


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
