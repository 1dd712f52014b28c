"""Parity: whether a live session did what a backtest over its candles does."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from livermore.errors import LiveError
from livermore.ui._project import session_folders
from livermore.ui._screen import Asked, Screen, Shown, choose

__all__ = ["make_screen"]

#: Seconds that a check may take.
LONGEST = 900


class Checked(NamedTuple):
    """What `livermore parity` said."""

    session: str
    is_equal: bool
    text: str


class ParityCheck:
    """Runs `livermore parity` in a process of its own, one at a time.

    A new process reads the strategies as they are now, and a strategy that hangs holds up nothing else.

    Parameters
    ----------
    is_stopping : callable
        Tells whether the server stops: a check that runs is ended then.
    """

    def __init__(self, is_stopping: Callable[[], bool]) -> None:
        self._is_stopping = is_stopping
        self._running = threading.Lock()

    def show(self, asked: Asked) -> Shown:
        """Show all sessions."""
        return Shown("parity", "Parity", {"sessions": list(session_folders(asked.root)), "checked": None})

    def check(self, asked: Asked) -> Shown:
        """Check one session, and show what was found."""
        name = asked["session"]
        choose(session_folders(asked.root), name, "session")
        if not self._running.acquire(blocking=False):
            raise LiveError("a check is running already; wait for it to end")
        try:
            checked = self._check(asked, name)
        finally:
            self._running.release()
        return Shown("parity", "Parity", {"sessions": list(session_folders(asked.root)), "checked": checked})

    def _check(self, asked: Asked, name: str) -> Checked:
        command = [sys.executable, "-P", "-m", "livermore", "parity", "--", name]
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            process = subprocess.Popen(command, cwd=asked.root, stdout=said, stderr=said)
            try:
                self._wait_for(process, name)
            finally:
                process.kill()
                process.wait()
            said.seek(0)
            return Checked(name, process.returncode == 0, said.read().strip())

    def _wait_for(self, process: "subprocess.Popen[bytes]", name: str) -> None:
        end = time.monotonic() + LONGEST
        while process.poll() is None:
            if self._is_stopping():
                raise LiveError("livermore ui was ended")
            if time.monotonic() > end:
                raise LiveError(f"the check took longer than {LONGEST} s: run livermore parity {name} in a terminal")
            time.sleep(0.05)


def make_screen(is_stopping: Callable[[], bool]) -> Screen:
    """Return the screen; each application has its own."""
    check = ParityCheck(is_stopping)
    return Screen("/parity", "Parity", {"/parity": check.show}, actions={"/parity/check": check.check})
