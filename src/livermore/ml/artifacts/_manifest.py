"""The manifest of a model folder, ``model.json``: what the model is, and the hashes of its files."""

import hashlib
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livermore._version import __version__
from livermore.errors import ModelError
from livermore.ml.result import FeatureSummary, TrainingResult

MANIFEST = "model.json"
FORMAT_VERSION = 1
# Whose releases decide whether a pickle can be read: import name to the name it is installed by.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "skops": "skops", "lightgbm": "lightgbm", "xgboost": "xgboost"}


@dataclass(frozen=True)
class FileEntry:
    """One file of a model: its SHA-256 and its size in bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> "FileEntry":
        """Describe a file's content."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class Manifest:
    """What ``model.json`` holds.

    Attributes
    ----------
    task : str
        "binary", "multiclass" or "regression".
    features : tuple of FeatureSummary
        In the order in which the model takes them, with their ranges in training.
    classes : tuple of int or None
        The classes that the model knows; None for regression.
    missing_values : str
        "allow" if values were missing on the training side, and the model learnt to deal with that, else "refuse".
    files : dict
        Name to `FileEntry` for each file of the model.
    versions : dict
        Releases of Python and of the libraries that the model needs.
    version : str
        Name of the folder in ``models/`` that holds this model whole.
    replaces : dict or None
        Only while a save is under way: the hashes of the files that this model takes the place of (None where there was
        none). By it a half-done save is told from a damaged file.
    about : dict
        All the rest, for people and reports: label, data, metrics, estimator, creation.
    """

    task: str
    features: tuple[FeatureSummary, ...]
    classes: tuple[int, ...] | None
    missing_values: str
    files: dict[str, FileEntry]
    versions: dict[str, str]
    version: str = ""
    replaces: dict[str, str | None] | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order in which the model takes them."""
        return tuple(feature.name for feature in self.features)

    def named(self, version: str) -> "Manifest":
        """Return the same manifest for a model that is kept under this name."""
        return replace(self, version=version)

    def while_replacing(self, replaces: dict[str, str | None] | None) -> "Manifest":
        """Return the same manifest with the hashes of the files that are being replaced, or without."""
        return replace(self, replaces=replaces)

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON; a figure that is not finite becomes null."""
        content = {"format_version": FORMAT_VERSION} | {k: v for k, v in asdict(self).items() if k != "about"}
        if self.replaces is None:
            del content["replaces"]
        return (json.dumps(_plain(self.about | content), indent=2, allow_nan=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes, path: Path) -> "Manifest":
        """Read a manifest; `path` is named in errors."""
        try:
            found = json.loads(content)
            version = found.pop("format_version")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ModelError(f"{path} is damaged: it is no manifest of a model. Train again, or restore it.") from error
        if version != FORMAT_VERSION:
            raise ModelError(
                f"{path} has format {version!r}; this release of livermore reads format {FORMAT_VERSION}. Update it."
            )
        try:
            return cls(
                task=found.pop("task"),
                features=tuple(FeatureSummary(**_numbers(entry)) for entry in found.pop("features")),
                classes=None if found["classes"] is None else tuple(found["classes"]),
                missing_values=found.pop("missing_values"),
                files={name: FileEntry(**entry) for name, entry in found.pop("files").items()},
                versions=found.pop("versions"),
                version=found.pop("version"),
                replaces=found.pop("replaces", None),
                about={key: value for key, value in found.items() if key != "classes"},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path} is damaged: {error!r} in the manifest. Train again, or restore it.") from error


def manifest_of(result: TrainingResult, contents: Mapping[str, bytes], folder: Path) -> Manifest:
    """Describe a training result, the content of its files, and the strategy in whose folder they will lie."""
    data, evidence = result.data, dict(result.evidence)
    return Manifest(
        task=result.task,
        features=data.features,
        classes=None if data.class_counts is None else tuple(int(label) for label in result.model.classes_),
        missing_values=result.missing_values,
        files={name: FileEntry.of(content) for name, content in contents.items()},
        versions=_versions(result.model, contents),
        about={
            "livermore": __version__,
            "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "title": result.title,
            "label": data.label_name,
            "estimator": {
                "class": f"{type(result.model).__module__}.{type(result.model).__qualname__}",
                "parameters": _parameters(result.model),
            },
            "threshold": (evidence.get("threshold") or {}).get("threshold"),
            "calibration": {"method": _calibration(result.model), "buckets": result.tables.get("calibration")},
            "strategy": strategy_source(folder),
            "data": {
                "sha256": data.fingerprint,
                "n_train": data.n_train,
                "n_test": data.n_test,
                "n_purged": data.n_purged,
                "train_interval": data.train_interval,
                "test_interval": data.test_interval,
                "class_counts": data.class_counts,
            },
            "headline": result.headline,
            "metrics": result.metrics,
            "intervals": evidence.pop("intervals", None),
            "tables": {key: table for key, table in result.tables.items() if key != "calibration"},
            "evidence": evidence,
        },
    )


def _parameters(model: Any) -> Any:
    """Return the parameters of an estimator and of those inside it."""
    return model.get_params(deep=True) if hasattr(model, "get_params") else repr(model)


def _calibration(model: Any) -> str | None:
    """Return how the probabilities were calibrated in training; None if they were not."""
    return getattr(model, "method", None) if type(model).__name__ == "CalibratedClassifierCV" else None


def strategy_source(folder: Path) -> dict[str, Any] | None:
    """Return the hash of the strategy's source; of the folder above for a second model; None if there is none."""
    for home in (folder, folder.parent):
        if (home / "__init__.py").is_file():
            files = sorted(home.glob("*.py"))
            digests = [f"{file.name}:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
            return {
                "files": [file.name for file in files],
                "sha256": hashlib.sha256("\n".join(digests).encode()).hexdigest(),
            }
    return None


def _versions(model: Any, contents: Mapping[str, bytes]) -> dict[str, str]:
    """Return the releases of Python, numpy and every library that the model's files are made of."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": ".".join(map(str, sys.version_info[:3])), "numpy": version("numpy")}
    formats = {"skops"} if any(name.endswith(".skops") for name in contents) else set()
    for root in sorted({"sklearn"} | formats | _roots(model)):
        try:
            found[DISTRIBUTIONS.get(root, root)] = version(DISTRIBUTIONS.get(root, root))
        except PackageNotFoundError:
            continue
    return found


def _roots(model: Any) -> set[str]:
    """Return the top-level packages of a model and of the estimators inside it."""
    parts = [model]
    if hasattr(model, "get_params"):
        parts += [value for value in model.get_params(deep=True).values() if hasattr(value, "get_params")]
    return {type(part).__module__.partition(".")[0] for part in parts}


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _numbers(entry: dict[str, Any]) -> dict[str, Any]:
    """Restore the ranges that are not finite, which JSON holds as null."""
    return {key: math.nan if value is None else value for key, value in entry.items()}
