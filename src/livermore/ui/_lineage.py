"""Where a model comes from: candles, strategy, samples, training, and the sessions in which it is in force."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from livermore.candles import TIMEFRAMES, Base, project_store
from livermore.dates import day, days
from livermore.errors import LivermoreError
from livermore.formatting import NOTHING
from livermore.ml.artifacts import Manifest
from livermore.ui._journals import models_in_force
from livermore.ui._project import sample_files, session_folders

__all__ = ["Step", "lineage_of"]

#: So much of a hash is shown.
SHOWN_HASH = 16


class Step(NamedTuple):
    """One step of a lineage.

    Attributes
    ----------
    title : str
        What it is.
    lines : sequence of str
        What is known of it.
    address : str
        The page that shows it; empty if none does.
    """

    title: str
    lines: Sequence[str]
    address: str = ""


def lineage_of(root: Path, folder: Path, manifest: Manifest) -> Sequence[Step]:
    """Return the steps from candles to sessions, by a model's manifest and what the project has now.

    Parameters
    ----------
    root : Path
        The project folder.
    folder : Path
        The model folder.
    manifest : Manifest
        Of the model.
    """
    return (
        _candles(root, manifest),
        _strategy(folder, manifest),
        _samples(root, folder, manifest),
        _training(manifest),
        _model(manifest),
        _sessions(root, manifest),
    )


def _candles(root: Path, manifest: Manifest) -> Step:
    stored = {market for name in TIMEFRAMES for market in project_store(root, Base(name)).symbols()}
    lines = [
        " ".join(filter(None, market)) + ("" if market[:2] in stored else " (not stored in this project)")
        for market in manifest.markets
    ]
    return Step("Candles", lines or ["The samples do not say of which market they are."], "/candles")


def _strategy(folder: Path, manifest: Manifest) -> Step:
    from livermore.ml.artifacts import strategy_changed

    source = _part(manifest, "strategy")
    if not source:
        return Step("Strategy", ["It was trained away from a strategy's folder."])
    changed = strategy_changed(manifest, folder)
    now = {True: "It has changed since.", False: "It has not changed since.", None: "It is not here any more."}[changed]
    files = ", ".join(map(str, source.get("files", ())))
    return Step("Strategy", [f"Source: {files}, {_hash(source.get('sha256'))}", now])


def _samples(root: Path, folder: Path, manifest: Manifest) -> Step:
    data = _part(manifest, "data")
    counts = [f"{data.get(key):,} {what}" for key, what in _COUNTS.items() if isinstance(data.get(key), int)]
    near = [name for name, path in sample_files(root).items() if folder in path.parents]
    lines = [", ".join(counts), f"Fingerprint: {_hash(data.get('sha256'))}"]
    return Step("Samples", [*filter(None, lines), *(f"File beside the model: {name}" for name in near)], "/samples")


def _training(manifest: Manifest) -> Step:
    data, estimator = _part(manifest, "data"), _part(manifest, "estimator")
    intervals = [
        f"{title}: {days(*data[key])}"
        for key, title in (("train_interval", "Training days"), ("test_interval", "Test days"))
        if data.get(key)
    ]
    label = f"Label: {manifest.about.get('label')}; task: {manifest.task}; {len(manifest.features)} features"
    return Step("Training", [f"Estimator: {estimator.get('class', NOTHING)}", label, *intervals])


def _model(manifest: Manifest) -> Step:
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    lines = [f"Version {manifest.version}, made {manifest.about.get('created', NOTHING)}", f"With {versions}"]
    return Step("Model", [*lines, f"Fingerprint of its manifest: {_hash(manifest.digest)}"], "/models")


def _sessions(root: Path, manifest: Manifest) -> Step:
    lines = [line for name, folder in session_folders(root).items() for line in _in_force(name, folder, manifest)]
    return Step("Live sessions", lines or ["It is in force in no session of this project."], "/live")


def _in_force(name: str, folder: Path, manifest: Manifest) -> Sequence[str]:
    """Return where a session predicts with a model; or why that cannot be told."""
    try:
        found = models_in_force(folder)
    except (LivermoreError, OSError) as error:
        return [f"{name}: {error}"]
    return [
        f"{name}: in force on {model['route']} since {day(model['time'] / 1000)}"
        for model in found
        if model.get("hash") and manifest.digest.startswith(str(model["hash"]))
    ]


def _part(manifest: Manifest, name: str) -> Mapping[str, Any]:
    """Return a part of what a manifest tells people; empty if it is not there."""
    found = manifest.about.get(name)
    return found if isinstance(found, Mapping) else {}


def _hash(value: Any) -> str:
    return str(value)[:SHOWN_HASH] if value else NOTHING


_COUNTS = {"n_train": "for training", "n_test": "for the test", "n_purged": "purged between them"}
