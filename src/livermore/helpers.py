"""Jesse's helpers: the public name of `livermore.jesse.helpers`."""

from typing import TYPE_CHECKING, Any

from livermore.jesse import helpers as _module

if TYPE_CHECKING:
    from livermore.jesse.helpers import *  # noqa: F403 -- so that type checkers see what the module below has


def __getattr__(name: str) -> Any:
    return getattr(_module, name)


def __dir__() -> list[str]:
    return dir(_module)
