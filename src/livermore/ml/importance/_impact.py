"""What each feature is worth to the user's own model: the headline metric when it is trained without it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.importance._sharing import share
from livermore.ml.metrics import mean
from livermore.ml.tasks import Task, fit

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
# X, y and the weights of the samples, if they have any.
Side = tuple[Floats, Array, Floats | None]


def feature_impact(
    task: Task,
    estimator: Any,
    feature_names: Sequence[str],
    *,
    train: Side,
    test: Side,
    baseline: Floats,
    fit_seconds: float = 0.0,
    n_jobs: int | None = None,
) -> list[dict[str, Any]]:
    """Refit the estimator without each feature, and compare it with the full model on the test side.

    Parameters
    ----------
    task : Task
        Its headline metric is compared.
    estimator : estimator
        Unfitted copies of it are fitted.
    feature_names : sequence of str
        Names of the columns of X.
    train, test : tuple
        X of shape (n, f), scaled; y of shape (n,); weights of shape (n,) or None, for the fit and for the metric.
    baseline : ndarray of shape (n_test,)
        The headline figure of each test sample under the full model.
    fit_seconds : float
        How long the full model took to fit; if `n_jobs` is None, it says whether several cores are worth it.
    n_jobs : int or None
        As joblib takes it: of threads or processes, whichever the estimator gains more from. The result does not
        depend on it.

    Returns
    -------
    list of dict
        `feature`, `metric` (without it), `delta` (that less the full model's) and `standard_error` of the delta, from
        the differences of single samples; sorted by delta. Empty if there is one feature only.
    """
    if len(feature_names) < 2:
        return []
    calls = [(task, estimator, column, train, test) for column in range(len(feature_names))]
    scores = share(_without, calls, estimator, fit_seconds * len(calls), n_jobs)
    rows = [
        {
            "feature": name,
            "metric": mean(score, test[2]),
            "delta": mean(score, test[2]) - mean(baseline, test[2]),
            "standard_error": _standard_error(score - baseline, test[2]),
        }
        for name, score in zip(feature_names, scores, strict=True)
    ]
    return sorted(rows, key=lambda row: float(row["delta"]))


def _without(task: Task, estimator: Any, column: int, train: Side, test: Side) -> Floats:
    """Return the headline figure of each test sample under a model that does not know one feature."""
    model = fit(estimator, np.delete(train[0], column, axis=1), train[1], train[2])
    prediction = task.predict(model, np.delete(test[0], column, axis=1))
    return task.headline.per_sample(test[1], prediction.values)


def _standard_error(differences: Floats, weight: Floats | None) -> float:
    """Return the standard error of the mean of paired differences; NaN for a single pair."""
    n = len(differences)
    if n < 2:
        return math.nan
    if weight is None:
        return float(differences.std(ddof=1) / math.sqrt(n))
    apart = weight / weight.sum() * (differences - mean(differences, weight))
    return math.sqrt(float(apart @ apart) * n / (n - 1))
