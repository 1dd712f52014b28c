r"""The trust store: which models this user may unpickle on this machine.

A pickle can run any code when it is loaded. So a model that consists of pickles is loaded only if it is trusted: it was
saved by this user on this machine, or the user has said so with `trust_model`. What is trusted is one SHA-256 over the
names, sizes and hashes of all files of a model together with its manifest. The store holds digests, not paths: folders
can be moved and copied, and any edit makes another model, which is not trusted.

The store is a folder of empty files in the user's state folder: ``$LIVERMORE_STATE_DIR`` if that is set, else what
`platformdirs` says (``~/.local/state/livermore`` on Linux, ``~/Library/Application Support/livermore`` on macOS,
``%LOCALAPPDATA%\livermore`` on Windows). Where no such folder lasts, as on a cluster, ``LIVERMORE_TRUST_MODELS=1``
trusts every model.
"""

import os
import warnings
from collections.abc import Iterable

from livermore.errors import LivermoreWarning
from livermore.files import STATE_DIR, state_folder

TRUST_ALL = "LIVERMORE_TRUST_MODELS"
TRUSTED = "trusted-models"


def remember(digests: Iterable[str]) -> None:
    """Trust what has these SHA-256 from now on.

    Raises
    ------
    OSError
        If the state folder cannot be written to.
    """
    folder = state_folder() / TRUSTED
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for digest in digests:
        (folder / digest).touch()


def remember_if_possible(digests: Iterable[str]) -> None:
    """Trust what was saved here, or warn: a model is saved even where the trust store cannot be written to."""
    try:
        remember(digests)
    except OSError as error:
        warnings.warn(
            f"that this model was trained here could not be noted in the user's state folder ({error}), so loading it "
            f"will ask for trust. Point {STATE_DIR} at a folder that can be written to, or set {TRUST_ALL}=1.",
            LivermoreWarning,
            stacklevel=5,
        )


def all_models_are_trusted() -> bool:
    """Return whether the environment says that every model may be unpickled."""
    return os.environ.get(TRUST_ALL) == "1"


def is_trusted(digests: Iterable[str]) -> bool:
    """Return whether everything with these SHA-256 is in the trust store."""
    try:
        folder = state_folder() / TRUSTED
    except OSError:
        return False
    return all((folder / digest).exists() for digest in digests)
