"""The two formats that a model's files have: pickles, which Jesse reads, and skops files, which run no code."""

import io
import warnings
from pathlib import Path
from typing import Any

from livermore.errors import MissingExtraError, ModelError
from livermore.ml.artifacts._known_types import UnknownTypeError, load_known

PICKLE, SKOPS = ".pkl", ".skops"
# Libraries whose classes a skops file may name without being trusted: it can build them, and call nothing.
LIBRARIES = ("sklearn.", "lightgbm.", "xgboost.", "collections.")


def dumped(value: Any, suffix: str) -> bytes:
    """Return the content of the file for a value.

    Raises
    ------
    ModelError
        If the value cannot be written in this format.
    """
    return _skops_dumped(value) if suffix == SKOPS else _pickled(value)


def restored(content: bytes, path: Path, *, trusted: bool, quiet: bool = False) -> Any:
    """Return the value in a file's content, which has been checked against its manifest, if there is one.

    Parameters
    ----------
    content : bytes
        Of the file.
    path : Path
        Of the file; its suffix tells the format.
    trusted : bool
        Whether the file may run code; else only parts of well-known libraries are built.
    quiet : bool
        Leave out scikit-learn's warning about another release.

    Raises
    ------
    ModelError
        If it cannot be loaded, or needs to be trusted.
    """
    try:
        with warnings.catch_warnings():
            if quiet:
                _ignore_other_releases()
            if path.suffix == SKOPS:
                return _skops_restored(content, path, trusted)
            return _unpickled(content) if trusted else load_known(content)
    except UnknownTypeError as error:
        raise ModelError(
            f"{path} is not loaded: {error}, which is no part of a model of a well-known library. "
            f"{how_to_trust(path.parent)}"
        ) from error
    except (ModelError, MissingExtraError):
        raise
    except Exception as error:
        raise ModelError(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error


def how_to_trust(folder: Path) -> str:
    """Say what a user does who trusts a folder."""
    return (
        f"If you know who made it and trust him: `livermore models {folder} --trust`, or load_ml_model(…, trust=True); "
        "on a cluster LIVERMORE_TRUST_MODELS=1."
    )


def _ignore_other_releases() -> None:
    """Leave out scikit-learn's warning about another release."""
    from sklearn.exceptions import InconsistentVersionWarning

    warnings.simplefilter("ignore", InconsistentVersionWarning)


def _pickled(value: Any) -> bytes:
    import joblib

    buffer = io.BytesIO()
    try:
        joblib.dump(value, buffer)
    except Exception as error:
        raise ModelError(
            f"{type(value).__name__} cannot be pickled ({error}), so it cannot be saved. A class or function that it "
            "uses must be defined at the top level of a module."
        ) from error
    return buffer.getvalue()


def _unpickled(content: bytes) -> Any:
    import joblib

    return joblib.load(io.BytesIO(content))


def _skops_dumped(value: Any) -> bytes:
    """Return what skops writes, after making sure that it can be read again."""
    io_of = _skops()
    try:
        content: bytes = io_of.dumps(value)
        io_of.loads(content, trusted=io_of.get_untrusted_types(data=content))
    except Exception as error:
        raise ModelError(
            f"{type(value).__name__} cannot be saved without pickle: {type(error).__name__}: {error}. Save it with "
            "safe=False."
        ) from error
    return content


def _skops_restored(content: bytes, path: Path, trusted: bool) -> Any:
    io_of = _skops()
    named = io_of.get_untrusted_types(data=content)
    foreign = [name for name in named if not _is_known_class(name)]
    if foreign and not trusted:
        raise ModelError(
            f"{path} is not loaded: it names {', '.join(foreign)}, of no library that is known here. "
            f"{how_to_trust(path.parent)}"
        )
    return io_of.loads(content, trusted=named)


def _is_known_class(name: str) -> bool:
    """Return whether a full name is that of a class in a known library."""
    if not name.startswith(LIBRARIES):
        return False
    import importlib

    module, _, attribute = name.rpartition(".")
    try:
        return isinstance(getattr(importlib.import_module(module), attribute, None), type)
    except ImportError:
        return False


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise MissingExtraError.of("skops", extra="skops") from None
    return skops.io
