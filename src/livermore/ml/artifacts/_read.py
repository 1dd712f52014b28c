"""Reading the files of a model folder, which may have been put there by anybody."""

import os
import stat
from pathlib import Path

from livermore.errors import ModelError


def read_file(path: Path, most: int | None, *, cut: bool = False) -> bytes | None:
    """Return the content of a regular file, None if there is no such file.

    Parameters
    ----------
    path : Path
        A file, or a link to one.
    most : int or None
        How many bytes to read at most.
    cut : bool
        Return that many bytes of a larger file; else it is an error.

    Raises
    ------
    ModelError
        If it is a folder, a pipe or a device, is too large, or cannot be read.
    """
    try:
        # A pipe that nobody writes to would block `open`.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    try:
        with open(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{path} is no regular file.")
            if most is not None and status.st_size > most and not cut:
                raise ModelError(f"{path} is too large: {status.st_size} bytes, {most} at most.")
            return file.read(-1 if most is None else most)
    except (OSError, MemoryError) as error:
        raise ModelError(f"{path} cannot be read: {error!r}.") from error
