"""Writing files safely: a file is replaced as a whole or not at all, and processes wait for each other."""

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from livermore.errors import FileError

if sys.platform != "win32":
    import fcntl

__all__ = [
    "STATE_DIR",
    "atomic_file",
    "check_writable",
    "is_locked",
    "locked",
    "state_folder",
    "write_atomically",
    "write_together",
]

#: The environment variable that names the folder of `state_folder`.
STATE_DIR = "LIVERMORE_STATE_DIR"

# Temporary files have a name of their own, so that those of killed runs are recognised and nothing else is removed.
_PREFIX, _SUFFIX = ".livermore-", ".tmp"
# Windows has no lock that shows whether the writer is alive; there, only files of this age (seconds) are removed.
_STALE_AFTER = 86_400


@contextmanager
def atomic_file(path: Path | str, mode: str = "wb", **options: Any) -> Iterator[IO[Any]]:
    """Open a temporary file for writing and put it in place of `path` when the block ends without an error.

    Parameters
    ----------
    path : path-like
        The file to write. Its folder must exist. If it is a symbolic link, the file that it leads to is replaced and
        the link stays. A file that exists keeps its mode, and its owner where the system permits that. Another hard
        link to it keeps the old content.
    mode : {"wb", "w"}
        As for `open`.
    **options
        Passed to `open` (encoding, newline).

    Raises
    ------
    FileError
        If a folder, a device, a pipe or a socket stands at `path`, or a file that is read-only.
    OSError
        If the folder cannot be written to, or the disk is full. The old file is then still there.

    Notes
    -----
    Temporary files that killed runs left in the folder are removed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> with atomic_file(path, "w", encoding="utf-8") as file:
    ...     _ = file.write("a,b")
    >>> path.read_text()
    'a,b'
    """
    with _temporary_file(path, mode, options) as temporary:
        yield temporary.file
        temporary.sync()
        temporary.publish()


def write_atomically(path: Path | str, content: bytes) -> None:
    """Write `content` to `path` as a whole or not at all; see `atomic_file`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
    >>> write_atomically(path, b"as a whole")
    >>> path.read_bytes()
    b'as a whole'
    """
    write_together({path: content})


def write_together(contents: Mapping[Path | str, bytes]) -> None:
    """Write several files; none is replaced before the contents of all are on the disk.

    Parameters
    ----------
    contents : mapping of path-like to bytes
        What to write to each file; see `atomic_file` for what is refused.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_together({folder / "a": b"1", folder / "b": b"2"})
    >>> sorted(path.name for path in folder.iterdir())
    ['a', 'b']
    """
    with ExitStack() as stack:
        files = [stack.enter_context(_temporary_file(path, "wb", {})) for path in contents]
        for temporary, content in zip(files, contents.values(), strict=True):
            temporary.file.write(content)
            temporary.sync()
        # Of two runs that write the same files, one replaces all of them before the other does.
        for folder in sorted({temporary.target.parent for temporary in files}):
            stack.enter_context(_locked_folder(folder))
        for temporary in files:
            temporary.publish()


def check_writable(path: Path | str) -> None:
    """Refuse a path that `atomic_file` could not write to, before the work for its content is done.

    Parameters
    ----------
    path : path-like
        The file. Its folder must exist.

    Raises
    ------
    OSError
        As for `atomic_file`.

    Examples
    --------
    >>> import tempfile
    >>> check_writable(tempfile.mkdtemp())
    Traceback (most recent call last):
    livermore.errors.FileError: /...: a folder stands there. Choose the name of a file.
    """
    with _temporary_file(path, "wb", {}):
        pass


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Hold the lock file at `path`; other processes and threads that ask for it wait.

    The system releases the lock when its holder dies. The file stays, empty.

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
    from filelock import FileLock  # loads asyncio, which a run that locks nothing does without

    with FileLock(path):
        yield


