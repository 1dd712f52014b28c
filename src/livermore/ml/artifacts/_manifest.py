"""The manifest of a model folder, ``model.json``: what the model is, and the hashes of its files."""

import hashlib
import json
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore._version import __version__
from livermore.errors import ModelError
from livermore.ml.dataset import FeatureSummary, Markets

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

MANIFEST = "model.json"
FORMAT_VERSION = 1
# No manifest that livermore writes comes near this size.
MAX_BYTES = 1 << 22
FILE_STEMS = ("model", "scaler", "feature_importance")
FILE_SUFFIXES = (".pkl", ".skops")
MISSING_VALUES = ("allow", "refuse")
# What the digest leaves out: releases, place and state of a save, which say nothing about what the model is.
NOT_BOUND = ("versions", "version", "replaces")
# Whose releases decide whether a pickle can be read: import name to the name it is installed by.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "skops": "skops", "lightgbm": "lightgbm", "xgboost": "xgboost"}


@dataclass(frozen=True)
class FileEntry:
    """One file of a model: its SHA-256 and its size in bytes.

    Examples
    --------
    >>> entry = FileEntry.of(b"a model")
    >>> entry.size, entry == FileEntry.of(b"a model"), entry == FileEntry.of(b"another")
    (7, True, False)
    """

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> "FileEntry":
        """Describe a file's content."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))


def files_digest(contents: Mapping[str, bytes]) -> str:
    """Return one SHA-256 over files and their names; so two files that are swapped are another model."""
    entries = {name: asdict(FileEntry.of(content)) for name, content in contents.items()}
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


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
        "allow" if values were missing in training, and the model has learned to handle that, else "refuse".
    files : dict
        Name to `FileEntry` for each file of the model.
    versions : dict
        Releases of Python and of the libraries that the model needs.
    version : str
        Name of the folder in ``models/`` that holds this model whole.
    replaces : dict or None
        Only while a save is under way: the hashes of the files that this model takes the place of (None where there was
        none). It distinguishes an interrupted save from a damaged file.
    about : dict
        All the rest, for people and reports: label, data, metrics, estimator, creation.
    is_bound : bool
        Whether the file holds the `digest` of the rest. Manifests of earlier releases do not, so that an edit of them
        cannot be noticed.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> from livermore.ml.artifacts import read_manifest
    >>> read_manifest(folder).task
    'binary'
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
    is_bound: bool = True

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order in which the model takes them."""
        return tuple(feature.name for feature in self.features)

    @property
    def markets(self) -> Markets:
        """Exchange, symbol and timeframe of each market that the samples come from; empty if that is not known."""
        found = self.about.get("markets")
        if not isinstance(found, list) or not all(isinstance(item, list) and len(item) == 3 for item in found):
            return ()
        return tuple((str(exchange), str(symbol), str(timeframe)) for exchange, symbol, timeframe in found)

    @property
    def train_interval(self) -> tuple[int, int] | None:
        """Times of the first and the last training sample, UTC seconds; None if that is not known."""
        data = self.about.get("data")
        found = data.get("train_interval") if isinstance(data, dict) else None
        if not isinstance(found, list) or [type(time) for time in found] != [int, int]:
            return None
        return found[0], found[1]

    @property
    def digest(self) -> str:
        """SHA-256 over all that says what the model is: task, features in order, classes, files, data, metrics."""
        content = {key: value for key, value in self._content().items() if key not in NOT_BOUND}
        return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()

    def named(self, version: str) -> "Manifest":
        """Return the same manifest for a model that is kept under this name."""
        return replace(self, version=version)

    def while_replacing(self, replaces: dict[str, str | None] | None) -> "Manifest":
        """Return the same manifest with the hashes of the files that are being replaced, or without."""
        return replace(self, replaces=replaces)

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON; a figure that is not finite becomes null."""
        content = self._content()
        if self.is_bound:
            content["sha256"] = self.digest
        return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()

    def _content(self) -> dict[str, Any]:
        """Return all that is written, as JSON can hold it."""
        fields = {k: v for k, v in asdict(self).items() if k not in ("about", "is_bound")}
        if self.replaces is None:
            del fields["replaces"]
        content: dict[str, Any] = _plain(self.about | {"format_version": FORMAT_VERSION} | fields)
        return content

    @classmethod
    def from_bytes(cls, content: bytes, path: Path) -> "Manifest":
        """Read a manifest; `path` is named in errors.

        Raises
        ------
        ModelError
            If it is damaged, of another format, or was edited after it was written.
        """
        try:
            found = json.loads(content, parse_float=_finite, parse_constant=_finite)
            version = found.pop("format_version")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise ModelError(f"{path} is damaged: it is no manifest of a model. Train again, or restore it.") from error
        if version != FORMAT_VERSION:
            raise ModelError(
                f"{path} has format {version!r}; this release of livermore reads format {FORMAT_VERSION}. Update it."
            )
        try:
            _check(found)
            digest = found.pop("sha256", None)
            manifest = cls(
                task=found.pop("task"),
                features=tuple(FeatureSummary(**_numbers(entry)) for entry in found.pop("features")),
                classes=None if found["classes"] is None else tuple(found["classes"]),
                missing_values=found.pop("missing_values"),
                files={name: FileEntry(**entry) for name, entry in found.pop("files").items()},
                versions=found.pop("versions"),
                version=found.pop("version"),
                replaces=found.pop("replaces", None),
                about={key: value for key, value in found.items() if key != "classes"},
                is_bound=digest is not None,
            )
            edited = manifest.is_bound and digest != manifest.digest
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            what = str(error) if isinstance(error, ValueError) else f"{error!r} in the manifest"
            raise ModelError(f"{path} is damaged: {what}. Train again, or restore it.") from error
        if edited:
            raise ModelError(
                f"{path} was changed since it was written: it no longer describes the model beside it, so features or "
                "classes might be mixed up. Restore it, roll back to a version in models/, or train again."
            )
        return manifest


def _check(found: dict[str, Any]) -> None:
    """Make sure that each part of a manifest is of its kind.

    Raises
    ------
    KeyError, ValueError
        If one is missing, or of another kind.
    """
    for key, is_valid in _CHECKS.items():
        if not is_valid(found[key]):
            raise ValueError(f"{key} cannot be {_shortened(found[key])}")
    if not _is_replaced(found.get("replaces")):
        raise ValueError(f"replaces cannot be {_shortened(found['replaces'])}")


def _finite(text: str) -> float:
    """Read a number; manifests hold null in place of what is not finite."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value


