"""Plain text of one width: titles, tables, and numbers that may be missing."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

WIDTH = 78
NAME_WIDTH = 24


def banner(title: str) -> list[str]:
    """Return a title between two double lines."""
    return ["", "═" * WIDTH, title.center(WIDTH).rstrip(), "═" * WIDTH]


def heading(title: str) -> list[str]:
    """Return the title of a section, with the lines around it."""
    return ["", f"─── {title} ".ljust(WIDTH, "─"), ""]


def pair(name: str, value: str) -> str:
    """Return a line of a name and its value."""
    return f"  {name:<28}{value}"


def paragraph(text: str, bullet: str = "") -> list[str]:
    """Return a text as lines of the report's width."""
    indent = "  " + bullet
    return textwrap.wrap(text, WIDTH - 2, initial_indent=indent, subsequent_indent=" " * len(indent))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table: the first column to the left, the others to the right, each as wide as it needs to be."""
    widths = [max(len(cells[k]) for cells in [titles, *rows]) for k in range(len(titles))]
    rule = ["─" * width for width in widths]
    return ["  " + "  ".join(_aligned(cells, widths)).rstrip() for cells in [titles, rule, *rows]]


def shortened(name: str) -> str:
    """Return a name that fits its column."""
    return name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1] + "…"


def number(value: Any, spec: str) -> str:
    """Return a number in the given format, a dash if it is undefined."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return format(value, spec)


def plain(value: float, sign: str = "") -> str:
    """Return a number of any size with four significant digits."""
    return number(value, f"{sign}.4g")


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Pad the cells of one row."""
    return [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
