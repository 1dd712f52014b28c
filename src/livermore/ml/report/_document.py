"""What a report consists of. Builders turn results into a `Page`; `_text` and `_html` render the same page.

Every figure is formatted once, by the builder, so that the terminal and the browser show the same characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Block",
    "Bullets",
    "Column",
    "Fact",
    "Facts",
    "Figure",
    "Figures",
    "Page",
    "Paragraph",
    "Row",
    "Section",
    "Table",
    "Verdict",
]


@dataclass(frozen=True)
class Fact:
    """A name, a value and a detail such as the value's interval or dates."""

    name: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Facts:
    """Facts, one per line."""

    facts: Sequence[Fact]


@dataclass(frozen=True)
class Paragraph:
    """An explanation."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Column:
    """A column's title and style.

    Style "" aligns to the right, "text" to the left. The first column is always aligned to the left.
    """

    title: str
    style: str = ""


@dataclass(frozen=True)
class Row:
    """A row's cells; a cell may have several lines. Style "mark" highlights the row, "faint" greys it out."""

    cells: Sequence[str]
    style: str = ""


@dataclass(frozen=True)
class Table:
    """Columns and rows of text."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Figure:
    """A plot: plotly's ``data`` and ``layout`` with named colours ("$accent"); height in pixels, 0 for the default."""

    name: str
    spec: dict[str, Any]
    title: str = ""
    caption: str = ""
    height: int = 0


@dataclass(frozen=True)
class Figures:
    """Plots side by side where there is room for two. A text has none."""

    figures: Sequence[Figure]


Block = Facts | Paragraph | Bullets | Table | Figures


@dataclass(frozen=True)
class Section:
    """A heading and the blocks below it; `about` follows the title, such as "(test set)". Without blocks: left out."""

    title: str
    blocks: Sequence[Block]
    about: str = ""


@dataclass(frozen=True)
class Verdict:
    """A question, its answer as a word and as a headline, and the reasons."""

    question: str
    answer: str
    headline: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Page:
    """A report.

    Parameters
    ----------
    kind : str
        What was done, such as "Model training".
    title : str
        What it was done with.
    tag : str
        The task, for reports on a training.
    context : sequence of Fact
        Market, timeframe, fee, leverage, model version, time of making: what tells two reports apart.
    tiles : sequence of Fact
        The figures that readers look for first. A text shows them in their sections only.
    sections, closing : sequence of Section
        What comes before and after the verdict in a text. A web page shows the verdict at the top.
    verdict : Verdict or None
        The answer, if the report gives one.
    """

    kind: str
    title: str
    tag: str = ""
    context: Sequence[Fact] = ()
    tiles: Sequence[Fact] = ()
    sections: Sequence[Section] = ()
    verdict: Verdict | None = None
    closing: Sequence[Section] = ()
