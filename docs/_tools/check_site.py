"""Checks the built site: every internal link leads somewhere, and every public name is on a page."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from public_names import public_names

__all__ = ["broken_links", "names_without_a_page", "setup"]


class Page(HTMLParser):
    """The anchors of a page, and the addresses that it refers to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what a tag defines and refers to."""
        given = dict(attrs)
        self.anchors.update(value for key in ("id", "name") if (value := given.get(key)))
        self.links += [value for key in ("href", "src") if (value := given.get(key))]


def broken_links(site: Path) -> list[str]:
    """List the internal links and anchors of a folder of pages that lead nowhere."""
    site = site.resolve()
    files = (path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts)
    pages = {path: Page(path) for path in files}
    return [
        f"{path.relative_to(site)}: {link}"
        for path, page in pages.items()
        for link in page.links
        if not _leads_somewhere(link, path, pages)
    ]


def _leads_somewhere(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target not in pages:
        return target.is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[target].anchors


def names_without_a_page(documented: set[str]) -> list[str]:
    """List the public names that have no entry in the reference."""
    return sorted({found.address for found in public_names()} - documented)


def _check(app: Any, exception: Exception | None) -> None:
    from sphinx.errors import ExtensionError

    if exception is not None or app.builder.name != "html":
        return
    faults = [f"broken link: {link}" for link in broken_links(Path(app.outdir))]
    faults += [f"not in the reference: {name}" for name in names_without_a_page(set(app.env.domains["py"].objects))]
    if faults:
        raise ExtensionError("\n".join(faults))


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