def _is_features(value: Any) -> bool:
    keys = {field.name for field in fields(FeatureSummary)}
    return (
        isinstance(value, list)
        and all(isinstance(entry, dict) and entry.keys() == keys for entry in value)
        and all(isinstance(entry["name"], str) and isinstance(entry["is_bool"], bool) for entry in value)
        and all(entry[key] is None or type(entry[key]) in (int, float) for entry in value for key in ("low", "high"))
        and all(type(entry["missing"]) is int and entry["missing"] >= 0 for entry in value)
        and len({entry["name"] for entry in value}) == len(value)
    )


def _is_classes(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(type(label) is int for label in value) and len(set(value)) == len(value)
    )


def _is_files(value: Any) -> bool:
    """Return whether all files have names of a model's files in one format, and model and scaler are among them."""
    if not isinstance(value, dict):
        return False
    return any(
        {f"model{suffix}", f"scaler{suffix}"} <= value.keys() <= {f"{stem}{suffix}" for stem in FILE_STEMS}
        for suffix in FILE_SUFFIXES
    ) and all(
        isinstance(entry, dict)
        and entry.keys() == {"sha256", "size"}
        and _is_sha256(entry["sha256"])
        and type(entry["size"]) is int
        and entry["size"] >= 0
        for entry in value.values()
    )


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_name(value: Any) -> bool:
    """Return whether a text is a plain name: of a library, or of a folder in ``models/``."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", value) is not None


def _is_versions(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_name(k) and isinstance(v, str) for k, v in value.items())


def _is_replaced(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and all(digest is None or _is_sha256(digest) for digest in value.values())
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "task": lambda value: isinstance(value, str) and value != "",
    "features": _is_features,
    "classes": _is_classes,
    "missing_values": lambda value: value in MISSING_VALUES,
    "files": _is_files,
    "versions": _is_versions,
    "version": lambda value: value == "" or _is_name(value),
}


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"


def manifest_of(result: "TrainingResult", contents: Mapping[str, bytes], folder: Path) -> Manifest:
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
            "markets": data.markets,
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
    """Return the hash of the strategy's source; of the folder above for a second model; None if there is none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as name:
    ...     before = strategy_source(Path(name) / "model")
    ...     _ = (Path(name) / "__init__.py").write_text("")
    ...     after = strategy_source(Path(name) / "model")
    >>> before is None, after["files"], len(after["sha256"])
    (True, ['__init__.py'], 64)
    """
    for home in (folder, folder.parent):
        if (home / "__init__.py").is_file():
            files = sorted(home.glob("*.py"))
            digests = [f"{file.name}:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
            return {
                "files": [file.name for file in files],
                "sha256": hashlib.sha256("\n".join(digests).encode()).hexdigest(),
            }
    return None


def strategy_changed(manifest: Manifest, folder: Path) -> bool | None:
    """Return whether the strategy's source is another than when the model was trained; None if that is not known."""
    then, now = manifest.about.get("strategy"), strategy_source(folder)
    return None if not isinstance(then, dict) or now is None else bool(then.get("sha256") != now["sha256"])


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
    if hasattr(value, "tolist") and not isinstance(value, type):  # a dtype given as a class, as by OneHotEncoder
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _numbers(entry: dict[str, Any]) -> dict[str, Any]:
    """Restore the ranges that are not finite, which JSON holds as null."""
    return {key: math.nan if value is None else value for key, value in entry.items()}
