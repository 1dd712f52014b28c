"""Parity: whether a live session did what a backtest over its candles does."""

import subprocess
import sys
import threading
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
    """

    def __init__(self) -> None:
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
            checked = _check(asked, name)
        finally:
            self._running.release()
        return Shown("parity", "Parity", {"sessions": list(session_folders(asked.root)), "checked": checked})


def _check(asked: Asked, name: str) -> Checked:
    command = [sys.executable, "-P", "-m", "livermore", "parity", "--", name]
    try:
        done = subprocess.run(
            command, cwd=asked.root, capture_output=True, text=True, errors="replace", timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        raise LiveError(f"the check took longer than {LONGEST} s: run livermore parity {name} in a terminal") from None
    return Checked(name, done.returncode == 0, done.stdout.strip() or done.stderr.strip())


def make_screen() -> Screen:
    """Return the screen; each application has its own."""
    check = ParityCheck()
    return Screen("/parity", "Parity", {"/parity": check.show}, actions={"/parity/check": check.check})
