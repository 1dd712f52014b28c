"""Which names of livermore are public, and where each is documented.

A name is public if it is in the ``__all__`` of a package without an underscore, or of a module right below `livermore`,
`livermore.ml` or `livermore.jesse`. Packages re-export names of others; each name is documented once, in its *home*.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

__all__ = ["PublicName", "public_modules", "public_names"]

# Modules of these packages are public; of all others the packages alone.
WITH_MODULES = ("livermore", "livermore.ml", "livermore.jesse")
# The command line, which README lists, and the packages that are documented under another name.
LEFT_OUT = ("livermore.cli", "livermore.indicators.library", "livermore.jesse.helpers", "livermore.jesse.utils")


@dataclass(frozen=True)
class PublicName:
    """A public name: of which module, what it stands for, and the module where it is documented."""

    module: str
    name: str
    value: Any
    home: str

    @property
    def is_at_home(self) -> bool:
        """Whether the name is documented under this module."""
        return self.home == self.module

    @property
    def address(self) -> str:
        """The address under which it is documented."""
        return f"{self.home}.{self.name}"


def public_modules() -> list[str]:
    """List the public modules that export names, sorted."""
    return sorted(name for name in _modules("livermore") if getattr(importlib.import_module(name), "__all__", None))


def public_names() -> list[PublicName]:
    """List all public names, by module and name."""
    exported = [
        (module, name, getattr(importlib.import_module(module), name))
        for module in public_modules()
        for name in sorted(importlib.import_module(module).__all__)
    ]
    modules_of: dict[tuple[str, int], list[str]] = {}
    for module, name, value in exported:
        modules_of.setdefault((name, id(value)), []).append(module)
    return [
        PublicName(module, name, value, _home(value, modules_of[name, id(value)])) for module, name, value in exported
    ]


def _modules(package: str) -> Iterator[str]:
    yield package
    module = importlib.import_module(package)
    for found in pkgutil.iter_modules(module.__path__, f"{package}."):
        if found.name.rpartition(".")[2].startswith("_") or found.name in LEFT_OUT:
            continue
        if found.ispkg:
            yield from _modules(found.name)
        elif package in WITH_MODULES:
            yield found.name


def _home(value: Any, modules: list[str]) -> str:
    """Choose the module that holds the definition; else the deepest, since packages re-export from below."""
    defined = value.__name__ if isinstance(value, ModuleType) else str(getattr(inspect.unwrap(value), "__module__", ""))
    holding = [module for module in modules if defined == module or defined.startswith(f"{module}.")]
    return max(holding or modules, key=lambda module: (module.count("."), module))
