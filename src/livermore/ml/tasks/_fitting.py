"""Fitting the user's estimator, and what it can handle: missing values, sample weights, probabilities."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from livermore.errors import EstimatorError
from livermore.ml.parallel import THREAD_PARAMETERS, runs_beside_others
from livermore.typing import Array, Floats

__all__ = [
    "call_fitted",
    "fit",
    "is_of_kind",
    "predicts_probabilities",
    "takes_missing_values",
    "unfitted",
    "weight_parameter",
]

# They pass X to their estimator unchanged, whatever their own tags say.
WRAPPERS = (BaseSearchCV, CalibratedClassifierCV, FixedThresholdClassifier, TunedThresholdClassifierCV)
# Libraries that choose the number of threads themselves, and their parameter for it; all others follow OpenMP's limit.
OWN_THREADS = {"lightgbm": "n_jobs", "catboost": "thread_count"}


def unfitted(estimator: Any) -> Any:
    """Return an unfitted copy of an estimator; a deep copy if scikit-learn cannot clone it.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> unfitted(Ridge(alpha=2.0).fit([[0.0], [1.0]], [0.0, 1.0]))
    Ridge(alpha=2.0)
    """
    try:
        return clone(estimator)
    except TypeError:  # not derived from BaseEstimator, and still able to fit
        return copy.deepcopy(estimator)


def fit(estimator: Any, X: Floats, y: Array, weight: Floats | None) -> Any:
    """Fit an unfitted copy of an estimator.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    X : ndarray of shape (n, f)
        Scaled features.
    y : ndarray of shape (n,)
        Encoded labels.
    weight : ndarray of shape (n,) or None
        Sample weights.

    Returns
    -------
    estimator
        The fitted copy.

    Raises
    ------
    EstimatorError
        If the fit fails; the message names the estimator, the shape of X, and the classes.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> fit(Ridge(alpha=0), np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), None).coef_
    array([2.])
    """
    model = unfitted(estimator)
    options = {} if weight is None else {str(weight_parameter(estimator)): weight}
    try:
        with _one_thread_of_its_own(model):
            return model.fit(X, y, **options)
    except Exception as error:
        raise EstimatorError(
            f"{type(estimator).__name__}.fit failed on {X.shape[0]} samples of {X.shape[1]} features"
            f"{_about_classes(y)}: {error}"
        ) from error


def call_fitted(model: Any, method: str, X: Floats) -> Any:
    """Call a method of a fitted estimator, such as `predict`.

    Raises
    ------
    EstimatorError
        If it fails; the message names the estimator, the method and the shape of X.
    """
    try:
        return getattr(model, method)(X)
    except Exception as error:
        raise EstimatorError(
            f"{type(model).__name__}.{method} failed on {X.shape[0]} samples of {X.shape[1]} features: "
            f"{type(error).__name__}: {error}"
        ) from error


@contextmanager
def _one_thread_of_its_own(model: Any) -> Iterator[None]:
    """Give the fit one thread where it would take all cores: boosting always, all others beside other fits.

    A number of threads that the user has chosen stays.
    """
    parameters = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    unlimited = _left_to_the_library(model, parameters)
    if runs_beside_others():
        unlimited |= {name: value for name, value in parameters.items() if _is_all_cores(name, value)}
    if not unlimited:
        yield
        return
    model.set_params(**dict.fromkeys(unlimited, 1))
    try:
        yield
    finally:
        model.set_params(**unlimited)


def _left_to_the_library(model: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the thread parameters that are None, of libraries that then take all cores."""
    found: dict[str, Any] = {}
    for name, owner in {"": model, **parameters}.items():
        own = OWN_THREADS.get(type(owner).__module__.partition(".")[0])
        full = f"{name}__{own}" if name else str(own)
        if parameters.get(full, -1) is None:
            found[full] = None
    return found


def _is_all_cores(name: str, value: Any) -> bool:
    """Return whether a parameter asks for all cores, or all but some."""
    return name.rpartition("__")[2] in THREAD_PARAMETERS and isinstance(value, int) and value < 0


def weight_parameter(estimator: Any) -> str | None:
    """Return the keyword of an estimator's `fit` for sample weights; None if it takes none.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> weight_parameter(make_pipeline(Ridge()))
    'ridge__sample_weight'
    """
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        inner = weight_parameter(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None


def is_of_kind(estimator: Any, kind: str) -> bool:
    """Return whether an estimator calls itself a "classifier" or a "regressor", by scikit-learn's tags."""
    test: Callable[[Any], bool] = {"classifier": is_classifier, "regressor": is_regressor}[kind]
    try:
        return bool(test(estimator))
    except (AttributeError, TypeError):  # not derived from BaseEstimator: it has no tags
        return getattr(estimator, "_estimator_type", None) == kind


def predicts_probabilities(estimator: Any) -> bool:
    """Return whether an estimator has `predict_proba` once it is fitted.

    A meta-estimator answers for the estimator inside it. Where that is left to its default (`StackingClassifier()`),
    only the fit creates it: then the class decides, and the fitted model is checked when it predicts.

    Examples
    --------
    >>> from sklearn.ensemble import StackingClassifier
    >>> from sklearn.svm import SVC
    >>> predicts_probabilities(StackingClassifier([("svc", SVC())])), predicts_probabilities(SVC())
    (True, False)
    """
    if hasattr(estimator, "predict_proba"):
        return True
    if not hasattr(type(estimator), "predict_proba"):
        return False
    if isinstance(estimator, Pipeline):
        return predicts_probabilities(estimator.steps[-1][1])
    parameters = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    for name in ("final_estimator", "estimator"):
        if name in parameters:
            return parameters[name] is None or predicts_probabilities(parameters[name])
    return False


def takes_missing_values(estimator: Any) -> bool:
    """Return whether an estimator handles NaN, looking into pipelines, searches and calibration.

    One without scikit-learn's tags is assumed to; if it does not, its own error is reported.

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> takes_missing_values(HistGradientBoostingClassifier()), takes_missing_values(LogisticRegression())
    (True, False)
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
    """Follow NaN through the steps, up to one that imputes them."""
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
