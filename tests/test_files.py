"""A file is written as a whole or not at all."""

import errno
import os
import re
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from livermore.errors import FileError
from livermore.files import atomic_file, check_writable, locked, write_atomically, write_together


def test_a_failing_block_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write_atomically(path, b"old")

    def write_half() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.json"]


def test_a_written_file_has_the_rights_of_an_ordinary_one(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert os.stat(tmp_path / "a").st_mode == os.stat(tmp_path / "b").st_mode


def test_text_and_newlines_are_passed_on(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a.csv", "w", encoding="utf-8", newline="") as file:
        file.write("ä\r\n")
    assert (tmp_path / "a.csv").read_bytes() == "ä\r\n".encode()


def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.csv", tmp_path / "link.csv"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["elsewhere", "link.csv", "real.csv"]


def test_a_link_to_a_file_that_does_not_exist_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("what", ["fifo", "folder", "device", "socket"])
def test_what_is_no_regular_file_is_refused(what: str, linked: bool, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "socket":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.close()
    else:
        path = Path("/dev/null")
    name = path
    if linked:
        name = tmp_path / "link"
        name.symlink_to(path)
    before = os.lstat(path)
    for write in (lambda: write_atomically(name, b"new"), lambda: check_writable(name)):
        with pytest.raises(FileError, match="stands there"):
            write()
    assert (os.lstat(path).st_mode, os.lstat(path).st_ino) == (before.st_mode, before.st_ino)


def test_a_read_only_file_is_refused_for_an_administrator_too(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o400)
    with pytest.raises(FileError, match="is read-only"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_the_mode_of_a_replaced_file_is_kept(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only an administrator may give files away")
def test_the_owner_of_a_replaced_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    os.chown(path, 12345, 54321)
    write_atomically(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


@pytest.mark.parametrize("path", ["", ".", "a\0b"])
def test_a_path_that_names_no_file_is_refused(path: str) -> None:
    with pytest.raises(FileError):
        write_atomically(path, b"new")


KILLED_WHILE_WRITING = """
import os, signal, sys
from livermore.files import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_temporary_files_of_killed_runs_are_removed_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(tmp_path / "a")], check=False)
    (abandoned,) = tmp_path.iterdir()
    with atomic_file(tmp_path / "b") as file:
        assert not abandoned.exists()
        file.write(b"b")
        (in_use,) = tmp_path.iterdir()
        write_atomically(tmp_path / "c", b"c")
        assert in_use.exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["b", "c"]


def test_files_written_together_are_all_old_when_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    write_together({first: b"old", second: b"old"})
    synced = []

    def full_disk(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_together({first: b"new", second: b"new"})
    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"old")
    assert len(list(tmp_path.iterdir())) == 2


def test_threads_wait_for_a_lock(tmp_path: Path) -> None:
    inside: list[int] = []
    overlaps: list[int] = []

    def work() -> None:
        for _ in range(20):
            with locked(tmp_path / "lock"):
                inside.append(1)
                overlaps.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(overlaps) == {1}
    assert len(overlaps) == 80


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The name of a temporary file in it was shown."""
    path = tmp_path / "nowhere" / "x.csv"
    with pytest.raises(FileError, match=f"there is no folder {re.escape(str(path.parent))}"), atomic_file(path):
        pass
