"""Finds a strategy by name, ``strategies/<Name>/__init__.py``, and loads it as it is."""

import difflib
import importlib.machinery
import importlib.util
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from livermore.compat import install_as_jesse
from livermore.errors import RouteError, StrategyError
from livermore.strategies._strategy import Strategy

__all__ = ["load_strategies"]

PACKAGE = "strategies"
#: Modules are loaded under one name for the whole process, so one thread at a time does it.
_loading = threading.RLock()


def load_strategies(names: Iterable[str], root: str | os.PathLike[str] | None = None) -> dict[str, type[Strategy]]:
    """Load strategies from their files, freshly, so that edits since the last run count.

    In the files, ``import jesse…`` means livermore, ``from strategies.Other import …`` the neighbours, and relative
    imports the files in the same folder. Nothing is ever written to them.

    Parameters
    ----------
    names : iterable of str
        Each is the name of the folder and of the class in it.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.

    Returns
    -------
    dict of str to type
        The classes by name.

    Raises
    ------
    RouteError
        If there is no such file.
    StrategyError
        If the file does not define a strategy of that name; the message lists those that it defines.
    """
    home = Path(root) if root is not None else Path.cwd()
    wanted = list(dict.fromkeys(names))
    files = {name: _file_of(name, home) for name in wanted}
    with _loading:
        install_as_jesse()
        with _strategies_package(home):
            return {name: _class_in(_execute(name, files[name]), name) for name in wanted}


def _file_of(name: str, home: Path) -> Path:
    file = home / PACKAGE / name / "__init__.py"
    if file.is_file():
        return file
    folder = home / PACKAGE
    if not folder.is_dir():
        raise RouteError(
            f"strategy {name!r}: there is no folder {folder}; run this in a project folder that has strategies/, "
            "or put the class itself into the route"
        )
    known = sorted(path.parent.name for path in folder.glob("*/__init__.py"))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise RouteError(f"strategy {name!r}: there is no {file}; {hint}There are: {', '.join(known) or 'none'}")


@contextmanager
def _strategies_package(home: Path) -> Iterator[None]:
    """Make ``strategies`` the folder of this project, while its files are loaded and afterwards."""
    for module in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
        del sys.modules[module]
    package = ModuleType(PACKAGE)
    package.__path__ = [str(home / PACKAGE)]
    package.__spec__ = importlib.machinery.ModuleSpec(PACKAGE, None, is_package=True)
    sys.modules[PACKAGE] = package
    # A strategy may import the project's other modules, as it can where the working directory is on the path.
    entry = str(home)
    added = entry not in sys.path
    if added:
        sys.path.append(entry)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if added and entry in sys.path:
            sys.path.remove(entry)


def _execute(name: str, file: Path) -> ModuleType:
    full_name = f"{PACKAGE}.{name}"
    loaded = sys.modules.get(full_name)
    if loaded is not None:
        return loaded
    spec = importlib.util.spec_from_file_location(full_name, file, submodule_search_locations=[str(file.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(full_name, None)
        raise
    setattr(sys.modules[PACKAGE], name, module)
    return module


def _class_in(module: ModuleType, name: str) -> type[Strategy]:
    found = getattr(module, name, None)
    if isinstance(found, type) and issubclass(found, Strategy):
        return found
    classes = [
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    ]
    there = f"it defines {', '.join(classes)}" if classes else "it defines no strategy"
    raise StrategyError(
        f"{module.__file__} must define a class {name}(Strategy); {there}. Rename the class or the folder"
    )
