"""The two formats of a model's files: pickles, which Jesse reads, and skops files, which run no code."""

import io
import warnings
from pathlib import Path
from typing import Any

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError

PICKLE, SKOPS = ".pkl", ".skops"
MAIN_MODULE = b"__main__"


def dumped(value: Any, suffix: str) -> bytes:
    """Return the content of the file for a value.

    Raises
    ------
    ModelError
        If the value cannot be written in this format.

    Warns
    -----
    LivermoreWarning
        If the value uses a class or function of the script that is running, which no other program can load.
    """
    content = _skops_dumped(value) if suffix == SKOPS else _pickled(value)
    # Neither format compresses, and both spell out the module of each class and function that they refer to.
    if MAIN_MODULE in content:
        warnings.warn(
            f"the saved {type(value).__name__} refers to a class or function that is defined in the script or notebook "
            "that is running (module __main__). No other program can load it, a backtest in deploy mode included. Move "
            "the definition to a module that both import, and train again.",
            LivermoreWarning,
            stacklevel=6,
        )
    return content


def restored(content: bytes, path: Path, *, trusted: bool, quiet: bool = False) -> Any:
    """Return the value in a file's content.

    Parameters
    ----------
    content : bytes
        Of the file. It has been checked against the manifest, if there is one.
    path : Path
        Of the file; named in errors.
    trusted : bool
        Whether the file may run code. Without trust, only a skops file is loaded, and of it only known classes.
    quiet : bool
        Suppress scikit-learn's warning about another release.

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
            if not trusted:
                raise ModelError(f"{path} is not loaded: it is a pickle, and not trusted. {how_to_trust(path.parent)}")
            return _unpickled(content)
    except (ModelError, MissingExtraError):
        raise
    except Exception as error:
        raise ModelError(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error


def how_to_trust(folder: Path) -> str:
    """Say what a user does who trusts a folder."""
    return (
        f"If you know who made it and trust them: `livermore models {folder} --trust`, or "
        "load_ml_model(…, trust=True); on a cluster LIVERMORE_TRUST_MODELS=1."
    )


def _ignore_other_releases() -> None:
    """Suppress scikit-learn's warning about another release."""
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
    skops_io = _skops()
    try:
        content: bytes = skops_io.dumps(value)
        skops_io.loads(content, trusted=skops_io.get_untrusted_types(data=content))
    except Exception as error:
        raise ModelError(
            f"{type(value).__name__} cannot be saved without pickle: {type(error).__name__}: {error}. Save it with "
            "safe=False."
        ) from error
    return content


def _skops_restored(content: bytes, path: Path, trusted: bool) -> Any:
    """Load a skops file; without trust only if `check_skops` passes it, before anything that it names is imported."""
    skops_io = _skops()
    if not trusted:
        from livermore.ml.artifacts._skops_check import KNOWN_CLASSES, UnsafeSkopsError, check_skops

        try:
            check_skops(content)
        except UnsafeSkopsError as error:
            raise ModelError(f"{path} is not loaded: {error}. {how_to_trust(path.parent)}") from error
    named = skops_io.get_untrusted_types(data=content)
    if not trusted and (foreign := sorted(set(named) - KNOWN_CLASSES.keys())):
        raise ModelError(
            f"{path} is not loaded: it names {', '.join(foreign)}, which neither skops nor livermore knows to be "
            f"harmless. {how_to_trust(path.parent)}"
        )
    return skops_io.loads(content, trusted=named)


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise MissingExtraError.of("skops", extra="skops") from None
    return skops.io
