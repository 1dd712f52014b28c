"""Names that a package offers and imports only when they are first used, so that importing it stays cheap."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["lazy_exports"]


def lazy_exports(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make a module's ``__getattr__`` that finds each name in its home module.

    Parameters
    ----------
    package : str
        The ``__name__`` of the package that offers the names.
    homes : mapping of str to str
        For each name the full name of the module that defines it.

    Returns
    -------
    callable
        To be assigned to ``__getattr__`` (PEP 562).

    Examples
    --------
    >>> lazy_exports("livermore.files", {"sqrt": "math"})("sqrt")(9.0)
    3.0
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 -- the name that PEP 562 gives it
        home = homes.get(name)
        if home is None:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(importlib.import_module(home), name)
        setattr(sys.modules[package], name, value)
        return value

    return __getattr__
