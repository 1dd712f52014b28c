"""Retraining on a schedule, and prediction with the model that is in force at a given time."""

import functools
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from livermore.dates import minute
from livermore.errors import FeatureError, TrainingError
from livermore.ml.artifacts import LoadedModel, Manifest
from livermore.ml.assessment import assess_predictions, findings_of
from livermore.ml.dataset import Dataset, feature_summaries
from livermore.ml.evidence import ForwardFit, judge_forward, predict_forward, verdict, volatility_of
from livermore.ml.inference import Predictor
from livermore.ml.parallel import executor_for
from livermore.ml.schedule import RetrainSchedule
from livermore.ml.split import SplitPart
from livermore.ml.tasks import Prediction, Task, fit, takes_missing_values, weight_parameter, with_feature_names
from livermore.ml.validation import FittedFold, LabelledSamples, with_purged_cv
from livermore.typing import Array, Integers

__all__ = ["OutOfSample", "RetrainedModels", "Training", "assess_out_of_sample", "retrain"]


@dataclass(frozen=True, eq=False)
class Training:
    """One training of a schedule.

    Attributes
    ----------
    at : int
        When it was due, in UTC seconds; all labels that it used were known by then.
    rows : ndarray of shape (m,)
        The samples that it used, as rows of the data set.
    predictor : Predictor or None
        The model; None if it could not be trained.
    note : str
        The reason why there is no model.

    Examples
    --------
    >>> import numpy as np
    >>> training = Training(1_704_067_200, np.arange(12), None, note="there are fewer samples than 100")
    >>> training.predictor is None, training.rows.size
    (True, 12)
    """

    at: int
    rows: Integers
    predictor: Predictor | None
    note: str = ""


@dataclass(frozen=True, eq=False)
class RetrainedModels:
    """All models of a schedule. The one in force is the one that was trained last.

    Attributes
    ----------
    schedule : RetrainSchedule
        The schedule of the trainings.
    trainings : tuple of Training
        In order of time, including those without a model.
    feature_names : tuple of str
        Features of the models, in order.
    classes : tuple of int
        Classes of the models; empty for regression.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import numpy as np
    >>> from livermore.ml.inference import Predictor
    >>> from livermore.ml.schedule import RetrainSchedule
    >>> too_few = Training(0, np.arange(9), None, "too few samples")
    >>> first = Training(600, np.arange(99), Predictor("first"))
    >>> models = RetrainedModels(RetrainSchedule(every=timedelta(minutes=10)), (too_few, first), ("rsi",), (0, 1))
    >>> models.first_at, models.at(599), models.at(900)
    (600, None, Predictor('first'))
    """

    schedule: RetrainSchedule
    trainings: tuple[Training, ...]
    feature_names: tuple[str, ...]
    classes: tuple[int, ...]

    def __repr__(self) -> str:
        return f"RetrainedModels({len(self._usable)} models of {len(self.trainings)} trainings, {self.schedule})"

    @property
    def first_at(self) -> int | None:
        """When the first model was trained, in UTC seconds; None without one."""
        return self._usable[0].at if self._usable else None

    def at(self, now: int) -> Predictor | None:
        """Return the model that is in force at a time in UTC seconds; None before the first."""
        training = self.training_at(now)
        return None if training is None else training.predictor

    def training_at(self, now: int) -> Training | None:
        """Return the training whose model is in force at a time in UTC seconds; None before the first."""
        found = bisect_right(self._usable, now, key=lambda training: training.at)
        return self._usable[found - 1] if found else None

    @cached_property
    def _usable(self) -> tuple[Training, ...]:
        return tuple(training for training in self.trainings if training.predictor is not None)


def retrain(
    data: Dataset,
    estimator: Any,
    task: Task,
    schedule: RetrainSchedule,
    *,
    start: int,
    end: int,
    n_jobs: int | None = None,
) -> RetrainedModels:
    """Train at all times of a schedule that are in force between `start` and `end`.

    Parameters
    ----------
    data : Dataset
        All samples: each training uses those whose labels were known when it was due.
    estimator : estimator
        Unfitted; a copy of it is fitted each time, on scaled features, and with purged folds if it has inner folds.
    task : Task
        The meaning of the labels.
    schedule : RetrainSchedule
        When to train, and on which samples.
    start, end : int
        The period of the predictions, UTC seconds, half-open.
    n_jobs : int, optional
        Number of workers, as in joblib.

    Returns
    -------
    RetrainedModels

    Raises
    ------
    EstimatorError
        If the estimator does not fit the task, or its fit fails.
    FeatureError
        If values are missing and the estimator takes no missing values.
    DatasetError
        If the samples have no label times.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> from datetime import timedelta
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.schedule import RetrainSchedule
    >>> from livermore.ml.tasks import Binary
    >>> schedule = RetrainSchedule(every=timedelta(days=7), min_samples=100)
    >>> start, end = int(data.time[0]), int(data.time[-1])
    >>> models = retrain(data, LogisticRegression(), Binary(), schedule, start=start, end=end)
    >>> len(models.trainings) > 0
    True
    """
    task.check_estimator(estimator)
    if data.missing() and not takes_missing_values(estimator):
        raise FeatureError(
            f"values of {', '.join(map(repr, data.missing()))} are missing, and {type(estimator).__name__} takes none. "
            "Use one that does, or record features only once their indicators have warmed up."
        )
    estimator = with_feature_names(estimator, data.feature_names)
    y = task.encode(data.labels)
    due = schedule.times(start, end)
    rows = [schedule.known(data.time, data.label_time, at) for at in due]
    train = functools.partial(_trained, estimator, task)
    with executor_for(estimator, n_jobs) as executor:
        found = list(executor.map(train, [data.take(r) for r in rows], [y[r] for r in rows], due))
    trainings = tuple(
        Training(at, r, None, loaded) if isinstance(loaded, str) else Training(at, r, Predictor.of(loaded))
        for at, r, loaded in zip(due, rows, found, strict=True)
    )
    return RetrainedModels(schedule, trainings, data.feature_names, tuple(task.classes(y) or ()))


