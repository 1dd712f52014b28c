"""Feature impact: how the headline metric changes when the user's own estimator is trained without a feature."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sklearn import config_context

from livermore.ml.metrics import mean
from livermore.ml.parallel import FitExecutor, FitFuture, executor_for
from livermore.ml.tasks import Task, fit, without_features
from livermore.ml.validation import ScaledFeatures
from livermore.typing import Array, Floats

# Differences of this share of a metric are round-off.
ROUND_OFF = 1e-14
# X, y and the weights of the samples, if they have any.
Part = tuple[Floats, Array, Floats | None]
ScaledPart = tuple[ScaledFeatures, Array, Floats | None]


def feature_impact(
    task: Task,
    estimator: Any,
    feature_names: Sequence[str],
    *,
    train: Part,
    test: Part,
    baseline: Floats,
    fit_seconds: float = 0.0,
    n_jobs: int | None = None,
) -> list[dict[str, Any]]:
    """Refit the estimator without each feature, and compare it with the full model on the test samples.

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
        The headline value of each test sample under the full model.
    fit_seconds : float
        Duration of the full model's fit; with `n_jobs` None it decides whether several cores are used.
    n_jobs : int, optional
        Number of workers, as in joblib: threads or processes, whichever the estimator gains more from. The result does
        not depend on it.

    Returns
    -------
    list of dict
        `feature`, `metric` (without it), `delta` (that less the full model's) and `standard_error` of the delta, from
        the differences of single samples; sorted by delta. Empty if there is one feature only.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X = np.random.default_rng(0).standard_normal((300, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> train, test = (X[:200], y[:200], None), (X[200:], y[200:], None)
    >>> baseline = (LogisticRegression().fit(X[:200], y[:200]).predict(X[200:]) == y[200:]).astype(float)
    >>> estimator, names = LogisticRegression(), ["signal", "noise"]
    >>> feature_impact(task_named("binary"), estimator, names, train=train, test=test, baseline=baseline)[0]["feature"]
    'signal'
    """
    with executor_for(estimator, n_jobs, seconds_per_call=fit_seconds) as executor:
        scaled = (ScaledFeatures(train[0], None), *train[1:]), (ScaledFeatures(test[0], None), test[1])
        refits = Refits.submit(executor, task, estimator, feature_names, train=scaled[0], test=scaled[1])
        return refits.impact(baseline, test[2])


@dataclass(frozen=True, eq=False)
class Refits:
    """Refits without each feature, which workers may run while the full model is still being fitted.

    Parameters
    ----------
    feature_names : sequence of str
        Names of the columns.
    scores : sequence of FitFuture
        For each column the headline value of each test sample under the model that was fitted without it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.parallel import FitExecutor
    >>> from livermore.ml.tasks import task_named
    >>> from livermore.ml.validation import ScaledFeatures
    >>> X = np.random.default_rng(0).standard_normal((300, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> train, test = (ScaledFeatures(X[:200], None), y[:200], None), (ScaledFeatures(X[200:], None), y[200:])
    >>> with FitExecutor() as executor:
    ...     refits = Refits.submit(
    ...         executor, task_named("binary"), LogisticRegression(), ["signal", "noise"], train=train, test=test
    ...     )
    ...     rows = refits.impact(np.ones(100))
    >>> [row["feature"] for row in rows]
    ['signal', 'noise']
    """

    feature_names: Sequence[str]
    scores: Sequence[FitFuture[Floats]]

    @classmethod
    def submit(
        cls,
        executor: FitExecutor,
        task: Task,
        estimator: Any,
        feature_names: Sequence[str],
        *,
        train: ScaledPart,
        test: tuple[ScaledFeatures, Array],
    ) -> "Refits":
        """Submit the refits to an executor; parameters as for `feature_impact`, whose features are not scaled yet."""
        without = functools.partial(_without, task, estimator, train, test)
        names = feature_names if len(feature_names) > 1 else []
        return cls(names, [executor.submit(without, column, name) for column, name in enumerate(names)])

    def impact(self, baseline: Floats, weight: Floats | None = None) -> list[dict[str, Any]]:
        """Wait for the refits and compare them with the full model; the result is that of `feature_impact`."""
        rows, full = [], mean(baseline, weight)
        for name, future in zip(self.feature_names, self.scores, strict=True):
            score = future.result()
            metric = mean(score, weight)
            delta = metric - full
            rows.append(
                {
                    "feature": name,
                    "metric": metric,
                    # Two sums of the same samples differ by round-off alone.
                    "delta": 0.0 if abs(delta) <= ROUND_OFF * max(abs(metric), abs(full)) else delta,
                    "standard_error": _standard_error(score - baseline, weight),
                }
            )
        return sorted(rows, key=lambda row: float(row["delta"]))


def _without(
    task: Task, estimator: Any, train: ScaledPart, test: tuple[ScaledFeatures, Array], column: int, name: str
) -> Floats:
    """Return the headline value of each test sample under a model that is fitted without one feature."""
    # The fit of the full model validates the parameters of the estimator; if it fails, this result is not used.
    with config_context(skip_parameter_validation=True):
        model = fit(without_features(estimator, name), train[0].without(column), train[1], train[2])
        prediction = task.predict(model, test[0].without(column))
    return task.headline.per_sample(test[1], prediction.values)


def _standard_error(differences: Floats, weight: Floats | None) -> float:
    """Return the standard error of the mean of paired differences; NaN for a single pair."""
    n = len(differences)
    if n < 2:
        return math.nan
    if weight is None:
        return float(differences.std(ddof=1) / math.sqrt(n))
    deviation = weight / weight.sum() * (differences - mean(differences, weight))
    return math.sqrt(float(deviation @ deviation) * n / (n - 1))