def is_locked(path: Path | str) -> bool:
    """Return whether a process holds the lock file at `path`; nothing is written to find out.

    Others who ask at the same time get the same answer. Whoever wants the lock in that instant has to wait for it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / ".lock"
    >>> with locked(path):
    ...     is_locked(path)
    True
    >>> is_locked(path)
    False
    """
    if not os.path.exists(path):
        return False
    if sys.platform == "win32":
        from filelock import FileLock, Timeout

        try:
            with FileLock(path, timeout=0, thread_local=False):
                return False
        except Timeout:
            return True
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def state_folder() -> Path:
    """Return where livermore keeps what belongs to the user and to no project.

    Raises
    ------
    OSError
        If the user has no home folder.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, LIVERMORE_STATE_DIR="/srv/livermore"):
    ...     state_folder().as_posix()
    '/srv/livermore'
    """
    from platformdirs import user_state_path

    try:
        if given := os.environ.get(STATE_DIR, "").strip():
            return Path(given).expanduser()
        return user_state_path("livermore", appauthor=False)
    except RuntimeError as error:  # no HOME, and no entry in the system's list of users
        raise OSError(str(error)) from error


class _Temporary(NamedTuple):
    """A temporary file that is open for writing, and the file that it will replace."""

    file: IO[Any]
    path: Path
    target: Path

    def sync(self) -> None:
        """Make sure that the content is on the disk; a full disk shows here at the latest."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Put the file in place of its target."""
        if sys.platform == "win32":
            self.file.close()  # Windows does not rename open files
        # Elsewhere the file stays open until it has its name: its lock says that its writer is alive.
        os.replace(self.path, self.target)


@contextmanager
def _temporary_file(path: Path | str, mode: str, options: Mapping[str, Any]) -> Iterator[_Temporary]:
    """Open a temporary file beside the file that `path` leads to; it is removed unless it was published."""
    if not Path(path).name or "\0" in str(path):
        raise FileError(f"{str(path)!r} names no file. Give the name of a file.")
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileError(f"{path}: there is no folder {target.parent}. Make it, or choose another name.")
    old = _existing(target, path)
    _remove_stale(target.parent)
    temporary, descriptor = _create(target.parent)
    try:
        with open(descriptor, mode, **options) as file:
            if old is not None:
                _keep_owner_and_mode(temporary, old)
            yield _Temporary(file, temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _existing(target: Path, path: Path | str) -> os.stat_result | None:
    """Return the status of the file that will be replaced, None if there is none; refuse what must not be replaced."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(old.st_mode):
        raise FileError(f"{path}: {_kind(old.st_mode)} stands there. Choose the name of a file.")
    # Asked of the mode, since os.access permits everything to an administrator.
    if not old.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise FileError(f"{path}: the file is read-only. Choose another name, or make it writable.")
    return old


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def _create(folder: Path) -> tuple[Path, int]:
    """Create a temporary file with the rights of an ordinary new file, and lock it as long as it is open."""
    while True:
        path = folder / f"{_PREFIX}{os.urandom(6).hex()}{_SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        if sys.platform == "win32":
            return path, descriptor
        with suppress(OSError):  # a file system without locks; nothing is removed there
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        # Another process took it for a file of a killed run between the two calls.
        os.close(descriptor)


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder itself, which leaves no file; on Windows and on file systems without locks, nothing."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_stale(folder: Path) -> None:
    """Remove the temporary files of runs that were killed: those that no process holds locked."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX):
                with suppress(OSError):
                    _remove_if_abandoned(entry.path)


def _remove_if_abandoned(path: str) -> None:
    if sys.platform == "win32":
        if time.time() - os.stat(path).st_mtime > _STALE_AFTER:
            os.unlink(path)
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(descriptor)


def _keep_owner_and_mode(path: Path, old: os.stat_result) -> None:
    """Give a new file the owner and the mode of the file that it replaces."""
    new = path.stat()
    if sys.platform != "win32" and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.chown(path, old.st_uid, old.st_gid)
        except OSError as error:
            # Only an administrator may give files away; the new file is then the writer's own.
            if error.errno not in (errno.EPERM, errno.EACCES):
                raise
    if stat.S_IMODE(new.st_mode) != stat.S_IMODE(old.st_mode):
        os.chmod(path, stat.S_IMODE(old.st_mode))
