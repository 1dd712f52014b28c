"""The models that are kept in a strategy's folder: list them, compare two, go back to one, trust one from elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.errors import ModelError, ModelNotFoundError

if TYPE_CHECKING:
    from livermore.ml.artifacts import Manifest

__all__ = ["ModelComparison", "ModelList", "compare_models_on_disk", "list_models", "rollback_model", "trust_model"]


class ModelList(list[dict[str, Any]]):
    """What `list_models` returns: a list that can show itself as text."""

    def __str__(self) -> str:
        from livermore.ml.report import render_models

        return render_models(self)


class ModelComparison(dict[str, Any]):
    """What `compare_models_on_disk` returns: a dict that can show itself as text."""

    def __str__(self) -> str:
        from livermore.ml.report import render_model_comparison

        return render_model_comparison(self)


def list_models(folder: str | Path) -> ModelList:
    """List the models that were saved to a strategy's folder, oldest first.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.

    Returns
    -------
    ModelList
        A dict for each: ``version``, ``current``, ``damaged`` (None, or what is wrong), ``created``, ``task``,
        ``label``, ``estimator``, ``markets`` (exchange, symbol and timeframe of its samples; empty if not known),
        ``n_train``, ``train_interval`` and ``test_interval`` (UTC seconds), ``headline``
        (name, title and value), ``threshold``, ``strategy_changed`` (whether the strategy's source is another one now;
        None if not known). Its text is a table.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> [row["current"] for row in list_models(folder)]
    [True]
    """
    from livermore.ml.artifacts import saved_versions

    path = _existing(folder)
    current = _current_version(path)
    return ModelList(_row(path, version, current) for version in saved_versions(path))


def compare_models_on_disk(folder: str | Path, a: str, b: str) -> ModelComparison:
    """Compare two models that are kept in a strategy's folder, by what was written down when they were trained.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    a, b : str
        Names of versions as `list_models` tells them, or unique beginnings of them.

    Returns
    -------
    ModelComparison
        A dict: ``a`` and ``b`` as rows of `list_models`; ``metrics``: for each metric of either the values ``a`` and
        ``b``, their intervals ``interval_a`` and ``interval_b``, and the ``difference`` b − a; ``features_added`` and
        ``features_removed`` (from a to b); ``parameters``: those that differ; ``same_data``, ``same_test_days``. Its
        text is a report.

    Raises
    ------
    ModelNotFoundError
        If there is no such version.
    ModelError
        If a manifest is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> again = train_model(samples, LogisticRegression(C=0.1), save_to=folder, verbose=False, evidence=False)
    >>> first, second = (row["version"] for row in list_models(folder))
    >>> compare_models_on_disk(folder, first, second)["parameters"]
    {'C': (1.0, 0.1)}
    """
    path = _existing(folder)
    names = _full_name(path, a), _full_name(path, b)
    first, second = (_manifest_of(path, name) for name in names)
    current = _current_version(path)
    return ModelComparison(
        a=_row(path, names[0], current),
        b=_row(path, names[1], current),
        metrics=_metrics(first, second),
        features_added=sorted(set(second.feature_names) - set(first.feature_names)),
        features_removed=sorted(set(first.feature_names) - set(second.feature_names)),
        parameters=_differing_parameters(first, second),
        same_data=_of(first, "data", "sha256") == _of(second, "data", "sha256"),
        same_test_days=_of(first, "data", "test_interval") == _of(second, "data", "test_interval"),
    )


def rollback_model(folder: str | Path, version: str | None = None) -> str:
    """Make a model that was saved before the current one again.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    version : str, optional
        Its name as `list_models` tells it, or a unique beginning of that. By default the one that was saved before the
        current model.

    Returns
    -------
    str
        The name of the version that is current now. Nothing is lost: the model that it replaces stays in the list.

    Raises
    ------
    ModelNotFoundError
        If there is no such version, or none before the current one.
    ModelError
        If its files are damaged, or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> again = train_model(samples, LogisticRegression(C=0.1), save_to=folder, verbose=False, evidence=False)
    >>> first, second = (row["version"] for row in list_models(folder))
    >>> rollback_model(folder) == first
    True
    """
    from livermore.ml.artifacts import publish_version

    path = _existing(folder)
    name = _version_before_current(path) if version is None else _full_name(path, version)
    publish_version(path, name)
    return name


def trust_model(folder: str | Path) -> list[str]:
    """Trust the model that is in a folder now, which was saved elsewhere: from here on it loads like any other.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.

    Returns
    -------
    list of str
        The files that are trusted, on this machine and as they are now. Another content is another file.

    Raises
    ------
    ModelError
        If the folder is damaged, or that cannot be written down.

    Notes
    -----
    A model's files are pickles, which can run any code when they are loaded. Trust what you would install.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> trust_model(folder)
    ['model.pkl', 'scaler.pkl', 'feature_importance.pkl']
    """
    from livermore.ml.artifacts import trust_folder

    return list(trust_folder(folder))


def _existing(folder: str | Path) -> Path:
    path = Path(folder)
    if not path.is_dir():
        raise ModelNotFoundError(f"there is no folder {path}. train_model(…, save_to=…) makes it.")
    return path


def _current_version(path: Path) -> str | None:
    """Return the name of the current model's version; None if there is none that can be read."""
    from livermore.ml.artifacts import read_manifest

    try:
        manifest = read_manifest(path)
    except ModelError:
        return None
    return None if manifest is None else manifest.version


def _manifest_of(path: Path, version: str) -> "Manifest":
    from livermore.ml.artifacts import read_manifest
    from livermore.ml.artifacts._store import VERSIONS

    manifest = read_manifest(path / VERSIONS / version)
    assert manifest is not None, "saved_versions names folders that have one"
    return manifest


def _full_name(path: Path, beginning: str) -> str:
    """Return the version whose name begins so."""
    from livermore.ml.artifacts import saved_versions

    versions = saved_versions(path)
    found = [beginning] if beginning in versions else [name for name in versions if name.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelNotFoundError(f"{beginning!r} is the beginning of {len(found)} models: {', '.join(found)}.")
    raise ModelNotFoundError(f"there is no model {beginning!r} in {path}; it keeps {', '.join(versions) or 'none'}.")


def _version_before_current(path: Path) -> str:
    from livermore.ml.artifacts import saved_versions

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
    from livermore.ml.artifacts import strategy_changed

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


def _damage(path: Path, version: str, manifest: "Manifest") -> str | None:
    """Return which files of a version are not what its manifest says."""
    from livermore.ml.artifacts import FileEntry
    from livermore.ml.artifacts._store import VERSIONS

    home = path / VERSIONS / version
    wrong = [
        name
        for name, entry in manifest.files.items()
        if not (home / name).is_file() or FileEntry.of((home / name).read_bytes()) != entry
    ]
    return f"{', '.join(wrong)} missing or changed" if wrong else None


def _of(manifest: "Manifest", *keys: str) -> Any:
    """Return what the manifest says under nested keys; None if it says nothing."""
    found: Any = manifest.about
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _metrics(first: "Manifest", second: "Manifest") -> dict[str, dict[str, Any]]:
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


def _differing_parameters(first: "Manifest", second: "Manifest") -> dict[str, tuple[Any, Any]]:
    a, b = (
        {"estimator": _of(manifest, "estimator", "class")} | dict(_of(manifest, "estimator", "parameters") or {})
        for manifest in (first, second)
    )
    return {name: (a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys()) if a.get(name) != b.get(name)}
