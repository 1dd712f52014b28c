"""Saving a model so that a kill at any time leaves the old model or the new one, whole.

What is on disk, all inside the strategy's folder::

    model.pkl  scaler.pkl  feature_importance.pkl    what Jesse reads; with safe=True files of skops in their place
    model.json                                       the manifest: hashes of the three, and which version they are
    models/20240131T120000.123Z-1a2b3c4d-7/          that version, whole: the same files and their manifest
    models/.lock                                     held while a save is under way

A save goes in this order:

1. Under the lock, the version is written to a hidden folder, brought to disk, and renamed to its name: it is there
   whole or not at all. Nothing points to it yet, so a kill up to here leaves the old model.
2. Copies of its files are written beside the old ones under temporary names, so that nothing that follows needs space.
3. ``model.json`` is replaced, which makes the new model the current one. Until step 5 it also holds the
   hashes of the files that are about to be replaced, so that a reader who finds one of them (or none) where a new one
   should be knows that the save was interrupted, and takes the model from its version folder. Any other content is
   damage and is refused.
4. ``model.pkl`` is removed, the other files are replaced by renaming, and ``model.pkl`` comes last. Jesse, which knows
   no manifest, thus finds the old model, the new one, or a missing ``model.pkl``: never a new model with an old scaler.
5. ``model.json`` is replaced once more, without the old hashes.

A save that was interrupted after step 3 is completed by the next `publish_version`. No symbolic links are used, so that
folders can be copied, committed and used on Windows. Two trainers wait for each other; the later one wins.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from livermore.errors import ModelError, ModelNotFoundError
from livermore.files import locked, write_atomically
from livermore.ml.artifacts._formats import PICKLE, SKOPS, dumped
from livermore.ml.artifacts._manifest import MANIFEST, MAX_BYTES, FileEntry, Manifest, files_digest, manifest_of
from livermore.ml.artifacts._read import read_file
from livermore.ml.artifacts._trust import remember_if_possible

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

MODEL, SCALER, IMPORTANCE = "model", "scaler", "feature_importance"
# In the order of step 4: the model itself last.
PICKLES = tuple(f"{stem}{PICKLE}" for stem in (IMPORTANCE, SCALER, MODEL))
FILES = (*(f"{stem}{SKOPS}" for stem in (IMPORTANCE, SCALER, MODEL)), *PICKLES)
VERSIONS = "models"
# Time, hash and number of a save.
NUMBERED = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}-(?P<number>[0-9]{1,18})")
PROBE = "writable"


def check_writable(folder: Path | str) -> Path:
    """Make sure that a model can be saved to `folder`, before time is spent on training one.

    Returns
    -------
    Path
        The folder, which exists now.

    Raises
    ------
    ModelError
        If it cannot be made or written to.

    Examples
    --------
    >>> import tempfile
    >>> check_writable(tempfile.mkdtemp()).is_dir()
    True
    """
    path = Path(folder)
    probe = path / f".{PROBE}.{os.urandom(6).hex()}.tmp"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"no model can be saved to {path}: {error.strerror or error}. Choose another folder for save_to, or make "
            "this one writable."
        ) from error
    return path


def save_model(result: "TrainingResult", folder: Path | str, *, safe: bool = False) -> Path:
    """Save a training result to a strategy's folder, where it becomes the current model.

    Parameters
    ----------
    result : TrainingResult
        What `train_model` found.
    folder : path-like
        The strategy's folder. The models that were saved to it before stay in ``models/``.
    safe : bool
        Write files of skops, which can be loaded anywhere without running code, instead of the pickles that Jesse
        reads.

    Returns
    -------
    Path
        The folder of the new version in ``models/``.

    Raises
    ------
    ModelError
        If the folder cannot be written to, or the disk is full. The current model is then the old one or the new one,
        whole.
    MissingExtraError
        If `safe`, and skops is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> path = save_model(example_training(), tempfile.mkdtemp())
    >>> sorted(file.name for file in path.glob("*.pkl"))
    ['model.pkl', 'scaler.pkl']
    """
    path = check_writable(folder)
    contents = _contents(result, SKOPS if safe else PICKLE)
    manifest = manifest_of(result, contents, path)
    try:
        (path / VERSIONS).mkdir(exist_ok=True)
        with locked(path / VERSIONS / ".lock"):
            _clean(path)
            _adopt_plain_model(path)
            version = _write_version(path, manifest, contents)
            remember_if_possible([manifest.digest, files_digest(contents)])
            _publish(path, version)
    except OSError as error:
        raise ModelError(f"the model could not be saved to {path}: {error.strerror or error}.") from error
    return version


def publish_version(folder: Path | str, version: str) -> None:
    """Make a version that was saved before the current model again, or complete a save that was interrupted.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    version : str
        Name of a folder in its ``models/``; see `saved_versions`.

    Raises
    ------
    ModelNotFoundError
        If there is no such version.
    ModelError
        If its files are damaged, or the folder cannot be written to.
    """
    path = check_writable(folder)
    source = path / VERSIONS / version
    if version not in saved_versions(path):
        raise ModelNotFoundError(
            f"there is no model {version!r} in {path / VERSIONS}; it holds {saved_versions(path)}."
        )
    with locked(path / VERSIONS / ".lock"):
        _clean(path)
        _publish(path, source)


def saved_versions(folder: Path | str) -> list[str]:
    """Return the names of all versions that are kept in a strategy's folder, in the order in which they were saved.

    The order is that of the numbers at the end of the names, since a clock may be set back between two saves. Versions
    of earlier releases have no number; they come first, in the order of their times.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> len(saved_versions(folder))
    1
    """
    kept = (Path(folder) / VERSIONS).glob(f"*/{MANIFEST}")
    names = [manifest.parent.name for manifest in kept if not manifest.parent.name.startswith(".")]
    return sorted(names, key=lambda name: (_number_of(name), name))


def _number_of(version: str) -> int:
    """Return which save of its folder a version was, counted from 1; 0 if its name does not say."""
    found = NUMBERED.fullmatch(version)
    return 0 if found is None else int(found["number"])


def _contents(result: "TrainingResult", suffix: str) -> dict[str, bytes]:
    """Return the content of each file."""
    scaler = result.scaler
    if suffix == SKOPS:
        # The names bind the manifest to the files: without trust, no other order of the features is accepted.
        scaler = copy(scaler)
        scaler.feature_names_in_ = np.array([feature.name for feature in result.data.features], dtype=object)
    values = {MODEL: result.model, SCALER: scaler, IMPORTANCE: result.feature_importance}
    return {f"{stem}{suffix}": dumped(value, suffix) for stem, value in values.items() if value is not None}


def _clean(path: Path) -> None:
    """Remove the hidden temporary files and folders of saves that were killed. Call it under the lock."""
    for name in (*FILES, MANIFEST, PROBE):
        for leftover in path.glob(f".*{name}.*.tmp"):
            leftover.unlink(missing_ok=True)
    for leftover in (path / VERSIONS).glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


def _adopt_plain_model(path: Path) -> None:
    """Keep a copy of a model that Jesse saved here, which has no manifest."""
    model = path / f"{MODEL}{PICKLE}"
    if (path / MANIFEST).exists() or not model.exists():
        return
    saved = datetime.fromtimestamp(model.stat().st_mtime, UTC)
    contents = {name: read_file(path / name, None) for name in PICKLES}
    kept = {name: content for name, content in contents.items() if content is not None}
    _write_folder(path, f"{saved:%Y%m%dT%H%M%SZ}-plain", kept)


def _write_version(path: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> Path:
    """Write a version's folder, whole or not at all: step 1."""
    digest = hashlib.sha256(manifest.to_bytes()).hexdigest()
    now = datetime.now(UTC)
    number = 1 + max(map(_number_of, saved_versions(path)), default=0)
    name = f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{digest[:8]}-{number}"
    return _write_folder(path, name, {**contents, MANIFEST: manifest.named(name).to_bytes()})


