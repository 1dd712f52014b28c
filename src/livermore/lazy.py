"""Names that a package exports and imports only when they are first used, so that importing the package stays cheap."""

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["lazy_exports"]

# A re-export as PEP 484 spells it, one per line: ``from livermore.candles._store import CandleStore as CandleStore``.
_REEXPORT = re.compile(r"^(?: {4})?from ([\w.]+) import (?:\(\s*)?(\w+) as \2\b", re.MULTILINE)


def lazy_exports(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make the ``__getattr__``, ``__dir__`` and ``__all__`` of a package from the re-exports that its file lists.

    Type checkers read the imports below ``if TYPE_CHECKING:``. This function reads the same lines, so each name is
    listed once. Re-exports at the top level, which are imported at once, belong to ``__all__`` as well.

    Parameters
    ----------
    package : str
        The ``__name__`` of the package.
    file : str
        The ``__file__`` of the package.

    Returns
    -------
    __getattr__ : callable
        Imports a name when it is first used and keeps it in the package (PEP 562).
    __dir__ : callable
        Lists all names, whether they have been imported or not.
    __all__ : list of str
        The exported names, sorted.

    Examples
    --------
    >>> import livermore.candles
    >>> find, names, exported = lazy_exports("livermore.candles", livermore.candles.__file__)
    >>> find("CandleStore").__name__, "CandleStore" in names(), "CandleStore" in exported
    ('CandleStore', True, True)
    """
    with open(file, encoding="utf-8") as source:
        modules = {name: module for module, name in _REEXPORT.findall(source.read())}
    exported = sorted(modules)

    def __getattr__(name: str) -> Any:  # noqa: N807 -- the name that PEP 562 gives it
        if name not in modules:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(importlib.import_module(modules[name]), name)
        # Stored in the package, the name is found without this function from now on.
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807 -- the name that PEP 562 gives it
        return sorted({*vars(sys.modules[package]), *exported})

    return __getattr__, __dir__, exported
