"""The versions that a model folder keeps, described and compared by what their manifests say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livermore.errors import ModelError, ModelNotFoundError
from livermore.ml.artifacts._load import read_manifest
from livermore.ml.artifacts._manifest import FileEntry, Manifest, strategy_changed
from livermore.ml.artifacts._store import VERSIONS, saved_versions

__all__ = [
    "compare_versions",
    "list_versions",
    "model_folder",
    "version_before_current",
    "version_named",
]


def list_versions(path: Path) -> list[dict[str, Any]]:
    """Describe the versions of a model folder, oldest first; see `livermore.research.list_models` for the keys.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> len(list_versions(Path(folder)))
    1
    """
    current = _current_version(path)
    return [_row(path, version, current) for version in saved_versions(path)]


def compare_versions(path: Path, a: str, b: str) -> dict[str, Any]:
    """Compare two versions by their manifests; see `livermore.research.compare_models_on_disk` for the keys.

    Parameters
    ----------
    path : Path
        A model folder.
    a, b : str
        Names of versions, or unique beginnings of them.
    """
    names = version_named(path, a), version_named(path, b)
    first, second = (_manifest_of(path, name) for name in names)
    current = _current_version(path)
    return {
        "a": _row(path, names[0], current),
        "b": _row(path, names[1], current),
        "metrics": _metrics(first, second),
        "features_added": sorted(set(second.feature_names) - set(first.feature_names)),
        "features_removed": sorted(set(first.feature_names) - set(second.feature_names)),
        "parameters": _differing_parameters(first, second),
        "same_data": _of(first, "data", "sha256") == _of(second, "data", "sha256"),
        "same_test_days": _of(first, "data", "test_interval") == _of(second, "data", "test_interval"),
    }


def model_folder(folder: str | Path) -> Path:
    """Return a folder's path, after checking that there is such a folder.

    Examples
    --------
    >>> import tempfile
    >>> model_folder(tempfile.mkdtemp()).is_dir()
    True
    """
    path = Path(folder)
    if not path.is_dir():
        raise ModelNotFoundError(f"there is no folder {path}. train_model(…, save_to=…) makes it.")
    return path


def _current_version(path: Path) -> str | None:
    """Return the name of the current model's version; None if there is none that can be read."""
    try:
        manifest = read_manifest(path)
    except ModelError:
        return None
    return None if manifest is None else manifest.version


def _manifest_of(path: Path, version: str) -> Manifest:
    manifest = read_manifest(path / VERSIONS / version)
    assert manifest is not None, "saved_versions names folders that have one"
    return manifest


def version_named(path: Path, beginning: str) -> str:
    """Return the version whose name is `beginning`, or begins with it if only one does."""
    versions = saved_versions(path)
    found = [beginning] if beginning in versions else [name for name in versions if name.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelNotFoundError(f"{beginning!r} is the beginning of {len(found)} models: {', '.join(found)}.")
    raise ModelNotFoundError(f"there is no model {beginning!r} in {path}; it keeps {', '.join(versions) or 'none'}.")


def version_before_current(path: Path) -> str:
    """Return the version that was saved before the current one.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> version_before_current(Path(folder))
    Traceback (most recent call last):
    livermore.errors.ModelNotFoundError: ...
    """
    versions, current = saved_versions(path), _current_version(path)
    older = versions[: versions.index(current)] if current in versions else versions
    if not older:
        raise ModelNotFoundError(f"{path} keeps no model that was saved before the current one, {current}.")
    return older[-1]


def _row(path: Path, version: str, current: str | None) -> dict[str, Any]:
    """Describe one version."""
    try:
        manifest = _manifest_of(path, version)
    except ModelError as error:
        return {"version": version, "current": version == current, "damaged": str(error)}
    about = manifest.about
    return {
        "version": version,
        "current": version == current,
        "damaged": _damage(path, version, manifest),
        "created": about.get("created"),
        "task": manifest.task,
        "label": about.get("label"),
        "estimator": str(_of(manifest, "estimator", "class")).rpartition(".")[2],
        "markets": manifest.markets,
        "n_train": _of(manifest, "data", "n_train"),
        "train_interval": _of(manifest, "data", "train_interval"),
        "test_interval": _of(manifest, "data", "test_interval"),
        "headline": about.get("headline"),
        "threshold": about.get("threshold"),
        "strategy_changed": strategy_changed(manifest, path),
    }


def _damage(path: Path, version: str, manifest: Manifest) -> str | None:
    """Return which files of a version are not what its manifest says."""
    home = path / VERSIONS / version
    wrong = [
        name
        for name, entry in manifest.files.items()
        if not (home / name).is_file() or FileEntry.of((home / name).read_bytes()) != entry
    ]
    return f"{', '.join(wrong)} missing or changed" if wrong else None


def _of(manifest: Manifest, *keys: str) -> Any:
    """Return what the manifest says under nested keys; None if it says nothing."""
    found: Any = manifest.about
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _metrics(first: Manifest, second: Manifest) -> dict[str, dict[str, Any]]:
    """Put the metrics of both side by side."""
    a, b = (_numbers(manifest.about.get("metrics") or {}) for manifest in (first, second))
    return {
        name: {
            "a": a.get(name),
            "b": b.get(name),
            "interval_a": _of(first, "intervals", name),
            "interval_b": _of(second, "intervals", name),
            "difference": b[name] - a[name] if name in a and name in b else None,
        }
        for name in [*a, *(name for name in b if name not in a)]
    }


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if isinstance(value, int | float)}


def _differing_parameters(first: Manifest, second: Manifest) -> dict[str, tuple[Any, Any]]:
    a, b = (
        {"estimator": _of(manifest, "estimator", "class")} | dict(_of(manifest, "estimator", "parameters") or {})
        for manifest in (first, second)
    )
    return {name: (a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys()) if a.get(name) != b.get(name)}
