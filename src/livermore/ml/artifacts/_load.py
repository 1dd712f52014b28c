"""Loading a model: presence, hashes, versions and trust are checked before a byte is unpickled."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError, ModelNotFoundError
from livermore.ml.artifacts._formats import PICKLE, how_to_trust, restored
from livermore.ml.artifacts._manifest import MANIFEST, FileEntry, Manifest
from livermore.ml.artifacts._store import IMPORTANCE, MODEL, PICKLES, SCALER, VERSIONS
from livermore.ml.artifacts._trust import is_trusted, remember

# How often a reader looks again when a save replaces the files under its eyes.
ATTEMPTS = 20
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
    """

    model: Any
    scaler: Any
    feature_importance: dict[str, Any] | None
    manifest: Manifest | None
    folder: Path


def load_model(folder: Path | str, *, trust: bool = False) -> LoadedModel:
    """Load the current model of a strategy's folder.

    A folder without manifest, as Jesse writes it, is loaded with a warning, as far as it is made of parts of well-known
    libraries: nothing else in it can be checked.

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
    """
    path = Path(folder)
    manifest, contents = _checked_contents(path)
    trusted = trust or is_trusted(_hashes(contents))
    if manifest is None:
        warnings.warn(
            f"{path} has no {MANIFEST}, so it was not saved by livermore: its files, features and versions cannot be "
            "checked. Train again with livermore to get a folder that can.",
            LivermoreWarning,
            stacklevel=2,
        )
    else:
        _check_versions(manifest, path)
        if not trusted:
            _refuse_pickles(manifest, path)
    quiet = manifest is not None  # another release has been told already
    by_stem = {
        Path(name).stem: restored(content, path / name, trusted=trusted, quiet=quiet)
        for name, content in contents.items()
    }
    return LoadedModel(by_stem[MODEL], by_stem[SCALER], by_stem.get(IMPORTANCE), manifest, path)


def trust_folder(folder: Path | str) -> tuple[str, ...]:
    """Trust the model that is in a folder now: its files load from here on, on this machine, without being asked for.

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
        If the folder is damaged, or it cannot be written down that it is trusted.
    """
    path = Path(folder)
    _, contents = _checked_contents(path)
    try:
        remember(_hashes(contents))
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
    """
    path = Path(folder)
    if not path.is_dir():
        raise ModelNotFoundError(f"there is no folder {path}. train_model(…, save_to=…) makes it.")
    try:
        return Manifest.from_bytes((path / MANIFEST).read_bytes(), path / MANIFEST)
    except FileNotFoundError:
        return None


def _checked_contents(path: Path) -> tuple[Manifest | None, dict[str, bytes]]:
    """Read manifest and files; look again if a save replaced them meanwhile."""
    manifest = read_manifest(path)
    for _ in range(ATTEMPTS):
        try:
            return manifest, _plain_contents(path) if manifest is None else _verified_contents(path, manifest)
        except ModelError:
            newer = read_manifest(path)
            if newer == manifest:
                raise
            manifest = newer
    raise ModelError(f"{path} changes all the time: another process keeps saving models to it.")


def _hashes(contents: Mapping[str, bytes]) -> list[str]:
    """Return the SHA-256 of each file."""
    return [hashlib.sha256(content).hexdigest() for content in contents.values()]


def _refuse_pickles(manifest: Manifest, path: Path) -> None:
    """Refuse pickles that were not saved here."""
    pickles = sorted(name for name in manifest.files if name.endswith(PICKLE))
    if pickles:
        raise ModelError(
            f"the model in {path} was not saved by you on this machine, and {', '.join(pickles)} "
            f"{'is a pickle' if len(pickles) == 1 else 'are pickles'}, which can run any code when loaded. "
            f"{how_to_trust(path)} A model that is saved with train_model(…, safe=True) needs no trust."
        )


def _plain_contents(path: Path) -> dict[str, bytes]:
    """Read the files of a folder that Jesse wrote."""
    contents = {name: (path / name).read_bytes() for name in PICKLES if (path / name).is_file()}
    for name in (f"{MODEL}{PICKLE}", f"{SCALER}{PICKLE}"):
        if name not in contents:
            raise ModelNotFoundError(f"there is no {path / name}. Save a model there with train_model(…, save_to=…).")
    return contents


def _verified_contents(path: Path, manifest: Manifest) -> dict[str, bytes]:
    """Read the files that the manifest names; from the version's folder if a save was interrupted."""
    contents = {name: _content(path / name) for name in manifest.files}
    wrong = [name for name, content in contents.items() if content is None or not _fits(content, manifest.files[name])]
    if wrong and all(_explained(contents[name], name, manifest) for name in wrong):
        path = path / VERSIONS / manifest.version
        contents = {name: _content(path / name) for name in manifest.files}
        wrong = [n for n, content in contents.items() if content is None or not _fits(content, manifest.files[n])]
    if wrong:
        raise _damage(path, wrong[0], contents, manifest)
    return {name: content for name, content in contents.items() if content is not None}


def _content(path: Path) -> bytes | None:
    """Return a file's content, None if there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _fits(content: bytes, entry: FileEntry) -> bool:
    """Return whether a file is the one that the manifest describes."""
    return len(content) == entry.size and hashlib.sha256(content).hexdigest() == entry.sha256


def _explained(content: bytes | None, name: str, manifest: Manifest) -> bool:
    """Return whether a file is missing or old because a save was interrupted."""
    if manifest.replaces is None:
        return False
    return content is None or hashlib.sha256(content).hexdigest() == manifest.replaces.get(name)


def _damage(path: Path, name: str, contents: dict[str, bytes | None], manifest: Manifest) -> ModelError:
    """Say what is wrong with a file: missing or renamed, swapped, cut off, or changed."""
    entry, content = manifest.files[name], contents[name]
    remedy = f"Restore it, roll back to a version in {VERSIONS}/, or train again."
    if content is None:
        twins = [other.name for other in sorted(path.glob(f"*{Path(name).suffix}")) if _fits(other.read_bytes(), entry)]
        renamed = f" {twins[0]} has its content: rename it back." if twins else f" {remedy}"
        return ModelNotFoundError(f"there is no {path / name}, which {MANIFEST} names.{renamed}")
    for other, other_entry in manifest.files.items():
        if other != name and _fits(content, other_entry):
            return ModelError(f"{path / name} holds what belongs in {other}: the files were swapped. {remedy}")
    if len(content) < entry.size:
        return ModelError(f"{path / name} is cut off: {len(content)} of {entry.size} bytes are there. {remedy}")
    return ModelError(
        f"{path / name} was changed since {MANIFEST} was written: it is not the file that was saved. {remedy} If it "
        f"was replaced on purpose, by you or by Jesse, delete {MANIFEST}, and the folder loads unchecked."
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
