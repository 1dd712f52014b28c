"""Loading a model: presence, hashes, versions and trust are checked before a byte is unpickled."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError, ModelNotFoundError
from livermore.ml.artifacts._formats import PICKLE, SKOPS, how_to_trust, restored
from livermore.ml.artifacts._manifest import MANIFEST, FileEntry, Manifest, files_digest
from livermore.ml.artifacts._manifest import MAX_BYTES as MAX_MANIFEST_BYTES
from livermore.ml.artifacts._read import read_file
from livermore.ml.artifacts._shapes import check_shapes
from livermore.ml.artifacts._store import IMPORTANCE, MODEL, PICKLES, SCALER, VERSIONS
from livermore.ml.artifacts._trust import all_models_are_trusted, is_trusted, remember

# How often a reader looks again when a save replaces the files while it reads them.
ATTEMPTS = 20
# A file that no manifest describes is read whole before it is known whether it is trusted.
MAX_PLAIN_BYTES = 1 << 32
LESS_TRUST = "Linear models, perceptrons, naive Bayes and forests saved with train_model(…, safe=True) need no trust."
SCALER_OF_SKOPS = f"{SCALER}{SKOPS}"
EXTRAS = {"lightgbm": "boost", "xgboost": "boost"}


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model as it came from its folder.

    Attributes
    ----------
    model, scaler
        The fitted estimator and its StandardScaler.
    feature_importance : dict or None
        The four-method table, if it was saved.
    manifest : Manifest or None
        None if Jesse wrote the folder.
    folder : Path
        Where it was loaded from.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = [[-1.0], [1.0]]
    >>> model, scaler = LogisticRegression().fit(X, [0, 1]), StandardScaler().fit(X)
    >>> loaded = LoadedModel(model, scaler, None, None, Path("TrendFilter"))
    >>> loaded.model.predict(loaded.scaler.transform([[3.0]])).tolist(), loaded.manifest is None
    ([1], True)
    """

    model: Any
    scaler: Any
    feature_importance: dict[str, Any] | None
    manifest: Manifest | None
    folder: Path


def load_model(folder: Path | str, *, trust: bool = False) -> LoadedModel:
    """Load the current model of a strategy's folder.

    A model of pickles is loaded if it was saved by this user on this machine, or is trusted. This is decided before any
    file is opened. Each file is read once: what is hashed is what is loaded.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    trust : bool
        Load it though it was not saved here, and let its pickles run what they want.

    Returns
    -------
    LoadedModel

    Raises
    ------
    ModelNotFoundError
        If the folder or one of its files is missing.
    ModelError
        If a file is not the one that the manifest describes, comes from elsewhere and is not trusted, or cannot be
        loaded with the libraries installed here.
    MissingExtraError
        If a library that the model needs is not installed.

    Warns
    -----
    LivermoreWarning
        If there is no manifest, or the model was trained with another release of its libraries.

    Examples
    --------
    >>> import tempfile
    >>> load_model(tempfile.mkdtemp())
    Traceback (most recent call last):
        ...
    livermore.errors.ModelNotFoundError: there is no ...model.pkl. Save a model there with train_model(…, save_to=…).
    """
    path = Path(folder)
    trust = trust or all_models_are_trusted()
    manifest, contents = _checked_contents(path, trust=trust)
    if manifest is None:
        trusted = True  # `_checked_contents` refuses it otherwise
        warnings.warn(
            f"{path} has no {MANIFEST}, so it was not saved by livermore: its files, features and versions cannot be "
            "checked. Train again with livermore to get a folder that can.",
            LivermoreWarning,
            stacklevel=2,
        )
    else:
        trusted = trust or _is_trusted(manifest)
        if not manifest.is_bound and not trusted:
            warnings.warn(
                f"{path / MANIFEST} was written by an earlier release, which cannot tell whether it was edited since: "
                "that its features are in the model's order is not checked. Train again to get one that can.",
                LivermoreWarning,
                stacklevel=2,
            )
        _check_versions(manifest, path)
    quiet = manifest is not None  # the releases have been compared already
    by_stem = {
        Path(name).stem: restored(content, path / name, trusted=trusted, quiet=quiet)
        for name, content in contents.items()
    }
    loaded = LoadedModel(by_stem[MODEL], by_stem[SCALER], by_stem.get(IMPORTANCE), manifest, path)
    try:
        _check_names(loaded, trusted=trusted)
        if not trusted:
            check_shapes(loaded.scaler, loaded.model, len(loaded.manifest.feature_names) if loaded.manifest else 0)
    except ModelError:
        raise
    except Exception as error:  # files from elsewhere may hold anything
        raise ModelError(f"the model in {path} is damaged: {type(error).__name__}: {error}. Train again.") from error
    return loaded


