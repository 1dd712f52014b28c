"""Checks of the fitted arrays of a model that was loaded without trust: their shapes fit each other and the features.

The files may hold arrays of any shape. scikit-learn would broadcast some of them, and the compiled fast path of a
prediction takes their shapes as fitting.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from livermore.errors import ModelError

# Attributes whose last axis is the features.
PER_FEATURE = ("coef_", "theta_", "var_", "mean_", "scale_", "center_", "feature_log_prob_", "data_min_", "max_abs_")
# Attributes whose first axis is the classes.
PER_CLASS = ("theta_", "class_prior_", "class_log_prior_", "feature_log_prob_")


def check_shapes(scaler: Any, model: Any, n_features: int) -> None:
    """Refuse a scaler and a model whose arrays do not fit `n_features` features, or each other.

    Raises
    ------
    ModelError
        If a shape is wrong, or a row of zeros cannot be predicted.
    """
    for name, estimator in (("scaler", scaler), ("model", model)):
        if estimator.n_features_in_ != n_features:
            raise ModelError(
                f"the {name} takes {estimator.n_features_in_} features, and the manifest has {n_features}."
            )
        for part in _parts(estimator):
            if hasattr(part, "n_features_in_"):
                _check_features(part)
            if hasattr(part, "classes_"):
                _check_classes(part)
            if hasattr(part, "coefs_"):
                _check_layers(part)
            if hasattr(part, "tree_"):
                _check_leaves(part)
            if hasattr(part, "calibrators"):
                _check_calibrators(part)
    with np.errstate(all="ignore"):
        row = scaler.transform(np.zeros((1, n_features)))
        model.predict(row)
        if hasattr(model, "predict_proba") and model.predict_proba(row).shape != (1, len(model.classes_)):
            raise ModelError("the model gives another number of probabilities than it has classes. Train again.")


def _parts(estimator: Any) -> Iterator[Any]:
    """Yield an estimator and all objects inside it."""
    seen: set[int] = set()
    pending = [estimator]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            pending += value.values()
        elif isinstance(value, list | tuple | set):
            pending += value
        elif isinstance(value, np.ndarray):
            pending += value.ravel().tolist() if value.dtype == object else []
        elif type(value).__module__.startswith("sklearn."):
            yield value
            pending += getattr(value, "__dict__", {}).values()


def _check_features(part: Any) -> None:
    for name in PER_FEATURE:
        array = getattr(part, name, None)
        if isinstance(array, np.ndarray) and array.shape[-1:] != (part.n_features_in_,):
            raise _wrong(part, name, array)


def _check_classes(part: Any) -> None:
    n_classes = len(part.classes_)
    members = getattr(part, "estimators_", [])
    is_ensemble = type(part).__module__.startswith("sklearn.ensemble.") and isinstance(members, list)
    if is_ensemble and any(len(getattr(m, "classes_", part.classes_)) != n_classes for m in members):
        raise ModelError(f"the {type(part).__name__} has members with other classes. Train again.")
    for name in PER_CLASS:
        array = getattr(part, name, None)
        if isinstance(array, np.ndarray) and len(array) != n_classes:
            raise _wrong(part, name, array)
    coef, intercept = getattr(part, "coef_", None), np.asarray(getattr(part, "intercept_", 0.0))
    if isinstance(coef, np.ndarray):
        rows = len(np.atleast_2d(coef)) if coef.ndim <= 2 else 0  # a binary RidgeClassifier has one axis
        if rows != _n_scores(part.classes_):
            raise _wrong(part, "coef_", coef)
        if intercept.size not in (1, rows):
            raise _wrong(part, "intercept_", intercept)


def _check_layers(part: Any) -> None:
    """Check that each layer of a perceptron takes what the one before it gives."""
    width = part.n_features_in_
    if len(part.coefs_) != len(part.intercepts_):
        raise ModelError(f"the {type(part).__name__} has weights and biases of different numbers of layers.")
    outputs = _n_scores(part.classes_) if hasattr(part, "classes_") else 1
    if not part.coefs_ or part.coefs_[-1].shape[1:] != (outputs,):
        raise ModelError(f"the {type(part).__name__} has another number of outputs than of classes. Train again.")
    for weights, biases in zip(part.coefs_, part.intercepts_, strict=True):
        if weights.ndim != 2 or len(weights) != width or biases.shape != weights.shape[1:]:
            raise _wrong(part, "coefs_", weights)
        width = weights.shape[1]


def _n_scores(classes: Any) -> int:
    """Return how many scores tell that many classes apart."""
    return 1 if len(classes) == 2 else len(classes)


def _check_leaves(part: Any) -> None:
    """Check that the leaves of a tree hold a value per class, or the one of a regression."""
    values = part.tree_.value
    if values.shape[1:] != (1, len(part.classes_) if hasattr(part, "classes_") else 1):
        raise _wrong(part, "tree_", values)


def _check_calibrators(part: Any) -> None:
    """Check that a calibrated classifier has one calibrator per score of the classifier inside it."""
    known = len(part.classes)
    if len(part.calibrators) != _n_scores(part.classes) or len(part.estimator.classes_) != known:
        raise ModelError(f"the {type(part).__name__} has another number of calibrators than of classes. Train again.")


def _wrong(part: Any, name: str, array: Any) -> ModelError:
    return ModelError(
        f"{name} of the {type(part).__name__} has the shape {array.shape}, which does not fit its features or classes. "
        "Restore the model, or train again."
    )
