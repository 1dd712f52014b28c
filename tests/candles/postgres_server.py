"""A PostgreSQL server for tests: in a folder of its own, without a port, run by a user without rights."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["PASSWORD", "PROGRAMS", "USER", "running_server"]

USER, PASSWORD = "jesse_user", "secret@w:rd"


def _programs() -> Path | None:
    """Return the folder of the server's programs: Debian keeps them out of the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "pg_ctl").exists()), None)


PROGRAMS = _programs()


@contextmanager
def running_server() -> Iterator[Path]:
    """Run a server with the database ``jesse_db``; returns the folder of its socket, which stands for its host."""
    assert PROGRAMS is not None
    # Not in pytest's folder: only its owner may enter that, and the name of a socket may have 107 letters at most.
    folder = Path(tempfile.mkdtemp(prefix="livermore-pg-"))
    account = _account(folder)
    (folder / "password").write_text(PASSWORD)
    data = folder / "data"
    options: dict[str, Any] = {"cwd": folder, "check": True}
    if account is not None:
        # The server refuses to run as the administrator.
        options["user"] = account

    def run(program: str, *arguments: str) -> None:
        subprocess.run([str(PROGRAMS / program), *arguments], capture_output=True, **options)

    try:
        run(
            *("initdb", "-D", str(data), "-U", USER, "--auth=scram-sha-256", "--pwfile", str(folder / "password")),
            *("--no-sync", "--no-locale", "-E", "UTF8"),
        )
        server = f"-F -c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=10"
        subprocess.run(
            [str(PROGRAMS / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", server, "start"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **options,
        )
        yield folder
    finally:
        if (data / "postmaster.pid").exists():
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _account(folder: Path) -> str | None:
    """Give the folder to a user who may run a server, and return his name; None if that is who runs the tests."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return name
    raise AssertionError("neither postgres nor nobody is a user of this machine")