def trust_folder(folder: Path | str) -> tuple[str, ...]:
    """Trust the model that is in a folder now: from here on it loads on this machine without further questions.

    Parameters
    ----------
    folder : path-like
        A strategy's folder that comes from elsewhere.

    Returns
    -------
    tuple of str
        The files that are trusted.

    Raises
    ------
    ModelError
        If the folder is damaged, or the trust store cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> "model.pkl" in trust_folder(folder)
    True
    """
    path = Path(folder)
    manifest, contents = _checked_contents(path, trust=True)
    try:
        remember([*([] if manifest is None else [manifest.digest]), files_digest(contents)])
    except OSError as error:
        raise ModelError(f"that {path} is trusted could not be noted: {error}.") from error
    return tuple(contents)


def read_manifest(folder: Path | str) -> Manifest | None:
    """Return the manifest of a strategy's folder without loading the model; None if there is none.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder.
    ModelError
        If the manifest is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> manifest = read_manifest(folder)
    >>> manifest.task, [feature.name for feature in manifest.features]
    ('binary', ['change'])
    """
    path = Path(folder)
    if not path.is_dir():
        raise ModelNotFoundError(f"there is no folder {path}. train_model(…, save_to=…) makes it.")
    content = read_file(path / MANIFEST, MAX_MANIFEST_BYTES)
    return None if content is None else Manifest.from_bytes(content, path / MANIFEST)


def _is_trusted(manifest: Manifest) -> bool:
    """Return whether a model may be unpickled.

    Earlier releases trusted each file by itself, and wrote manifests without a digest of their own.
    """
    if is_trusted([manifest.digest]):
        return True
    return not manifest.is_bound and is_trusted(entry.sha256 for entry in manifest.files.values())


def _checked_contents(path: Path, *, trust: bool) -> tuple[Manifest | None, dict[str, bytes]]:
    """Read manifest and files; look again if a save replaced them meanwhile."""
    manifest = read_manifest(path)
    for _ in range(ATTEMPTS):
        try:
            if manifest is None:
                return None, _plain_contents(path, trust=trust)
            if not trust:
                _refuse_pickles(manifest, path)
            return manifest, _verified_contents(path, manifest)
        except ModelError:
            newer = read_manifest(path)
            if newer == manifest:
                raise
            manifest = newer
    raise ModelError(f"{path} changes all the time: another process keeps saving models to it.")


def _refuse_pickles(manifest: Manifest, path: Path) -> None:
    """Refuse a model that holds pickles and is not trusted, before its files are read."""
    pickles = sorted(name for name in manifest.files if name in PICKLES)
    if pickles and not _is_trusted(manifest):
        raise _untrusted(path, pickles, LESS_TRUST)


def _untrusted(path: Path, pickles: list[str], more: str) -> ModelError:
    return ModelError(
        f"the model in {path} was not saved by you on this machine, and {', '.join(pickles)} "
        f"{'is a pickle' if len(pickles) == 1 else 'are pickles'}, which can run any code when loaded. "
        f"{how_to_trust(path)} {more}"
    )


def _plain_contents(path: Path, *, trust: bool) -> dict[str, bytes]:
    """Read the files of a folder that Jesse wrote, and refuse them if they are not trusted."""
    found = {name: read_file(path / name, MAX_PLAIN_BYTES) for name in PICKLES}
    contents = {name: content for name, content in found.items() if content is not None}
    for name in (f"{MODEL}{PICKLE}", f"{SCALER}{PICKLE}"):
        if name not in contents:
            raise ModelNotFoundError(f"there is no {path / name}. Save a model there with train_model(…, save_to=…).")
    if not trust and not is_trusted([files_digest(contents)]) and not is_trusted(map(_sha256, contents.values())):
        raise _untrusted(path, sorted(contents), f"It has no {MANIFEST}, as models that Jesse saved.")
    return contents


def _verified_contents(path: Path, manifest: Manifest) -> dict[str, bytes]:
    """Read the files that the manifest names; from the version's folder if a save was interrupted."""
    contents = {name: _content(path / name, manifest) for name in manifest.files}
    wrong = [name for name, content in contents.items() if content is None or not _fits(content, manifest.files[name])]
    if wrong and manifest.version and all(_explained(contents[name], name, manifest) for name in wrong):
        path = path / VERSIONS / manifest.version
        contents = {name: _content(path / name, manifest) for name in manifest.files}
        wrong = [n for n, content in contents.items() if content is None or not _fits(content, manifest.files[n])]
    if wrong:
        raise _damage(path, wrong[0], contents, manifest)
    return {name: content for name, content in contents.items() if content is not None}


