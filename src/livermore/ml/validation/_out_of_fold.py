"""Out-of-fold predictions: each sample is predicted by a model that was not fitted on it or its neighbours in time."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from livermore.errors import TrainingError
from livermore.ml.dataset import rows_of
from livermore.ml.labels import LabelWindows
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.tasks import Prediction, Task, fit, input_dtype
from livermore.ml.validation._base import BasePurgedSplitter
from livermore.ml.validation._nested import with_purged_cv
from livermore.ml.validation._samples import LabelledSamples
from livermore.ml.validation._scaling import ScaledFeatures
from livermore.typing import Array, Floats, Integers

__all__ = [
    "FittedFold",
    "OutOfFold",
    "can_learn",
    "fit_fold",
    "fitted_folds",
    "out_of_fold",
    "teaching_splits",
]


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions of samples by models that were not fitted on them.

    Parameters
    ----------
    rows : ndarray of shape (m,), int64
        The rows that were predicted, in order of time.
    y : ndarray of shape (m,)
        The outcomes.
    prediction : Prediction
        The predictions of those rows.
    fold : ndarray of shape (m,), int64
        Number of the fold that each was tested in.
    windows : LabelWindows
        Their label intervals.

    Examples
    --------
    >>> from livermore.ml.tasks import Prediction
    >>> prediction = Prediction(np.array([1.0, 2.0]), np.empty((2, 0)), np.empty(0))
    >>> windows = LabelWindows.of([0, 60], [60, 120])
    >>> found = OutOfFold(np.array([0, 1]), np.array([1.5, 2.5]), prediction, np.array([0, 1]), windows)
    >>> (found.y - found.prediction.values).tolist()
    [0.5, 0.5]
    """

    rows: Integers
    y: Array
    prediction: Prediction
    fold: Integers
    windows: LabelWindows


@dataclass(frozen=True, eq=False)
class FittedFold:
    """A model and a scaler that were fitted on the training rows of a fold, and the fold's test rows.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    >>> scaler = StandardScaler().fit(X)
    >>> fold = FittedFold(LogisticRegression().fit(scaler.transform(X), [0, 1, 0, 1]), scaler, test=np.array([4, 5]))
    >>> fold.predict(task_named("binary"), np.array([[-3.0], [3.0]])).values.tolist()
    [0, 1]
    """

    model: Any
    scaler: StandardScaler
    test: Integers

    def predict(self, task: Task, X: Floats) -> Prediction:
        """Scale rows by the fold's scaler, and predict them."""
        return task.predict(self.model, self.scaler.transform(X))


def out_of_fold(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    splitter: BasePurgedSplitter,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> OutOfFold:
    """Predict each sample with a copy of the estimator that was fitted on the other folds (`cross_val_predict`).

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted; copies of it are fitted. Searches inside it run on purged folds of each fold's training rows.
    samples : LabelledSamples
        The samples.
    splitter : BasePurgedSplitter
        Built for them; each sample may be tested once at most.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough. The result does not depend on
        it.
    executor : FitExecutor, optional
        A running executor, instead of `n_jobs`.

    Returns
    -------
    OutOfFold

    Raises
    ------
    TrainingError
        If the training rows of no fold have two classes.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> from livermore.ml.validation import PurgedKFold
    >>> x, time = np.random.default_rng(0).standard_normal(60), 60 * np.arange(60)
    >>> samples = LabelledSamples(x[:, None], (x > 0).astype(int), time, time + 300)
    >>> splitter = PurgedKFold(samples.time, samples.label_time, n_splits=3)
    >>> found = out_of_fold(task_named("binary"), LogisticRegression(), samples, splitter)
    >>> found.rows.size, bool((found.prediction.values == found.y).mean() > 0.9)
    (60, True)
    """
    fitted = fitted_folds(task, estimator, samples, splitter, n_jobs, executor)
    predictions = [fold.predict(task, samples.X[fold.test]) for fold in fitted]
    rows = np.concatenate([fold.test for fold in fitted])
    order = np.argsort(rows, kind="stable")
    numbers = np.concatenate([np.full(fold.test.size, i) for i, fold in enumerate(fitted)])
    joined = Prediction.join(predictions).take(order)
    return OutOfFold(rows[order], samples.y[rows[order]], joined, numbers[order], samples.windows.take(rows[order]))


def fitted_folds(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    splitter: BasePurgedSplitter,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> list[FittedFold]:
    """Fit a copy of the estimator for each fold; parameters as for `out_of_fold`.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> from livermore.ml.validation import PurgedKFold
    >>> x, time = np.random.default_rng(0).standard_normal(60), 60 * np.arange(60)
    >>> samples = LabelledSamples(x[:, None], (x > 0).astype(int), time)
    >>> folds = fitted_folds(task_named("binary"), LogisticRegression(), samples, PurgedKFold(time, n_splits=3))
    >>> [fold.test.size for fold in folds]
    [20, 20, 20]
    """
    fit_one = functools.partial(fit_fold, estimator, samples, int(splitter.embargo))
    with executor_for(estimator, n_jobs, executor) as running:
        return list(running.map(fit_one, *zip(*teaching_splits(task, samples, splitter), strict=True)))


def teaching_splits(
    task: Task, samples: LabelledSamples, splitter: BasePurgedSplitter
) -> list[tuple[Integers, Integers]]:
    """Return training and test rows of each fold that can be fitted; raise TrainingError if there is none."""
    splits = [(train, test) for train, test in splitter.split(samples.X) if can_learn(task, samples.y[train])]
    if not splits:
        raise TrainingError("the training rows of no fold hold two classes; gather more samples, or use fewer folds.")
    return splits


def fit_fold(estimator: Any, samples: LabelledSamples, embargo: int, train: Integers, test: Integers) -> FittedFold:
    """Fit a scaler and a copy of the estimator on the training rows of a fold."""
    label_time = None if samples.label_time is None else samples.label_time[train]
    purged, _ = with_purged_cv(estimator, samples.time[train], label_time, embargo)
    scaler = StandardScaler().fit(rows_of(samples.X, train))
    weight = None if samples.weight is None else samples.weight[train]
    scaled = ScaledFeatures(samples.X, scaler, input_dtype(estimator)).rows(train)
    return FittedFold(fit(purged, scaled, samples.y[train], weight), scaler, test)


def can_learn(task: Task, y: Array) -> bool:
    """Return whether the target can be fitted: a classifier needs two classes.

    Examples
    --------
    >>> import numpy as np
    >>> from livermore.ml.tasks import Binary
    >>> can_learn(Binary(), np.array([0, 1, 1])), can_learn(Binary(), np.array([1, 1, 1]))
    (True, False)
    """
    return not task.is_classifier or np.unique(y).size > 1
