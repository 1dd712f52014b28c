"""The walk forward in time: which days each model was trained on and tested on, and reports of walk-forward runs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from livermore.dates import day, days
from livermore.errors import LivermoreError
from livermore.research import list_models
from livermore.ui._project import model_folders
from livermore.ui._screen import Asked, Screen, Shown
from livermore.ui._screens.models import headline
from livermore.ui._screens.reports import reports_about

__all__ = ["SCREEN"]

#: The width of the drawing, in its own units.
WIDTH = 1000


class Span(NamedTuple):
    """A stretch of days in the drawing: where it begins, how wide it is, and in words."""

    x: float
    width: float
    days: str


class Bar(NamedTuple):
    """One model of a timeline."""

    version: str
    is_current: bool
    training: Span
    test: Span | None
    headline: str


class Timeline(NamedTuple):
    """The models of a folder in the order in which they were made; or why they cannot be shown."""

    folder: str
    first: str
    last: str
    bars: Sequence[Bar]
    problem: str = ""


def show(asked: Asked) -> Shown:
    """Show a timeline for each folder with models."""
    timelines = [_timeline(name, path) for name, path in model_folders(asked.root).items()]
    values = {"timelines": timelines, "width": WIDTH, "reports": reports_about(asked.root, "walk")}
    return Shown("walk_forward", "Walk forward", values)


def _timeline(name: str, path: Path) -> Timeline:
    try:
        models = [model for model in list_models(path) if model.get("train_interval")]
    except (LivermoreError, OSError) as error:
        return Timeline(name, "", "", (), str(error))
    times = [time for model in models for time in (*model["train_interval"], *(model.get("test_interval") or ()))]
    if not times:
        return Timeline(name, "", "", ())
    first, last = min(times), max(times)

    def span(interval: Sequence[int]) -> Span:
        scale = WIDTH / max(last - first, 1)
        # A test of a single day is seen as well.
        return Span(scale * (interval[0] - first), max(scale * (interval[1] - interval[0]), 3), days(*interval))

    return Timeline(name, day(first), day(last), [_bar(model, span) for model in models])


def _bar(model: Mapping[str, Any], span: Callable[[Sequence[int]], Span]) -> Bar:
    test = model.get("test_interval")
    return Bar(
        model["version"],
        bool(model["current"]),
        span(model["train_interval"]),
        span(test) if test else None,
        headline(model),
    )


SCREEN = Screen("/walk-forward", "Walk forward", {"/walk-forward": show})
