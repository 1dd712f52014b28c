"""Jesse's import paths: ``import jesse…`` resolves to livermore once `install_as_jesse` was called.

Names only, and all of them looked up when they are first imported, so that this module may be used from anywhere.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import MutableSequence, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    # They bring nothing that is used here, and importing them loads a dozen modules (tempfile, random, lzma, …).
    Loader = MetaPathFinder = object

__all__ = ["USE_REAL_JESSE", "install_as_jesse"]

#: Set this environment variable to ``1`` to keep the real Jesse where it is installed.
USE_REAL_JESSE = "LIVERMORE_USE_REAL_JESSE"

MODULES = {
    "jesse.enums": "livermore.jesse.enums",
    "jesse.exceptions": "livermore.errors",
    "jesse.helpers": "livermore.jesse.helpers",
    "jesse.indicators": "livermore.indicators",
    "jesse.research": "livermore.research",
    "jesse.strategies": "livermore.strategies",
    "jesse.utils": "livermore.jesse.utils",
}


def install_as_jesse(*, replace: bool = False) -> bool:
    """Make ``import jesse…`` resolve to livermore, for the rest of the process.

    In the manner of ``pymysql.install_as_MySQLdb()``. Calling it again changes nothing. The real Jesse is left alone
    where it was asked for: where a script has imported it already, or where the environment variable
    ``LIVERMORE_USE_REAL_JESSE`` is ``1``.

    Parameters
    ----------
    replace : bool
        Put livermore in place of ``jesse`` even where the real one was asked for.

    Returns
    -------
    bool
        Whether ``jesse`` now is livermore.

    Examples
    --------
    >>> install_as_jesse()
    True
    >>> import jesse.exceptions
    >>> jesse.exceptions.InvalidStrategy.__name__
    'StrategyError'
    """
    present = sys.modules.get("jesse")
    if isinstance(present, _Jesse):
        return True
    asked_for = present is not None or os.environ.get(USE_REAL_JESSE) == "1"
    if asked_for and not replace:
        return False
    for name in [name for name in sys.modules if name == "jesse" or name.startswith("jesse.")]:
        del sys.modules[name]
    if not any(isinstance(finder, _JesseFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _JesseFinder())
    importlib.import_module("jesse")
    return True


class _Jesse(ModuleType):
    """The package ``jesse`` itself: its submodules are attributes, imported when they are first used."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 -- the import system's name and type for a package's folders

    def __getattr__(self, name: str) -> ModuleType:
        if f"{self.__name__}.{name}" in MODULES:
            return importlib.import_module(f"{self.__name__}.{name}")
        message = f"module 'jesse' (livermore in its place) has no attribute {name!r}"
        raise AttributeError(message)

    def __dir__(self) -> list[str]:
        return sorted(name.removeprefix("jesse.") for name in MODULES)


class _JesseFinder(MetaPathFinder):
    """Answers for ``jesse`` and all below it, so that nothing of the real Jesse is mixed in."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "jesse":
            return importlib.util.spec_from_loader(fullname, _PackageLoader(), is_package=True)
        if fullname in MODULES:
            return importlib.util.spec_from_loader(fullname, _AliasLoader())
        if fullname.startswith("jesse."):
            message = f"No module named {fullname!r}: livermore stands in for jesse here, and has {', '.join(MODULES)}"
            raise ModuleNotFoundError(message, name=fullname)
        return None


class _PackageLoader(Loader):
    """Makes the package."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Jesse(spec.name, "livermore under Jesse's names.")

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: attributes come when they are asked for."""


class _AliasLoader(Loader):
    """Puts the module of livermore under the name of Jesse's."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave that to the import system: what it makes is replaced."""

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes from sys.modules what stands there after this call, so both names are one module.
        sys.modules[module.__name__] = importlib.import_module(MODULES[module.__name__])
