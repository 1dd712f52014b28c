"""What each feature is worth to the user's own model: the headline metric when it is trained without it."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import config_context

from livermore.ml.metrics import mean
from livermore.ml.parallel import Batch, Crew, crew_for
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
    with crew_for(estimator, n_jobs, pace=fit_seconds) as crew:
        return Refits.begin(crew, task, estimator, feature_names, train=train, test=test[:2]).impact(baseline, test[2])


@dataclass(frozen=True, eq=False)
class Refits:
    """Refits without each feature, which others may be at work on while the full model is still being fitted.

    Parameters
    ----------
    feature_names : sequence of str
        Names of the columns.
    scores : Batch of ndarray
        For each of them the headline figure of each test sample without it.
    """

    feature_names: Sequence[str]
    scores: Batch[Floats]

    @classmethod
    def begin(
        cls,
        crew: Crew,
        task: Task,
        estimator: Any,
        feature_names: Sequence[str],
        *,
        train: Side,
        test: tuple[Floats, Array],
    ) -> "Refits":
        """Have a crew begin with them; parameters as for `feature_impact`."""
        without = functools.partial(_without, task, estimator, train, test)
        names = feature_names if len(feature_names) > 1 else []
        return cls(names, crew.begin(without, [(column,) for column in range(len(names))]))

    def impact(self, baseline: Floats, weight: Floats | None = None) -> list[dict[str, Any]]:
        """Compare them with the full model, once they are done; as `feature_impact` returns it."""
        rows = [
            {
                "feature": name,
                "metric": mean(score, weight),
                "delta": mean(score, weight) - mean(baseline, weight),
                "standard_error": _standard_error(score - baseline, weight),
            }
            for name, score in zip(self.feature_names, self.scores.results(), strict=True)
        ]
        return sorted(rows, key=lambda row: float(row["delta"]))


def _without(task: Task, estimator: Any, train: Side, test: tuple[Floats, Array], column: int) -> Floats:
    """Return the headline figure of each test sample under a model that does not know one feature."""
    # The full model's fit has to find the estimator's parameters sound, or nothing of this is looked at.
    with config_context(skip_parameter_validation=True):
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
