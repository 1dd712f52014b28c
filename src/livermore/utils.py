"""Jesse's utilities: the public name of `livermore.jesse.utils`."""

from typing import TYPE_CHECKING, Any

from livermore.jesse import utils as _module

if TYPE_CHECKING:
    from livermore.jesse.utils import *  # noqa: F403 -- so that type checkers see what the module below has


def __getattr__(name: str) -> Any:
    return getattr(_module, name)


def __dir__() -> list[str]:
    return dir(_module)
