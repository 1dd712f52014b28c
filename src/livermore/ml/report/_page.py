"""The parts of an HTML report, and how they become one file that works offline."""

import html
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livermore._version import __version__
from livermore.files import write_atomically
from livermore.ml.report._layout import number

__all__ = ["Column", "Figure", "Page", "Row", "Section", "Table", "Tile", "Verdict", "deliver", "interval"]


@dataclass(frozen=True)
class Tile:
    """One figure that people look for first."""

    name: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer, and its reasons."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Column:
    """A column's title and style.

    "wide" is left out on phones, "text" stands left, "short" is never broken, "stack" keeps the lines of its cells.
    """

    title: str
    style: str = ""


@dataclass(frozen=True)
class Row:
    """A row's cells; style "mark" stands out, "faint" stands back."""

    cells: Sequence[str]
    style: str = ""


@dataclass(frozen=True)
class Table:
    """Columns and rows of text."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Figure:
    """A plot: plotly's ``data`` and ``layout``, with named colours ("$accent"); height in pixels, 0 for the usual."""

    name: str
    spec: dict[str, Any]
    title: str = ""
    caption: str = ""
    height: int = 0


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; two figures stand side by side if there is room."""

    title: str
    text: str = ""
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    lines: Sequence[str] = ()
    abreast: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing below the heading."""
        return not (self.figures or self.tables or self.lines)


@dataclass(frozen=True)
class Page:
    """A report."""

    kind: str
    title: str
    subtitle: str = ""
    verdict: Verdict | None = None
    tiles: Sequence[Tile] = ()
    sections: Sequence[Section] = field(default_factory=tuple)


def deliver(page: Page, path: str | Path | None, *, embed: bool) -> str:
    """Return a page as HTML, and write it if a path is given.

    Parameters
    ----------
    page : Page
        The report; sections without content are left out.
    path : path-like or None
        Where the file goes.
    embed : bool
        Whether to return a frame that holds the page, for notebooks: its styles touch nothing else there.
    """
    text = _rendered(page)
    if path is not None:
        write_atomically(Path(path), text.encode())
    if not embed:
        return text
    frame = "width:100%;height:720px;border:0;border-radius:8px"
    return f'<iframe title="{html.escape(page.title)}" style="{frame}" srcdoc="{html.escape(text)}"></iframe>'


def interval(low: float, high: float, spec: str) -> str:
    """Return an interval as text, empty if it is undefined."""
    return "" if math.isnan(low) or math.isnan(high) else f"{number(low, spec)} to {number(high, spec)}"


def _rendered(page: Page) -> str:
    """Fill the template."""
    from jinja2 import Environment, PackageLoader
    from plotly.offline import get_plotlyjs

    sections = [section for section in page.sections if not section.is_empty]
    figures = {figure.name: figure.spec for section in sections for figure in section.figures}
    environment = Environment(loader=PackageLoader("livermore.ml.report", "templates"), autoescape=True)
    return environment.get_template("report.html.jinja").render(
        page=Page(page.kind, page.title, page.subtitle, page.verdict, page.tiles, sections),
        figures=_json(figures) if figures else "",
        plotly_js=get_plotlyjs() if figures else "",
        version=__version__,
    )


def _json(value: Any) -> str:
    """Return JSON that may stand inside a script element; NaN and infinities become null."""
    return json.dumps(_plain(value), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _plain(value: Any) -> Any:
    """Turn arrays into lists, and numbers that JSON lacks into None."""
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
