r"""Which pickles may be opened: those that were saved by this user on this machine, and those that he said he trusts.

A pickle can run any code when it is loaded. So each file that `save_model` writes is remembered by its SHA-256 in the
user's own state folder, and a folder that comes from elsewhere is not opened before its files are there too. The memory
is of contents, not of places: folders can be moved, copied and versioned, and an edited manifest gains nothing.

The state folder is ``$LIVERMORE_STATE_DIR`` if that is set, else ``~/.local/state/livermore`` (Linux),
``~/Library/Application Support/livermore`` (macOS) or ``%LOCALAPPDATA%\livermore`` (Windows). Where there is none that
lasts, as in a cluster, ``LIVERMORE_TRUST_MODELS=1`` trusts every folder.
"""

import os
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

from livermore.errors import LivermoreWarning

STATE_DIR = "LIVERMORE_STATE_DIR"
TRUST_ALL = "LIVERMORE_TRUST_MODELS"
TRUSTED = "trusted-models"


def remember(hashes: Iterable[str]) -> None:
    """Trust files with these SHA-256 from now on.

    Raises
    ------
    OSError
        If the state folder cannot be written to.
    """
    folder = state_folder() / TRUSTED
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for sha256 in hashes:
        (folder / sha256).touch()


def remember_if_possible(hashes: Iterable[str]) -> None:
    """Trust what was saved here; where that cannot be written down, say so, for the model itself is all right."""
    try:
        remember(hashes)
    except OSError as error:
        warnings.warn(
            f"that this model was trained here could not be noted in the user's state folder ({error}), so loading it "
            f"will ask for trust. Point {STATE_DIR} at a folder that can be written to, or set {TRUST_ALL}=1.",
            LivermoreWarning,
            stacklevel=5,
        )


def is_trusted(hashes: Iterable[str]) -> bool:
    """Return whether all files with these SHA-256 may be opened."""
    if os.environ.get(TRUST_ALL) == "1":
        return True
    try:
        folder = state_folder() / TRUSTED
    except OSError:
        return False
    return all((folder / sha256).exists() for sha256 in hashes)


def state_folder() -> Path:
    """Return where livermore keeps what belongs to the user and to no project.

    Raises
    ------
    OSError
        If the user has no home folder.
    """
    if given := os.environ.get(STATE_DIR):
        return Path(given)
    try:
        return _states_of_the_user() / "livermore"
    except RuntimeError as error:  # no HOME, and no entry in the system's list of users
        raise OSError(str(error)) from error


def _states_of_the_user() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
