"""Fitted objects known by the names of their classes, so that nothing need be imported to know them."""

from typing import Any

from livermore.ml.inference._fast._parts import UnsupportedModelError

__all__ = ["class_name", "labels_of"]

_LIBRARIES = ("sklearn", "lightgbm", "xgboost")


def class_name(fitted: Any) -> str:
    """Return "library.Class" for a library's own class, and "" for a user's, even if it inherits from one of those."""
    kind = type(fitted)
    library = kind.__module__.partition(".")[0]
    return f"{library}.{kind.__name__}" if library in _LIBRARIES else ""


def labels_of(model: Any) -> tuple[float, ...]:
    """Return a classifier's classes as floats; a model whose classes are names has no float to predict."""
    try:
        return tuple(float(label) for label in model.classes_)
    except ValueError:
        raise UnsupportedModelError("classes without a number") from None
