"""Models: all versions, two side by side, where one comes from, and making an earlier one current again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from livermore.dates import days
from livermore.errors import LivermoreError
from livermore.formatting import NOTHING, interval, number
from livermore.ml.artifacts import read_manifest, version_named
from livermore.ml.artifacts._store import VERSIONS
from livermore.ml.report._labels import METRICS
from livermore.research import compare_models_on_disk, list_models, rollback_model
from livermore.ui._lineage import lineage_of
from livermore.ui._project import model_folders
from livermore.ui._screen import Asked, Moved, Screen, Shown, choose

__all__ = ["SCREEN"]


class Listed(NamedTuple):
    """The models of one folder; or why they cannot be listed."""

    folder: str
    models: Sequence[Mapping[str, Any]]
    withdrawn: Sequence[str]
    problem: str


class Compared(NamedTuple):
    """A metric of two models, as text."""

    title: str
    a: str
    b: str
    difference: str


def show(asked: Asked) -> Shown:
    """Show all models of all folders."""
    listed = [_listed(name, path) for name, path in model_folders(asked.root).items()]
    values = {"folders": listed, "headline": headline, "trained_on": trained_on, "made_current": asked["current"]}
    return Shown("models", "Models", values)


def show_comparison(asked: Asked) -> Shown:
    """Show two models side by side."""
    path = choose(model_folders(asked.root), asked["folder"], "model folder")
    found = compare_models_on_disk(path, asked["a"], asked["b"])
    metrics = [_compared(name, values) for name, values in found["metrics"].items()]
    return Shown("models_comparison", "Two models", {"folder": asked["folder"], "found": found, "metrics": metrics})


def show_lineage(asked: Asked) -> Shown:
    """Show where a model comes from, back to the candles."""
    path = choose(model_folders(asked.root), asked["folder"], "model folder")
    version = version_named(path, asked["version"])
    manifest = read_manifest(path / VERSIONS / version)
    assert manifest is not None, "version_named names folders that have one"
    values = {"folder": asked["folder"], "version": version, "steps": lineage_of(asked.root, path, manifest)}
    return Shown("models_lineage", f"Lineage of {version}", values)


def roll_back(asked: Asked) -> Moved:
    """Make a version current."""
    path = choose(model_folders(asked.root), asked["folder"], "model folder")
    current = rollback_model(path, asked["version"])
    return Moved(f"/models?{urlencode({'current': current})}")


def headline(model: Mapping[str, Any]) -> str:
    """Return the figure that a model is known by."""
    found = model.get("headline") or {}
    name = found.get("name", "")
    title, spec = METRICS.get(name, (name, ".4g"))
    return f"{title} {number(found.get('value'), spec)}".strip() if name else NOTHING


def trained_on(model: Mapping[str, Any]) -> str:
    """Return the days of a model's training."""
    found = model.get("train_interval")
    return NOTHING if not found else days(*found)


def _listed(name: str, path: Path) -> Listed:
    try:
        found = list_models(path)
    except (LivermoreError, OSError) as error:
        return Listed(name, (), (), str(error))
    return Listed(name, found[::-1], found.withdrawn, "")


def _compared(name: str, values: Mapping[str, Any]) -> Compared:
    title, spec = METRICS.get(name, (name, ".4g"))
    a, b = (_with_interval(values[key], values[f"interval_{key}"], spec) for key in ("a", "b"))
    return Compared(title, a, b, number(values["difference"], f"+{spec.removeprefix('+')}"))


def _with_interval(value: float | None, found: Sequence[float | None] | None, spec: str) -> str:
    low, high = found or (None, None)
    between = interval(low, high, spec)
    return number(value, spec) + ("" if between == NOTHING else f" ({between})")


SCREEN = Screen(
    "/models",
    "Models",
    {"/models": show, "/models/comparison": show_comparison, "/models/lineage": show_lineage},
    actions={"/models/rollback": roll_back},
)
