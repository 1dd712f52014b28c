"""Finds a strategy by name, ``strategies/<Name>/__init__.py``, and loads it without changing it.

A module that a script has imported, or in which it has set an attribute, is the script's: it is used as it is. All
other modules of the project are executed for each load, so that edits count and no state is left from an earlier run.
"""

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
from typing import Any

from livermore.compat import install_as_jesse
from livermore.errors import RouteError, StrategyError
from livermore.strategies._folder import check_strategy_name
from livermore.strategies._strategy import Strategy

__all__ = ["load_strategies"]

PACKAGE = "strategies"
#: Modules have one name for the whole process, so one thread at a time loads them.
_loading = threading.RLock()


def load_strategies(names: Iterable[str], root: str | os.PathLike[str] | None = None) -> dict[str, type[Strategy]]:
    """Load strategies from their files.

    In the files, ``import jesse…`` means livermore, ``from strategies.Other import …`` imports another strategy of the
    project, and relative imports mean files in the same folder. ``strategies/__init__.py`` is executed first, if there
    is one. Nothing is ever written to the files.

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
        If there is no such file, or a name cannot be that of a class.
    StrategyError
        If the file does not define a strategy of that name; the message lists those that it defines.

    Notes
    -----
    A module of ``strategies`` that the calling program imported from the same project is not executed again: what the
    program has set there, such as ``Trend.ml_mode = "deploy"``, holds. The same is true of a module that an earlier
    call loaded, if one of its attributes, or one of its classes', was assigned since. Other modules are executed again,
    so that a change of the file counts, and lists or dicts that an earlier run has filled are empty.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "strategies" / "Idle").mkdir(parents=True)
    >>> lines = ["from livermore import Strategy", "class Idle(Strategy):", "    def should_long(self): ..."]
    >>> path = folder / "strategies" / "Idle" / "__init__.py"
    >>> _ = path.write_text(chr(10).join([*lines, "    def go_long(self): ..."]))
    >>> load_strategies(["Idle"], folder)["Idle"].__name__
    'Idle'
    """
    home = Path(root) if root is not None else Path.cwd()
    wanted = list(dict.fromkeys(names))
    files = {name: _file_of(name, home) for name in wanted}
    with _loading:
        install_as_jesse()
        with _strategies_package(home):
            return {name: _class_in(_module(name, files[name]), name) for name in wanted}


def _file_of(name: str, home: Path) -> Path:
    check_strategy_name(name, RouteError)
    file, folder = home / PACKAGE / name / "__init__.py", home / PACKAGE
    if os.path.isfile(file):
        return file
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
    folder = home / PACKAGE
    for name, module in _loaded_modules():
        if not _is_the_programs(module, folder):
            del sys.modules[name]
    kept = dict(_loaded_modules())
    # A strategy may import the project's other modules, as it can where the working directory is on the path.
    entry = str(home)
    added = entry not in sys.path
    if added:
        sys.path.append(entry)
    importlib.invalidate_caches()
    try:
        if PACKAGE not in sys.modules:
            _load_package(folder, kept)
        yield
    finally:
        if added and entry in sys.path:
            sys.path.remove(entry)
        for name, module in _loaded_modules():
            if name not in kept and module.__spec__ is not None:
                module.__spec__.loader_state = _Assigned(module)


def _loaded_modules() -> list[tuple[str, ModuleType]]:
    """Return all modules of ``strategies`` by name, the package first."""
    found = [(name, module) for name, module in sys.modules.items() if name.partition(".")[0] == PACKAGE]
    return sorted(found, key=lambda pair: pair[0])


def _is_the_programs(module: ModuleType, folder: Path) -> bool:
    """Tell whether a module is of this project, and the program has imported it or assigned something in it."""
    path = getattr(module, "__file__", None)
    places = list(getattr(module, "__path__", ())) if path is None else [path]
    inside = folder.resolve()
    if not any(Path(place).resolve().is_relative_to(inside) for place in places):
        return False
    state = getattr(module.__spec__, "loader_state", None)
    return not isinstance(state, _Assigned) or state != _Assigned(module)


class _Assigned:
    """What the names of a module and of its own classes refer to, to notice assignments. It keeps them alive."""

    def __init__(self, module: ModuleType) -> None:
        names = vars(module)
        self._values: dict[tuple[str, str], Any] = {("", name): value for name, value in names.items()}
        for title, value in names.items():
            if isinstance(value, type) and value.__module__ == module.__name__:
                self._values |= {(title, name): member for name, member in vars(value).items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Assigned):
            return NotImplemented
        mine, theirs = self._relevant(), other._relevant()
        return mine.keys() == theirs.keys() and all(theirs[key] is value for key, value in mine.items())

    __hash__ = None  # type: ignore[assignment]

    def _relevant(self) -> dict[tuple[str, str], Any]:
        """Leave out what the import system, `abc` and the loading of neighbours assign."""
        return {
            key: value
            for key, value in self._values.items()
            if not (key[1].startswith(("__", "_abc")) or isinstance(value, ModuleType))
        }


def _load_package(folder: Path, kept: dict[str, ModuleType]) -> None:
    """Make the package, and execute its ``__init__.py`` if it has one."""
    file = folder / "__init__.py"
    if os.path.isfile(file):
        package = _execute(PACKAGE, file)
    else:
        package = ModuleType(PACKAGE)
        package.__path__ = [str(folder)]
        package.__spec__ = importlib.machinery.ModuleSpec(PACKAGE, None, is_package=True)
        sys.modules[PACKAGE] = package
    for name, module in kept.items():
        if name.count(".") == 1:
            setattr(package, name.removeprefix(f"{PACKAGE}."), module)


def _module(name: str, file: Path) -> ModuleType:
    full_name = f"{PACKAGE}.{name}"
    module = sys.modules.get(full_name)
    if module is None:
        module = _execute(full_name, file)
        setattr(sys.modules[PACKAGE], name, module)
    return module


def _execute(full_name: str, file: Path) -> ModuleType:
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
