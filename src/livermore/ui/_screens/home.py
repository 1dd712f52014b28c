"""The first page: what the project has, and what makes what it has not."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from livermore.candles import TIMEFRAMES, Base, project_store
from livermore.research import list_reports
from livermore.ui._project import model_folders, sample_files, session_folders
from livermore.ui._screen import Asked, Screen, Shown

__all__ = ["SCREEN"]


class Part(NamedTuple):
    """A kind of thing that a project has.

    Attributes
    ----------
    title, address : str
        Its screen.
    n : int
        How many there are.
    command : str
        What makes the first one.
    """

    title: str
    address: str
    n: int
    command: str


def show(asked: Asked) -> Shown:
    """Show what there is."""
    return Shown("home", "Project", {"folder": str(asked.root.resolve()), "parts": _parts(asked.root)})


def _parts(root: Path) -> Sequence[Part]:
    markets = sum(len(project_store(root, Base(name)).symbols()) for name in TIMEFRAMES)
    return (
        Part("Markets with candles", "/candles", markets, "livermore candles import"),
        Part("Files of samples", "/samples", len(sample_files(root)), "python gather.py"),
        Part("Folders with models", "/models", len(model_folders(root)), "python train.py"),
        Part("Reports", "/reports", len(list_reports(root)), "livermore compare"),
        Part("Live sessions", "/live", len(session_folders(root)), "livermore live --name first"),
    )


SCREEN = Screen("/", "Project", {"/": show})
