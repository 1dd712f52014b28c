"""The kill switch: a file in the session's folder. While it is there nothing is opened, also after a restart."""

import codecs
import stat
from pathlib import Path

from livermore.errors import LiveError
from livermore.files import write_atomically

__all__ = ["CANCEL", "CANCEL_ENTRIES", "COMMANDS", "FLATTEN", "RELEASE", "KillSwitch"]

CANCEL = "cancel"
FLATTEN = "flatten"
#: What a journal says when the file was removed.
RELEASE = "release"
#: What a journal says when a session that may open nothing more has cancelled the orders of routes without a position.
CANCEL_ENTRIES = "cancel_entries"
#: Bytes that are read of the file.
LONGEST = 1_000
#: What the file may say, and what that means.
COMMANDS = {CANCEL: "cancel all orders, open nothing", FLATTEN: "cancel all orders, close all positions, open nothing"}


class KillSwitch:
    """The kill switch of a session, for whoever can write to its folder: a person, a command, a script.

    Parameters
    ----------
    folder : path-like
        The session's folder.

    Examples
    --------
    >>> import tempfile
    >>> switch = KillSwitch(tempfile.mkdtemp())
    >>> switch.read()
    >>> switch.set(FLATTEN)
    >>> switch.read()
    'flatten'
    >>> switch.release()
    """

    def __init__(self, folder: Path | str) -> None:
        self.path = Path(folder) / "KILL"

    def set(self, command: str = CANCEL) -> None:
        """Stop the session from trading.

        Parameters
        ----------
        command : {"cancel", "flatten"}
            Whether positions are closed as well.
        """
        if command not in COMMANDS:
            raise LiveError(f"the kill switch knows {' and '.join(map(repr, COMMANDS))}, not {command!r}")
        if not self.path.parent.is_dir():
            raise LiveError(f"{self.path.parent} is not the folder of a session")
        write_atomically(self.path, f"{command}\n".encode())

    def release(self) -> None:
        """Let the session trade again.

        Raises
        ------
        LiveError
            If the file cannot be removed; the kill switch is set then.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise LiveError(f"the kill switch is still set: {self.path} cannot be removed ({error})") from error

    def read(self) -> str | None:
        """Return the command; None if there is none. What cannot be read, or is empty, means ``"cancel"``.

        Capitals are read as small letters. A pipe is not read: nobody may ever write to it.
        """
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                return CANCEL
            with self.path.open("rb") as file:
                text = _text_of(file.read(LONGEST)).strip().lower()
        except FileNotFoundError:
            return None
        except OSError:
            return CANCEL
        return text if text in COMMANDS else CANCEL


def _text_of(written: bytes) -> str:
    """Return what an editor or a shell has written; those of Windows put a mark before it, or write UTF-16."""
    if written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return written.decode("utf-16", errors="replace")
    return written.decode("utf-8-sig", errors="replace")
