"""Writes the pages of the reference, one for each public module, before Sphinx reads the sources."""

import enum
import importlib
import inspect
import re
import textwrap
import typing
from collections import defaultdict
from pathlib import Path
from typing import Any

from docstrings import with_bars_escaped
from public_names import PublicName, public_names
from sphinx.pycode import ModuleAnalyzer

__all__ = ["setup"]

# The packages of each group of the reference, with all that is below them. What is in none comes last.
GROUPS = {
    "Scripts and notebooks": ("livermore", "livermore.research", "livermore.errors"),
    "Strategies and indicators": (
        "livermore.strategies",
        "livermore.indicators",
        "livermore.helpers",
        "livermore.utils",
    ),
    "Candles": ("livermore.candles", "livermore.market"),
    "Samples, labels and splits": (
        "livermore.ml.dataset",
        "livermore.ml.labels",
        "livermore.ml.split",
        "livermore.ml.symbol_scaler",
        "livermore.ml.validation",
    ),
    "Training": (
        "livermore.ml.training",
        "livermore.ml.tasks",
        "livermore.ml.options",
        "livermore.ml.result",
        "livermore.ml.report",
        "livermore.ml.ranking",
        "livermore.ml.retraining",
        "livermore.ml.schedule",
        "livermore.ml.transfer",
        "livermore.ml.pooling",
        "livermore.tracking",
    ),
    "Evidence": (
        "livermore.ml.evidence",
        "livermore.ml.importance",
        "livermore.ml.assessment",
        "livermore.ml.forward",
        "livermore.ml.judgement",
        "livermore.ml.metrics",
        "livermore.audit",
        "livermore.comparison",
        "livermore.sanity",
    ),
    "Models at work": (
        "livermore.ml.artifacts",
        "livermore.ml.inference",
        "livermore.ml.sizing",
        "livermore.live",
        "livermore.ui",
        "livermore.scale",
    ),
    "Backtests": ("livermore.engine", "livermore.trading"),
    "Trying out parts of your own": ("livermore.testing",),
    "Jesse's names": ("livermore.compat", "livermore.jesse"),
}
REST = "For those who work on livermore"


def page_of(module: str, names: list[PublicName]) -> str:
    """Return the page of a module: its docstring, a table of names, and each name at length."""
    at_home = [found for found in names if found.is_at_home]
    elsewhere = [found for found in names if not found.is_at_home]
    about = inspect.getdoc(importlib.import_module(module)) or ""
    # The module is named first, so that names in its docstring are looked up in it.
    parts = [_heading(module, "="), f".. currentmodule:: {module}", "\n".join(with_bars_escaped(about.splitlines()))]
    if at_home:
        parts += [_table(at_home)]
    if elsewhere:
        parts += ["Names that are described elsewhere, and can be imported from here as well:", _links(elsewhere)]
    parts += [_entry(found) for found in at_home]
    return "\n\n".join(parts) + "\n"


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}"


def _table(names: list[PublicName]) -> str:
    rows = [f"   * - :py:obj:`~{found.address}`\n     - {_first_line(found)}" for found in names]
    return ".. list-table::\n   :widths: 30 70\n   :class: names\n\n" + "\n".join(rows)


def _links(names: list[PublicName]) -> str:
    return "\n".join(f"- :py:obj:`~{found.address}` of `{found.home}`" for found in names)


def _first_line(found: PublicName) -> str:
    if inspect.isclass(found.value) or _is_callable(found.value):
        text = inspect.getdoc(found.value) or ""
    else:
        text = _comment_on(found)
    return text.partition("\n")[0]


def _entry(found: PublicName) -> str:
    if inspect.isclass(found.value):
        return _class_entry(found.address, found.value)
    if _is_callable(found.value):
        return f".. autofunction:: {found.address}"
    return f".. py:data:: {found.name}\n\n{textwrap.indent(_comment_on(found), '   ')}"


def _class_entry(address: str, value: type) -> str:
    lines = [f".. autoclass:: {address}"]
    if not issubclass(value, BaseException):
        lines += ["   :members:"]
    if issubclass(value, enum.Enum):
        lines += ["   :undoc-members:"]
    return "\n".join(lines)


def _is_callable(value: Any) -> bool:
    """Whether a value is a function, or an object that has a docstring of its own, as indicators have."""
    if typing.get_origin(value) is not None:
        return False
    return callable(value) and value.__doc__ != type(value).__doc__


def _comment_on(found: PublicName) -> str:
    """Return the comment with ``#:`` above a constant, where it is defined."""
    package = importlib.import_module(found.home)
    exported = re.search(rf"from ([\w.]+) import {found.name} as", inspect.getsource(package))
    defined = exported.group(1) if exported else found.home
    comments = ModuleAnalyzer.for_module(defined).find_attr_docs()
    return "\n".join(comments.get(("", found.name), [])).strip()


def groups_page(modules: list[str]) -> str:
    """Return the list of all pages, by group, as MyST."""
    left, parts = list(modules), []
    for group, packages in GROUPS.items():
        members = [module for package in packages for module in left if _is_in(module, package)]
        left = [module for module in left if module not in members]
        parts.append(_toctree(group, members))
    return "\n".join([*parts, _toctree(REST, left)])


def _is_in(module: str, package: str) -> bool:
    return module == package or (package != "livermore" and module.startswith(f"{package}."))


def _toctree(group: str, modules: list[str]) -> str:
    pages = "\n".join(f"api/{module}" for module in modules)
    return f"## {group}\n\n```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n"


def _write(app: Any) -> None:
    folder = Path(app.srcdir) / "reference" / "api"
    folder.mkdir(parents=True, exist_ok=True)
    by_module = defaultdict(list)
    for found in public_names():
        by_module[found.module].append(found)
    for module, names in by_module.items():
        _write_if_new(folder / f"{module}.rst", page_of(module, names))
    _write_if_new(folder / "groups.md", groups_page(list(by_module)))
    for path in folder.glob("*.rst"):
        if path.stem not in by_module:
            path.unlink()


def _write_if_new(path: Path, text: str) -> None:
    """Leave a page that is as it was alone, so that Sphinx does not read it again."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    # Before Sphinx looks for sources, which it does when the builder is there.
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
