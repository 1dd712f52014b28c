"""A page as HTML that works offline.

As one file, styles, data and the plotting library are in it, and nothing is loaded. The pages of a folder may share the
library, which is then a file beside them.
"""

import base64
import hashlib
import html
import json
import math
import re
import secrets
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore._version import __version__
from livermore.files import write_atomically
from livermore.ml.report._document import Bullets, Facts, Figure, Figures, Page, Paragraph, Section, Table

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["HtmlReport", "plotly_file", "render_html", "render_linked"]

# How the template recognises the kind of a block.
KINDS = {Facts: "facts", Paragraph: "paragraph", Bullets: "bullets", Table: "table", Figures: "figures"}
FRAME_STYLE = "width:100%;height:720px;border:0;border-radius:8px"


class HtmlReport(str):
    """A report as HTML: a str with a short repr, so that a notebook cell that ends in one does not print it.

    Attributes
    ----------
    page : Page
        What it shows.
    path : Path or None
        The file that it was written to.

    Examples
    --------
    >>> from livermore.testing import example_training
    >>> result = example_training()
    >>> page = result.to_html()
    >>> page, page.page.kind
    (HtmlReport(...), 'Model training')
    """

    __slots__ = ("page", "path")

    page: Page
    path: Path | None

    def __new__(cls, text: str, page: Page, path: Path | None = None) -> "HtmlReport":
        """Wrap the text of a page."""
        report = super().__new__(cls, text)
        report.page, report.path = page, path
        return report

    def __getnewargs__(self) -> tuple[Any, ...]:
        return str(self), self.page, self.path

    def __repr__(self) -> str:
        place = "" if self.path is None else f"{str(self.path)!r}, "
        return f"HtmlReport({place}{len(self) / 1e6:.1f} MB)"


def render_html(page: Page, path: str | Path | None = None, *, embed: bool = False) -> HtmlReport:
    """Return a page as HTML, and write it if a path is given.

    Parameters
    ----------
    page : Page
        The report.
    path : path-like, optional
        The file to write. Its folder must exist.
    embed : bool
        Whether to return a frame that holds the page, for notebooks: styles and scripts cannot leave it.

    Returns
    -------
    HtmlReport

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    text = _filled(page)
    if path is not None:
        write_atomically(Path(path), text.encode())
    if embed:
        title = html.escape(f"{page.kind}: {page.title}")
        text = (
            f'<iframe title="{title}" sandbox="allow-scripts" style="{FRAME_STYLE}" '
            f'srcdoc="{html.escape(text)}"></iframe>'
        )
    return HtmlReport(text, page, None if path is None else Path(path))


def render_linked(page: Page, library: str) -> str:
    """Return a page as HTML that reads the plotting library from a file.

    Parameters
    ----------
    page : Page
        The report.
    library : str
        Address of the file of `plotly_file`, relative to that of the page.

    Returns
    -------
    str
        The page.
    """
    return _filled(page, library)


def plotly_file() -> tuple[str, bytes]:
    """Return the plotting library as a file for `render_linked`: a name that tells versions apart, and the content.

    The file holds the packed library as data. A page unpacks it, and runs it if it has the hash that the page names.
    """
    plotly = _plotly()
    content = _template("plotly.js.jinja").render(plotly=plotly).encode()
    return f"plotly-{hashlib.sha256(content).hexdigest()[:12]}.js", content


def _filled(page: Page, library: str = "") -> str:
    """Fill the template."""
    sections = [section for section in (*page.sections, *page.closing) if any(map(_is_shown, section.blocks))]
    figures = {figure.name: figure.spec for section in sections for figure in _figures_of(section)}
    return _template("report.html.jinja").render(
        page=page,
        sections=sections,
        kinds={kind.__name__: name for kind, name in KINDS.items()},
        figures=_json(figures) if figures else "",
        plotly=_plotly() if figures else None,
        library=library,
        # Browsers check no hash of a file that is opened from a disk, so that this one element is named by a nonce.
        nonce=secrets.token_urlsafe(16),
        version=__version__,
    )


@cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("livermore.ml.report", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


@cache
def _plotly() -> dict[str, str]:
    """Return the plotting library, compressed (0.5 MB in place of 1.2), its licence, and the hashes of both scripts.

    The page's Content-Security-Policy lets the browser run the scripts with these hashes and no other.
    """
    import gzip

    assets = resources.files("livermore.ml.report") / "assets"
    packed = (assets / "plotly-basic.min.js.gz").read_bytes()
    loader = (assets / "draw.js").read_text(encoding="utf-8")
    library = gzip.decompress(packed)
    return {
        "packed": base64.b64encode(packed).decode(),
        "loader": loader,
        "licence": " ".join(re.findall(r"v\d[\d.]*|Copyright[^\n]*", library[:300].decode("utf-8", "replace"))),
        "hashes": f"{_hash(loader.encode())} {_hash(library)}",
    }


def _hash(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def _figures_of(section: Section) -> list[Figure]:
    return [figure for block in section.blocks if isinstance(block, Figures) for figure in block.figures]


def _is_shown(block: Any) -> bool:
    return not isinstance(block, Figures) or bool(block.figures)


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
