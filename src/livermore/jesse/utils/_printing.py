"""Print and stop, while looking for a fault."""

from typing import Any, NoReturn

__all__ = ["dd"]


def dd(msg: Any) -> NoReturn:
    """Print something and end the program ("dump and die").

    Raises
    ------
    SystemExit
        Always, so that files are closed and a notebook's kernel survives.
    """
    print(msg)
    raise SystemExit(1)
