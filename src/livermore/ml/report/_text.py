"""A page as plain text of one width. Figures are left out."""

import io
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from livermore.ml.report._document import Block, Bullets, Fact, Facts, Figures, Page, Paragraph, Section, Table, Verdict

__all__ = ["render_blocks", "render_text"]

# A terminal has 80 columns, and some break the line after the last one.
WIDTH = 78
NAME_WIDTH = 28
INDENT = "  "
# Names come from users. A control sequence in one must not reach the terminal.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def render_text(page: Page) -> str:
    """Return a page as text.

    Parameters
    ----------
    page : Page
        The report.

    Returns
    -------
    str
        Lines of at most 78 characters; only a path or a name without spaces may be longer.
    """
    tag = f"  [{page.tag.upper()}]" if page.tag else ""
    title = f"  ·  {page.title}" if page.title else ""
    lines = ["", "═" * WIDTH, f"{page.kind.upper()}{title}{tag}".center(WIDTH).rstrip(), "═" * WIDTH]
    if page.context:
        lines += ["", *_facts(Facts(page.context))]
    for section in page.sections:
        lines += _section(section)
    if page.verdict is not None:
        lines += _verdict(page.verdict)
    for section in page.closing:
        lines += _section(section)
    return _joined([*lines, ""])


def render_blocks(blocks: Sequence[Block]) -> str:
    """Return some blocks as text, without a page around them."""
    return _joined([line for block in blocks for line in BLOCKS[type(block)](block)])


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(CONTROL.sub("\N{REPLACEMENT CHARACTER}", line.rstrip()) for line in lines)


def _table(table: Table) -> list[str]:
    """Return a table as lines; cells that are too wide are broken."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, column in enumerate(table.columns):
        left = place == 0 or column.style == "text"
        drawn.add_column(Text(column.title), justify="left" if left else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row.cells))
    stream = io.StringIO()
    # In a notebook rich would display the table instead of writing it to the stream.
    console = Console(
        file=stream,
        width=WIDTH - len(INDENT),
        color_system=None,
        legacy_windows=False,
        force_jupyter=False,
        _environ={},
    )
    console.print(drawn)
    return [f"{INDENT}{line}".rstrip() for line in stream.getvalue().splitlines()]


def _section(section: Section) -> list[str]:
    """Return the heading of a section and its blocks; nothing if there is nothing to read in it."""
    blocks = [lines for block in section.blocks if (lines := BLOCKS[type(block)](block))]
    if not blocks:
        return []
    title = f"{section.title.upper().replace(' VS ', ' vs ')}  {section.about}".rstrip()
    return [*_heading(title), *blocks[0], *(line for lines in blocks[1:] for line in ("", *lines))]


def _heading(title: str) -> list[str]:
    return ["", f"─── {title} ".ljust(WIDTH, "─"), ""]


def _verdict(verdict: Verdict) -> list[str]:
    answer = _facts(Facts([Fact(verdict.question, verdict.answer)]))
    reasons = [line for text in verdict.reasons for line in _wrapped(text, INDENT)]
    return [*_heading("VERDICT"), *answer, "", *reasons]


def _facts(block: Facts) -> list[str]:
    """Return one line for each fact, with the details below one another; a long value goes on below itself."""
    width = max((len(fact.value) for fact in block.facts if fact.detail), default=0)
    lines = []
    for fact in block.facts:
        text = f"{fact.value:<{width}}  {fact.detail}" if fact.detail else fact.value
        name = f"{INDENT}{fact.name:<{NAME_WIDTH}}"
        if not name.endswith(" "):
            lines.append(name)
            name = " " * (len(INDENT) + NAME_WIDTH)
        lines += _wrapped(text, name, " " * len(name)) if len(name) + len(text) > WIDTH else [name + text]
    return lines


def _paragraph(block: Paragraph) -> list[str]:
    return _wrapped(block.text, INDENT)


def _bullets(block: Bullets) -> list[str]:
    return [line for text in block.lines for line in _wrapped(text, f"{INDENT}· ")]


def _figures(block: Figures) -> list[str]:
    return []


def _wrapped(text: str, first: str, further: str | None = None) -> list[str]:
    """Break a text into lines; paths and other long words stay whole, so that they can be copied."""
    indent = " " * len(first) if further is None else further
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


BLOCKS: dict[type, Callable[[Any], Sequence[str]]] = {
    Facts: _facts,
    Paragraph: _paragraph,
    Bullets: _bullets,
    Table: _table,
    Figures: _figures,
}
