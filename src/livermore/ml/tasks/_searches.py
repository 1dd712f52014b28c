"""Searches of hyperparameters inside a fitted model: what they chose, and whether they could choose at all."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline

from livermore.errors import EstimatorError

__all__ = ["chosen_parameters"]


def chosen_parameters(model: Any) -> dict[str, Any]:
    """Return the hyperparameters that searches inside a fitted model have chosen.

    Parameters
    ----------
    model : estimator
        Fitted.

    Returns
    -------
    dict
        Values by parameter name; empty if the model holds no search.

    Raises
    ------
    EstimatorError
        If all scores of a search are NaN: then it has taken its first candidate without comparing anything.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GridSearchCV
    >>> X, y = np.arange(40.0).reshape(20, 2), np.arange(20.0)
    >>> chosen_parameters(GridSearchCV(Ridge(), {"alpha": [0.001, 1000.0]}).fit(X, y))
    {'alpha': 0.001}
    """
    chosen: dict[str, Any] = {}
    for search in _searches(model):
        scores = [values for name, values in search.cv_results_.items() if name.startswith("mean_test_")]
        if np.isnan(np.asarray(scores, dtype=np.float64)).all():
            raise EstimatorError(
                f"all inner scores of {type(search).__name__} are NaN, so it could not compare its candidates. Check "
                "its scoring: with error_score='raise' it reports why (often a fold whose test rows have one class)."
            )
        chosen |= dict(getattr(search, "best_params_", {}))
    return chosen


def _searches(model: Any) -> Iterator[Any]:
    """Yield the searches in a fitted model: in pipelines, calibrators, ensembles, and in what a search has fitted."""
    if isinstance(model, BaseSearchCV) and hasattr(model, "cv_results_"):
        yield model
    inner = [getattr(model, name, None) for name in ("best_estimator_", "estimator_", "final_estimator_")]
    if isinstance(model, Pipeline):
        inner += [step for _, step in model.steps]
    if isinstance(model, CalibratedClassifierCV):
        inner += [fold.estimator for fold in getattr(model, "calibrated_classifiers_", [])]
    found = getattr(model, "estimators_", ())
    # Gradient boosting holds an array of trees: too many to look at, and none of them is a search.
    inner += found if isinstance(found, list) else []
    for part in inner:
        if part is not None:
            yield from _searches(part)
