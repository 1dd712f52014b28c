"""Fitting the user's estimator, and finding out what it takes: missing values, sample weights."""

import copy
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from livermore.errors import EstimatorError
from livermore.typing import Array, Floats

# They hand X to their estimator as it is, whatever their own tags say.
WRAPPERS = (BaseSearchCV, CalibratedClassifierCV, FixedThresholdClassifier, TunedThresholdClassifierCV)


def unfitted(estimator: Any) -> Any:
    """Return a copy of an estimator without what it learnt."""
    try:
        return clone(estimator)
    except TypeError:  # not built in scikit-learn's way, and still able to fit
        return copy.deepcopy(estimator)


def fit(estimator: Any, X: Floats, y: Array, weight: Floats | None) -> Any:
    """Fit an unfitted copy of an estimator, and say whose failure it is if that fails."""
    model = unfitted(estimator)
    options = {} if weight is None else {str(weight_parameter(estimator)): weight}
    try:
        return model.fit(X, y, **options)
    except Exception as error:
        raise EstimatorError(
            f"{type(estimator).__name__}.fit failed on {X.shape[0]} samples of {X.shape[1]} features"
            f"{_about_classes(y)}: {error}"
        ) from error


def weight_parameter(estimator: Any) -> str | None:
    """Return by which keyword an estimator's `fit` takes the weights of the samples; None if it takes none."""
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        inner = weight_parameter(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None


def takes_missing_values(estimator: Any) -> bool:
    """Return whether an estimator takes NaN, looking into pipelines, searches and calibration.

    One whose maker has not said so is taken to; its own error is reported if it does not.
    """
    if isinstance(estimator, Pipeline):
        return _pipeline_takes_missing_values(estimator)
    if isinstance(estimator, WRAPPERS):
        return takes_missing_values(estimator.estimator)
    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError, ValueError):
        return True


def _pipeline_takes_missing_values(pipeline: Pipeline) -> bool:
    """Follow NaN through the steps, up to one that fills them in."""
    for _, step in pipeline.steps:
        if step is None or step == "passthrough":
            continue
        if not takes_missing_values(step):
            return False
        if "Imputer" in type(step).__name__:
            return True
    return True


def _about_classes(y: Array) -> str:
    """Name the classes, for estimators that accept only some."""
    return f" and classes {np.unique(y).tolist()}" if np.issubdtype(y.dtype, np.integer) else ""
