"""What a project has (folders with models, files of samples, live sessions), by the names under which pages show it."""

from collections.abc import Iterator
from pathlib import Path

from livermore.live._journal import JOURNAL
from livermore.ml.artifacts._manifest import MANIFEST
from livermore.ml.artifacts._store import VERSIONS

__all__ = ["model_folders", "sample_files", "session_folders"]

#: Folders of a project that are looked through for models and samples.
HOMES = ("strategies", "models", "ml_data")
SESSIONS = Path("storage") / "live"


def model_folders(root: Path) -> dict[str, Path]:
    """Return the folders that keep models, by their paths below the project folder.

    Examples
    --------
    >>> model_folders(Path("nowhere"))
    {}
    """
    found = {path.parent for path in _below(root, MANIFEST)}
    # A folder whose current model is gone still has its versions.
    found |= {path.parents[2] for path in _below(root, MANIFEST) if path.parents[1].name == VERSIONS}
    kept = [path for path in found if path.parent.name != VERSIONS]
    return {_name(path, root): path for path in sorted(kept)}


def sample_files(root: Path) -> dict[str, Path]:
    """Return the files of samples, by their paths below the project folder."""
    found = [*_below(root, "*_data.csv"), *(root / SESSIONS).glob("*/ml_data/*_data.csv")]
    return {_name(path, root): path for path in sorted(found)}


def session_folders(root: Path) -> dict[str, Path]:
    """Return the folders of live sessions by their names."""
    home = root / SESSIONS
    return {_name(path.parent, home): path.parent for path in sorted(home.glob(f"*/{JOURNAL}"))}


def _name(path: Path, root: Path) -> str:
    """Return a path below a folder as text; bytes that are no text, which Linux allows in names, are written out."""
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()


def _below(root: Path, pattern: str) -> Iterator[Path]:
    for home in HOMES:
        yield from (root / home).rglob(pattern)