def _write_folder(path: Path, name: str, contents: Mapping[str, bytes]) -> Path:
    """Write files into a new folder of ``models/`` that appears under its name only when all of them are on disk."""
    target = path / VERSIONS / name
    if target.exists():  # Jesse's model, which was kept before
        return target
    hidden = path / VERSIONS / f".{name}.{os.urandom(4).hex()}.tmp"
    try:
        hidden.mkdir()
        for file_name, content in contents.items():
            write_atomically(hidden / file_name, content)
        _sync_folder(hidden)
        os.replace(hidden, target)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    _sync_folder(target.parent)
    return target


def _publish(path: Path, version: Path) -> None:
    """Make a version the current model: steps 2 to 5."""
    described = read_file(version / MANIFEST, MAX_BYTES)
    if described is None:
        raise ModelNotFoundError(f"there is no {version / MANIFEST}.")
    manifest = Manifest.from_bytes(described, version / MANIFEST)
    staged: dict[str, Path] = {}
    try:
        for name in FILES:
            if name in manifest.files:
                staged[name] = _stage(path, version, name, manifest)
        replaces = {name: _sha256(path / name) for name in FILES}
        write_atomically(path / MANIFEST, manifest.while_replacing(replaces).to_bytes())
    except BaseException:
        for file in staged.values():
            file.unlink(missing_ok=True)
        raise
    _sync_folder(path)
    (path / f"{MODEL}{PICKLE}").unlink(missing_ok=True)
    _sync_folder(path)
    for name in FILES:
        if name in staged:
            os.replace(staged[name], path / name)
        else:
            (path / name).unlink(missing_ok=True)
    _sync_folder(path)
    write_atomically(path / MANIFEST, manifest.to_bytes())
    _sync_folder(path)


def _stage(path: Path, version: Path, name: str, manifest: Manifest) -> Path:
    """Copy one file of a version beside the one that it will replace, and check the copy: step 2."""
    content = read_file(version / name, manifest.files[name].size + 1, cut=True)
    if content is None or FileEntry.of(content) != manifest.files[name]:
        raise ModelError(f"{version / name} is damaged: it is not the file that its manifest describes.")
    staged = path / f".{name}.{os.urandom(6).hex()}.tmp"
    write_atomically(staged, content)
    if (path / name).is_file():  # the rights that its owner gave it
        shutil.copymode(path / name, staged)
    return staged


def _sha256(path: Path) -> str | None:
    """Return the hash of a file, None if there is none."""
    content = read_file(path, None)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, where the system can."""
    if os.name == "nt":  # no file descriptor for a folder; renames are journalled by the file system
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
