"""What a run logged, and the file of it."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from livermore.dates import minute
from livermore.files import atomic_file

__all__ = ["LogLine", "write_logs"]


class LogLine(NamedTuple):
    """One line.

    Attributes
    ----------
    time : float
        UTC ms of the session's clock.
    kind : {"info", "error"}
        How serious it is.
    message : str
        The text.

    Examples
    --------
    >>> print(LogLine(1_704_067_200_000, "info", "entered long"))
    2024-01-01 00:00 entered long
    >>> print(LogLine(1_704_067_200_000, "error", "the stop is above the price"))
    2024-01-01 00:00 ERROR: the stop is above the price
    """

    time: float
    kind: str
    message: str

    def __str__(self) -> str:
        prefix = "" if self.kind == "info" else f"{self.kind.upper()}: "
        return f"{minute(self.time / 1000)} {prefix}{self.message}"


def write_logs(path: str | os.PathLike[str], lines: Iterable[LogLine]) -> Path:
    """Write log lines as text, and return the file; its folder is made if it is missing.

    Examples
    --------
    >>> import tempfile
    >>> write_logs(f"{tempfile.mkdtemp()}/run.txt", []).name
    'run.txt'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(target, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return target
