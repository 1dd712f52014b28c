"""The computer: files, process, terminal."""

import base64
import gzip
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any, NoReturn

from livermore.errors import LivermoreError
from livermore.notebook import in_notebook

__all__ = [
    "clear_file",
    "clear_output",
    "compressed_response",
    "computer_name",
    "cpu_cores_count",
    "file_exists",
    "get_os",
    "get_pid",
    "gzip_compress",
    "has_live_trade_plugin",
    "is_docker",
    "is_notebook",
    "make_directory",
    "python_version",
    "relative_to_absolute",
    "terminate_app",
    "validate_cwd",
    "validate_response",
]


def file_exists(path: str | os.PathLike[str]) -> bool:
    """Tell whether there is a file, not a folder, at a path.

    Examples
    --------
    >>> file_exists("no such file")
    False
    """
    return os.path.isfile(path)


def make_directory(path: str | os.PathLike[str]) -> None:
    """Make a folder and those above it, if they do not exist.

    Examples
    --------
    >>> import os, tempfile
    >>> path = f"{tempfile.mkdtemp()}/logs/today"
    >>> make_directory(path)
    >>> os.path.isdir(path)
    True
    """
    os.makedirs(path, exist_ok=True)


def clear_file(path: str | os.PathLike[str]) -> None:
    """Make a file empty; it is made if there is none, and so is its folder.

    Examples
    --------
    >>> import tempfile
    >>> path = f"{tempfile.mkdtemp()}/log.txt"
    >>> clear_file(path)
    >>> file_exists(path)
    True
    """
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")


def relative_to_absolute(path: str | os.PathLike[str]) -> str:
    """Return a path as seen from the root of the file system.

    Examples
    --------
    >>> relative_to_absolute("storage").endswith("storage")
    True
    """
    return os.path.abspath(path)


def gzip_compress(data: Any) -> bytes:
    """Return a value as JSON, compressed with gzip.

    Examples
    --------
    >>> gzip.decompress(gzip_compress({"a": 1}))
    b'{"a": 1}'
    """
    return gzip.compress(json.dumps(data).encode())


def compressed_response(content: Any) -> dict[str, Any]:
    """Return a value as JSON, compressed with gzip and written in Base64.

    Examples
    --------
    >>> compressed_response("abc")["is_compressed"]
    True
    """
    return {"is_compressed": True, "data": base64.b64encode(gzip_compress(content)).decode()}


def cpu_cores_count() -> int:
    """Return how many processors this computer has.

    Examples
    --------
    >>> cpu_cores_count() >= 1
    True
    """
    return os.cpu_count() or 1


def computer_name() -> str:
    """Return the computer's name in its network.

    Examples
    --------
    >>> isinstance(computer_name(), str)
    True
    """
    return platform.node()


def get_os() -> str:
    """Return ``"mac"``, ``"linux"`` or ``"windows"``.

    Raises
    ------
    LivermoreError
        On any other system.

    Examples
    --------
    >>> get_os() in ("mac", "linux", "windows")
    True
    """
    names = {"Darwin": "mac", "Linux": "linux", "Windows": "windows"}
    try:
        return names[platform.system()]
    except KeyError:
        raise LivermoreError(f"the operating system {platform.system()!r} is neither mac, linux nor windows") from None


def get_pid() -> int:
    """Return the number of this process.

    Examples
    --------
    >>> import os
    >>> get_pid() == os.getpid()
    True
    """
    return os.getpid()


def python_version() -> tuple[int, int]:
    """Return Python's version, such as ``(3, 12)``.

    Examples
    --------
    >>> python_version() >= (3, 11)
    True
    """
    return sys.version_info[:2]


def is_notebook() -> bool:
    """Tell whether this is run in a Jupyter notebook.

    Examples
    --------
    >>> is_notebook()
    False
    """
    return in_notebook()


def is_docker() -> bool:
    """Tell whether this runs in a container of Docker.

    Examples
    --------
    >>> isinstance(is_docker(), bool)
    True
    """
    return os.path.exists("/.dockerenv")


def has_live_trade_plugin() -> bool:
    """Return False: Jesse's plugin for live trading is not part of livermore.

    Examples
    --------
    >>> has_live_trade_plugin()
    False
    """
    return False


def clear_output() -> None:
    """Clear the terminal, or the output of a notebook's cell."""
    if is_notebook():
        from IPython.display import clear_output as clear  # type: ignore[import-not-found, unused-ignore]

        clear(wait=True)
    else:
        print("\033[2J\033[H", end="")


def terminate_app() -> NoReturn:
    """End the program.

    Raises
    ------
    SystemExit
        Always, so that files are closed and a notebook's kernel survives.
    """
    raise SystemExit(1)


def validate_cwd() -> None:
    """Refuse to go on where the working directory is no project.

    Raises
    ------
    LivermoreError
        If it has no folder ``strategies``.
    """
    if not Path("strategies").is_dir():
        raise LivermoreError(
            f"{Path.cwd()} is no project folder: it has no folder strategies. Change to one, or make one with "
            "livermore new NAME"
        )


def validate_response(response: Any) -> None:
    """Refuse an answer of a web server that is no success.

    Parameters
    ----------
    response : requests.Response
        Or anything with ``status_code`` and ``json()``.

    Raises
    ------
    LivermoreError
        If the status is neither 200 nor 201; it has the server's message.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> validate_response(SimpleNamespace(status_code=404, json=lambda: {"message": "no such route"}))
    Traceback (most recent call last):
    ...
    livermore.errors.LivermoreError: the server answered 404: no such route
    """
    if response.status_code not in (200, 201):
        answer = response.json()
        message = answer.get("message", answer) if isinstance(answer, dict) else answer
        raise LivermoreError(f"the server answered {response.status_code}: {message}")
