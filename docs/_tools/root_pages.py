"""Pages of the site whose text is a file of the repository's folder, such as the changelog."""

from pathlib import Path
from typing import Any

__all__ = ["setup"]

# Page of the site, and the file whose text it has.
FILES = {"architecture": "ARCHITECTURE.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}


def text_of(page: str, root: Path) -> str:
    """Return the text of such a page, with links that lead to pages of the site."""
    text = (root / FILES[page]).read_text(encoding="utf-8").replace("](docs/", "](")
    for other, file in FILES.items():
        text = text.replace(f"]({file}", f"]({other}.md")
    return text


def _read(app: Any, page: str, source: list[str]) -> None:
    if page in FILES:
        root = Path(app.srcdir).parent
        app.env.note_dependency(str(root / FILES[page]))
        source[0] = text_of(page, root)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