def _trained(estimator: Any, task: Task, samples: Dataset, y: Array, at: int) -> LoadedModel | str:
    """Train once, or return the reason why that is not possible yet."""
    if not len(samples):
        return "too few samples were known"
    empty = [name for name, count in samples.missing().items() if count == len(samples)]
    if empty:
        return f"{', '.join(empty)} had no value yet"
    try:
        task.check_target(y)
    except TrainingError as error:
        return str(error)
    scaler = StandardScaler().fit(samples.X)
    purged, _ = with_purged_cv(estimator, samples.time, samples.label_time)
    weight = samples.weight if weight_parameter(estimator) is not None else None
    model = fit(purged, scaler.transform(samples.X), y, weight)
    manifest = Manifest(
        task=task.name,
        features=feature_summaries(samples),
        classes=tuple(int(label) for label in model.classes_) if hasattr(model, "classes_") else None,
        missing_values="allow" if samples.missing() else "refuse",
        files={},
        versions={},
        about={"data": {"train_interval": [int(samples.time[0]), int(samples.time[-1])], "n_train": len(samples)}},
    )
    name = Path(f"training of {minute(at)}")
    return LoadedModel(model, scaler, None, manifest, name)


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """What predictions are worth that each came from the model in force.

    Attributes
    ----------
    rows : ndarray of shape (m,)
        The samples that were predicted, as rows of the data set.
    metrics : dict
        The task's metrics.
    intervals : dict of str to tuple of float
        95 % interval of those that can be resampled.
    verdict : dict
        As `livermore.ml.evidence.verdict` returns it.

    Examples
    --------
    >>> found = OutOfSample(np.arange(100, 120), {"accuracy": 0.55}, {"accuracy": (0.5, 0.6)}, {"edge": "cannot tell"})
    >>> found.rows.size, found.verdict["edge"]
    (20, 'cannot tell')
    """

    rows: Integers
    metrics: dict[str, Any]
    intervals: dict[str, tuple[float, float]]
    verdict: dict[str, Any]


def assess_out_of_sample(models: RetrainedModels, data: Dataset, task: Task, asked_at: Integers) -> OutOfSample | None:
    """Predict each sample with the model that was in force when its features were complete, and judge that.

    Parameters
    ----------
    models : RetrainedModels
        From `retrain`.
    data : Dataset
        The samples.
    task : Task
        The meaning of the labels.
    asked_at : ndarray of shape (n,)
        When each sample's features were complete, in UTC seconds.

    Returns
    -------
    OutOfSample or None
        None if there was no model yet for any sample.
    """
    samples = SplitPart(data, task.encode(data.labels), data.X).samples()
    fits = _forward_fits(models, samples, task, asked_at)
    if not fits:
        return None
    rows = np.concatenate([fit.block for fit in fits])
    predicted = samples.take(rows)
    prediction = Prediction.join([fit.prediction for fit in fits], np.asarray(models.classes, dtype=np.int64))
    found = assess_predictions(task, predicted, prediction)
    volatility, measured = volatility_of(samples, task.is_classifier)
    forward = judge_forward(samples, fits, () if volatility is None else (volatility,))
    return OutOfSample(
        rows,
        found.metrics | task.metrics(predicted.y, prediction),
        found.intervals,
        verdict(findings_of(task, samples, forward, found, volatility=measured)),
    )


def _forward_fits(
    models: RetrainedModels, samples: LabelledSamples, task: Task, asked_at: Integers
) -> list[ForwardFit]:
    """Predict with each model the samples for which it was in force, and that it was not trained on."""
    usable = [training for training in models.trainings if training.predictor is not None]
    in_force = np.searchsorted([training.at for training in usable], asked_at, side="right") - 1
    fits = []
    for k, training in enumerate(usable):
        own = np.setdiff1d(np.flatnonzero(in_force == k), training.rows)
        if own.size and training.predictor is not None:
            fold = FittedFold(training.predictor.model, training.predictor.scaler, own)
            fits.append(predict_forward(task, fold, samples, training.rows, own))
    return fits
