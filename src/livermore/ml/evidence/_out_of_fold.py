"""Out-of-fold predictions of the training side: what choices are made on, so that the test side stays closed."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import StandardScaler

from livermore.errors import TrainingError
from livermore.ml.labels import LabelWindows
from livermore.ml.parallel import Jobs, crew_for
from livermore.ml.tasks import Prediction, Task, fit
from livermore.ml.validation import BasePurgedSplitter, with_purged_cv

__all__ = [
    "FittedFold",
    "OutOfFold",
    "TrainingSide",
    "can_learn",
    "fit_fold",
    "fitted_folds",
    "join_predictions",
    "out_of_fold",
    "take_prediction",
    "teaching_splits",
]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrainingSide:
    """The samples that may be looked at as often as one likes.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Features as recorded; each fold scales them by its own training rows.
    y : ndarray of shape (n,)
        Encoded labels.
    time : ndarray of shape (n,), int64
        When each sample was taken, in seconds, increasing.
    label_time : ndarray of shape (n,), int64, or None
        When each label became known, in seconds.
    weight : ndarray of shape (n,) or None
        Sample weights for fitting.
    """

    X: Floats
    y: Array
    time: Rows
    label_time: Rows | None = None
    weight: Floats | None = None

    @property
    def windows(self) -> LabelWindows:
        """The label intervals."""
        return LabelWindows.of(self.time, self.label_time)

    def columns(self, chosen: Sequence[int] | Rows) -> "TrainingSide":
        """Return the same samples with some of the features only."""
        return TrainingSide(self.X[:, np.asarray(chosen)], self.y, self.time, self.label_time, self.weight)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions of samples by models that have not seen them.

    Parameters
    ----------
    rows : ndarray of shape (m,), int64
        Which samples, in order of time.
    y : ndarray of shape (m,)
        What came true.
    prediction : Prediction
        Of those rows.
    fold : ndarray of shape (m,), int64
        Which fold each comes from.
    windows : LabelWindows
        Their label intervals.
    """

    rows: Rows
    y: Array
    prediction: Prediction
    fold: Rows
    windows: LabelWindows


@dataclass(frozen=True, eq=False)
class FittedFold:
    """A model and scaler fitted on one fold's training rows, and the rows that it is to predict."""

    model: Any
    scaler: StandardScaler
    test: Rows

    def predict(self, task: Task, X: Floats) -> Prediction:
        """Scale rows as the fold's training side was, and predict them."""
        return task.predict(self.model, self.scaler.transform(X))


def out_of_fold(
    task: Task, estimator: Any, side: TrainingSide, splitter: BasePurgedSplitter, n_jobs: Jobs = None
) -> OutOfFold:
    """Predict each sample by a copy of the estimator that was fitted without it and its neighbours in time.

    Parameters
    ----------
    task : Task
        What the labels mean.
    estimator : estimator
        Unfitted; copies of it are fitted. Searches inside it run on purged folds of each fold's training rows.
    side : TrainingSide
        The samples.
    splitter : BasePurgedSplitter
        Built for them; each sample may be tested once at most.
    n_jobs : int, Crew or None
        As joblib takes it, or who is there already; None is all cores where the fits take long enough.

    Returns
    -------
    OutOfFold

    Raises
    ------
    TrainingError
        If no fold has two classes to learn from.
    """
    fitted = fitted_folds(task, estimator, side, splitter, n_jobs)
    predictions = [fold.predict(task, side.X[fold.test]) for fold in fitted]
    rows = np.concatenate([fold.test for fold in fitted])
    order = np.argsort(rows, kind="stable")
    numbers = np.concatenate([np.full(fold.test.size, i) for i, fold in enumerate(fitted)])
    joined = take_prediction(join_predictions(predictions), order)
    return OutOfFold(rows[order], side.y[rows[order]], joined, numbers[order], side.windows.take(rows[order]))


def fitted_folds(
    task: Task, estimator: Any, side: TrainingSide, splitter: BasePurgedSplitter, n_jobs: Jobs = None
) -> list[FittedFold]:
    """Fit a copy of the estimator for each fold; parameters as for `out_of_fold`."""
    fit_one = functools.partial(fit_fold, estimator, side, int(splitter.embargo))
    with crew_for(estimator, n_jobs) as crew:
        return crew.begin(fit_one, teaching_splits(task, side, splitter)).results()


def teaching_splits(task: Task, side: TrainingSide, splitter: BasePurgedSplitter) -> list[tuple[Rows, Rows]]:
    """Return training and test rows of each fold on which there is something to learn; at least one, or it raises."""
    splits = [(train, test) for train, test in splitter.split(side.X) if can_learn(task, side.y[train])]
    if not splits:
        raise TrainingError("No fold of the training side holds two classes; gather more samples, or use fewer folds.")
    return splits


def fit_fold(estimator: Any, side: TrainingSide, embargo: int, train: Rows, test: Rows) -> FittedFold:
    """Fit a scaler and a copy of the estimator on some rows."""
    label_time = None if side.label_time is None else side.label_time[train]
    purged, _ = with_purged_cv(estimator, side.time[train], label_time, embargo)
    scaler = StandardScaler().fit(side.X[train])
    weight = None if side.weight is None else side.weight[train]
    return FittedFold(fit(purged, scaler.transform(side.X[train]), side.y[train], weight), scaler, test)


def can_learn(task: Task, y: Array) -> bool:
    """Tell whether there is anything to tell apart."""
    return task.classes(y) is None or np.unique(y).size > 1


def join_predictions(parts: Sequence[Prediction]) -> Prediction:
    """Put predictions of several models under one another; a class that one has never seen has probability 0 there."""
    classes = np.unique(np.concatenate([part.classes for part in parts]))
    tables = []
    for part in parts:
        table = np.zeros((part.values.size, classes.size if part.probabilities.shape[1] else 0))
        if table.size:
            table[:, np.searchsorted(classes, part.classes)] = part.probabilities
        tables.append(table)
    return Prediction(np.concatenate([part.values for part in parts]), np.concatenate(tables), classes)


def take_prediction(prediction: Prediction, rows: Array) -> Prediction:
    """Return the predictions of some rows."""
    return Prediction(prediction.values[rows], prediction.probabilities[rows], prediction.classes)