def _content(path: Path, manifest: Manifest) -> bytes | None:
    """Return a file's content, one byte more than it should have at most; None if there is no such file.

    While a save is under way, another file may still be in its place, and be larger.
    """
    return read_file(path, None if manifest.replaces else manifest.files[path.name].size + 1, cut=True)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fits(content: bytes, entry: FileEntry) -> bool:
    """Return whether a file is the one that the manifest describes."""
    return FileEntry.of(content) == entry


def _explained(content: bytes | None, name: str, manifest: Manifest) -> bool:
    """Return whether a file is missing or old because a save was interrupted."""
    if manifest.replaces is None:
        return False
    return content is None or _sha256(content) == manifest.replaces.get(name)


def _damage(path: Path, name: str, contents: dict[str, bytes | None], manifest: Manifest) -> ModelError:
    """Say what is wrong with a file: missing or renamed, swapped, cut off, or changed."""
    entry, content = manifest.files[name], contents[name]
    remedy = f"Restore it, roll back to a version in {VERSIONS}/, or train again."
    if content is None:
        twin = _renamed_file(path, Path(name).suffix, entry)
        hint = f"{twin} has its content: rename it back." if twin else remedy
        return ModelNotFoundError(f"there is no {path / name}, which {MANIFEST} names. {hint}")
    for other, other_entry in manifest.files.items():
        whole = read_file(path / name, other_entry.size + 1, cut=True) if other != name else None
        if whole is not None and _fits(whole, other_entry):
            return ModelError(f"{path / name} holds what belongs in {other}: the files were swapped. {remedy}")
    if len(content) < entry.size:
        return ModelError(f"{path / name} is cut off: {len(content)} of {entry.size} bytes are there. {remedy}")
    return ModelError(
        f"{path / name} was changed since {MANIFEST} was written: it is not the file that was saved. {remedy} If it "
        f"was replaced on purpose, by you or by Jesse, delete {MANIFEST}, and trust the folder as it is then."
    )


def _renamed_file(path: Path, suffix: str, entry: FileEntry) -> str | None:
    """Return the name of a file of this suffix with the content that is looked for."""
    for other in sorted(path.glob(f"*{suffix}")):
        if other.is_file() and (content := read_file(other, entry.size + 1, cut=True)) and _fits(content, entry):
            return other.name
    return None


def _check_names(loaded: LoadedModel, *, trusted: bool) -> None:
    """Refuse a manifest whose features or classes are not those of the files: it belongs to another model.

    The scaler of a safe folder holds the names of the features. They are removed once they are checked: with them,
    scikit-learn warns of every row that is an array.
    """
    manifest = loaded.manifest
    if manifest is None:
        return
    importance = loaded.feature_importance
    tables = [] if not isinstance(importance, Mapping) else [importance.get("feature_names")]
    recorded = [*tables, *(getattr(part, "feature_names_in_", None) for part in (loaded.scaler, loaded.model))]
    if any(names is not None and tuple(names) != manifest.feature_names for names in recorded):
        raise _other_model(loaded.folder, "features")
    if SCALER_OF_SKOPS in manifest.files and not _removed_names(loaded.scaler) and not trusted:
        raise ModelError(
            f"{loaded.folder / SCALER_OF_SKOPS} is not loaded: it does not hold the names of the features, as those of "
            f"earlier releases, so their order cannot be checked. {how_to_trust(loaded.folder)}"
        )
    classes = getattr(loaded.model, "classes_", None)
    if manifest.classes is not None and classes is not None and list(classes) != list(manifest.classes):
        raise _other_model(loaded.folder, "classes")


def _removed_names(scaler: Any) -> bool:
    """Remove the names of the features from a scaler; return whether it had them."""
    return getattr(scaler, "__dict__", {}).pop("feature_names_in_", None) is not None


def _other_model(folder: Path, what: str) -> ModelError:
    return ModelError(
        f"{folder / MANIFEST} lists other {what}, or in another order, than the model that it describes. Restore it, "
        "or train again."
    )


def _check_versions(manifest: Manifest, path: Path) -> None:
    """Refuse a model whose libraries are missing, and warn where their releases differ."""
    from importlib.metadata import PackageNotFoundError, version

    differing = []
    for name, trained in manifest.versions.items():
        if name == "python":
            continue
        try:
            installed = version(name)
        except PackageNotFoundError:
            raise MissingExtraError.of(name, extra=EXTRAS.get(name, name)) from None
        if name == "skops":  # its files say which format they have
            continue
        places = 1 if name == "numpy" else 2
        if trained.split(".")[:places] != installed.split(".")[:places]:
            differing.append(f"{name} {trained} (installed: {installed})")
    if differing:
        warnings.warn(
            f"the model in {path} was trained with {', '.join(differing)}. It may predict something else here; install "
            "that release, or train again.",
            LivermoreWarning,
            stacklevel=3,
        )
