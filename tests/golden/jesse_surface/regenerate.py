"""Records the public names and signatures of Jesse 3.5.3, read with `inspect` from an installed copy.

usage (with the Python of an environment that has Jesse and not livermore):
    python regenerate.py

It writes surface.json beside this file: ``{"version", "modules": {module: {name: entry}}}``. An entry has ``kind``
(function, class, property, constant or module); functions have ``parameters`` (name, kind, default), classes have
``members``, constants of plain types have ``value``. Recorded are names that the module's own package defines, and
not what a module imports from elsewhere.
"""

import importlib
import importlib.metadata
import inspect
import json
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = (
    "jesse.candle_pipelines",
    "jesse.constants",
    "jesse.enums",
    "jesse.exceptions",
    "jesse.factories",
    "jesse.helpers",
    "jesse.libs",
    "jesse.models",
    "jesse.research",
    "jesse.strategies",
    "jesse.utils",
)
PLAIN = (bool, int, float, str, type(None))


def entry_of(value: Any) -> dict[str, Any]:
    """Describe one name."""
    if inspect.ismodule(value):
        return {"kind": "module"}
    if inspect.isclass(value):
        members = {
            name: entry_of(inspect.getattr_static(value, name))
            for name in sorted(dir(value))
            if not name.startswith("_") and is_own(inspect.getattr_static(value, name))
        }
        return {"kind": "class", "bases": [base.__name__ for base in value.__bases__], "members": members}
    if isinstance(value, property):
        return {"kind": "property"}
    if isinstance(value, (staticmethod, classmethod)):
        return entry_of(value.__func__)
    if callable(value):
        return {"kind": "function", "parameters": parameters_of(value)}
    return {"kind": "constant"} | ({"value": value} if isinstance(value, PLAIN) else {})


def parameters_of(function: Any) -> list[list[Any]] | None:
    """Return (name, kind, default) of each parameter; the default is its repr, None where there is none."""
    try:
        signature = inspect.signature(inspect.unwrap(function))
    except (TypeError, ValueError):
        return None
    return [
        [p.name, p.kind.name, None if p.default is p.empty else repr(p.default)] for p in signature.parameters.values()
    ]


def is_own(value: Any) -> bool:
    """Tell whether something was defined in Jesse."""
    module = getattr(inspect.unwrap(value) if callable(value) else value, "__module__", None)
    return module is None or module.split(".")[0] == "jesse"


def is_recorded(name: str, value: Any) -> bool:
    """Tell whether a module's name belongs to its surface."""
    if name.startswith("_"):
        return False
    if inspect.ismodule(value):
        return False
    return is_own(value)


def surface_of(module: ModuleType) -> dict[str, Any]:
    """Describe the names of a module."""
    return {name: entry_of(value) for name, value in sorted(vars(module).items()) if is_recorded(name, value)}


def main() -> None:
    import jesse

    recorded = {name: surface_of(importlib.import_module(name)) for name in MODULES}
    # Test strategies that Jesse ships are no surface.
    recorded["jesse.strategies"] = {
        name: recorded["jesse.strategies"][name]
        for name in ("Strategy", "cached")
        if name in recorded["jesse.strategies"]
    }
    indicators = importlib.import_module("jesse.indicators")
    recorded["jesse.indicators"] = surface_of(indicators)
    everything = sorted(
        name
        for _, name, _ in pkgutil.walk_packages(jesse.__path__, "jesse.", onerror=lambda _: None)
        if ".strategies." not in name and "._" not in name
    )
    surface = {"version": importlib.metadata.version("jesse"), "all_modules": everything, "modules": recorded}
    text = json.dumps(surface, indent=1, sort_keys=True)
    (Path(__file__).parent / "surface.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
