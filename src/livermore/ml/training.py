"""The recipe: from a data set and an estimator to a result. The only place that knows the order of the steps."""

import functools
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.calibration import CalibratedClassifierCV

from livermore.errors import LivermoreWarning, TrainingError
from livermore.ml.artifacts import check_writable, save_model
from livermore.ml.assessment import Assessment, Choices, TestSide, assess_test_side, choose_on_training_side
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import LEDGER_NAME, Ledger, TrainingSide, opening_of
from livermore.ml.importance import Refits, consensus_table
from livermore.ml.labels import LabelWindows, average_uniqueness
from livermore.ml.metrics import mean
from livermore.ml.parallel import Batch, Crew, crew_for
from livermore.ml.result import BothSides, DataSummary, SideSamples, TrainingResult, sizes_and_dates
from livermore.ml.split import Notes, Scaled, Sides, check_missing, scale, split
from livermore.ml.tasks import Prediction, Task, fit, weight_parameter
from livermore.ml.validation import with_purged_cv

__all__ = ["TrainingOptions", "train", "training_side"]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

CALIBRATIONS = ("sigmoid", "isotonic")


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How to train.

    Attributes
    ----------
    test_ratio : float
        Share of the samples, the latest, that is kept for the test side.
    importance : bool
        Whether to compute the four-method importance table.
    impact : bool
        Whether to refit without each feature.
    purge : bool
        Whether to leave out training samples whose labels reach into the test side.
    assess : bool
        Whether to compute the evidence: choices out of fold, intervals, diagnostics, verdict.
    judge_features : bool
        Whether the evidence includes verdicts on features, which need some more fits.
    embargo : int
        Seconds kept free after each test block of the inner folds.
    calibrate : str or None
        "sigmoid" or "isotonic": calibrate probabilities on purged folds of the training side.
    unique_weights : bool
        Whether to weight training samples by how much of their label's time is theirs alone.
    weight_metrics : bool
        Whether to weight test samples so, in metrics and their intervals.
    cost : float
        What acting on a signal costs beyond what its payoff says, as a fraction.
    n_jobs : int or None
        How many processes or threads may work at once, as joblib takes it; None lets each step choose.
    title : str
        What the model is called in the report.
    verbose : bool
        Whether to print the report.
    save_to : Path or None
        Folder that the model is saved to.
    safe : bool
        Whether it is saved without pickle.
    """

    test_ratio: float = 0.2
    importance: bool = True
    impact: bool = True
    purge: bool = True
    assess: bool = True
    judge_features: bool = True
    embargo: int = 0
    calibrate: str | None = None
    unique_weights: bool = False
    weight_metrics: bool = False
    cost: float = 0.0
    n_jobs: int | None = None
    title: str = ""
    verbose: bool = False
    save_to: Path | None = None
    safe: bool = False


def train(data: Dataset, estimator: Any, task: Task, options: TrainingOptions) -> TrainingResult:
    """Split, scale, rank features, fit, measure, report and save.

    Parameters
    ----------
    data : Dataset
        All samples.
    estimator : estimator
        Unfitted; a copy of it is fitted.
    task : Task
        What the labels mean.
    options : TrainingOptions
        How to train.

    Returns
    -------
    TrainingResult

    Raises
    ------
    EstimatorError
        If the estimator does not fit the task, or its fit fails.
    TrainingError
        If there is nothing to learn: too few samples, an empty side, a single class.
    FeatureError
        If values are missing and the estimator takes no missing values.
    ModelError
        If the model cannot be saved; that the folder can be written to is checked first.
    """
    task.check_estimator(estimator)
    check_missing(data, estimator)
    notes = Notes()
    sides = split(data, task, options.test_ratio, options.purge, notes)
    if options.save_to is not None:
        check_writable(options.save_to)
    scaled = scale(sides)
    clock = _Clock()
    estimator = _calibrated(estimator, task, options)
    weight = _weight(sides.train, estimator, options)
    side = TrainingSide(sides.train.X, sides.y_train, sides.train.time, sides.train.label_time, weight)
    purged = _purged_inside(estimator, side, options, notes)
    with crew_for(purged, options.n_jobs) as crew:
        # Who helps may begin with these now. What they find on the test side is read after it is opened, if it is.
        refits = _refits(crew, scaled, task, purged, weight, options)
        # It uses nothing but the training side, and fills the time in which others do the last refits.
        table = _table(crew, scaled, task, options, notes)
        choices = _choices(crew, task, estimator, side, sides, options, notes)
        clock.lap("choices")
        model = crew.do(fit, purged, scaled.X_train, sides.y_train, weight)
        clock.lap("fit")
        # The test side is opened here, and not before.
        prediction = task.predict(model, scaled.X_test)
        seen = _Seen(prediction, _test_weight(sides.test, options, notes))
        assessment = _assess(task, estimator, side, sides, seen, choices, options) if options.assess else None
        clock.lap("assessment")
        baseline = task.headline.per_sample(sides.y_test, prediction.values)
        impact = None if refits is None else refits.impact(baseline, seen.weight)
        clock.lap("impact")
        importance = None if table is None else table.results()[0]
        clock.lap("importance")
    found = _found(task, sides, seen, assessment)
    result = TrainingResult(
        model=model,
        scaler=scaled.scaler,
        feature_names=list(data.feature_names),
        metrics=found.metrics,
        feature_importance=importance,
        feature_impact=impact,
        train_test_info=sizes_and_dates(sides.train, sides.test),
        task=task.name,
        headline=_headline(task, sides.y_test, seen),
        importance_titles={"f": task.proxies.f_title, "score": task.proxies.score_title},
        data=DataSummary.of(data, task, sides.train, sides.test, sides.n_purged),
        missing_values="allow" if sides.train.missing() else "refuse",
        tables=found.tables,
        evidence=found.evidence,
        thresholds=task.thresholds(sides.y_test, prediction),
        seconds=clock.seconds,
        notes=tuple(notes.lines),
        title=options.title,
        samples=_samples(sides, prediction),
    )
    if options.save_to is not None:
        save_model(result, options.save_to, safe=options.safe)
    if options.verbose:
        from livermore.ml.report import render_training

        print(render_training(result, saved_to=options.save_to))
    return result


def training_side(data: Dataset, task: Task, test_ratio: float) -> TrainingSide:
    """Return the samples on which `train` would train, for choices that must be made before the test side is opened.

    Parameters
    ----------
    data : Dataset
        All samples.
    task : Task
        What the labels mean.
    test_ratio : float
        Share of the samples, the latest, that is left out.

    Returns
    -------
    TrainingSide
        Purged against the test side as in `train`; a warning that nothing can be purged is left to that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LivermoreWarning)
        sides = split(data, task, test_ratio, TrainingOptions.purge, Notes())
    return TrainingSide(sides.train.X, sides.y_train, sides.train.time, sides.train.label_time, sides.train.weight)


@dataclass
class _Clock:
    """Seconds that each step took."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self.started
        self.started = now


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the model says of the test side, and by what its samples are weighed; None weighs all alike."""

    prediction: Prediction
    weight: Floats | None


def _table(
    crew: Crew, scaled: Scaled, task: Task, options: TrainingOptions, notes: Notes
) -> Batch[dict[str, Any]] | None:
    """Take on the four-method table of the training side, if it is wanted, and say what is done to the data for it."""
    if not options.importance:
        return None
    if task.proxies.note:
        notes.add(task.proxies.note)
    if np.isnan(scaled.X_train).any():
        notes.add("In the importance table, and there only, missing values are replaced by medians.")
    table = functools.partial(consensus_table, n_jobs=options.n_jobs)
    return crew.begin(table, [(scaled.X_train, scaled.sides.y_train, scaled.sides.train.feature_names, task.proxies)])


def _calibrated(estimator: Any, task: Task, options: TrainingOptions) -> Any:
    """Wrap the estimator so that its probabilities are calibrated, if that is wanted."""
    if options.calibrate is None:
        return estimator
    if options.calibrate not in CALIBRATIONS:
        raise TrainingError(f"calibrate must be None, 'sigmoid' or 'isotonic', not {options.calibrate!r}.")
    if task.name == "regression":
        raise TrainingError("calibrate is for probabilities, and task='regression' predicts none.")
    return CalibratedClassifierCV(estimator, method=options.calibrate, cv=5, ensemble=False)


def _purged_inside(estimator: Any, side: TrainingSide, options: TrainingOptions, notes: Notes) -> Any:
    """Give searches and calibrators inside the estimator purged folds of the training side."""
    purged, replaced = with_purged_cv(estimator, side.time, side.label_time, options.embargo)
    if replaced and options.purge:
        notes.add(f"The cross-validation inside the estimator ({', '.join(replaced)}) runs on purged folds.")
    return purged if options.purge else estimator


def _refits(
    crew: Crew, scaled: Scaled, task: Task, estimator: Any, weight: Floats | None, options: TrainingOptions
) -> Refits | None:
    """Begin to refit without each feature, if that is wanted."""
    if not options.impact:
        return None
    sides = scaled.sides
    return Refits.begin(
        crew,
        task,
        estimator,
        sides.train.feature_names,
        train=(scaled.X_train, sides.y_train, weight),
        test=(scaled.X_test, sides.y_test),
    )


def _choices(
    crew: Crew,
    task: Task,
    estimator: Any,
    side: TrainingSide,
    sides: Sides,
    options: TrainingOptions,
    notes: Notes,
) -> Choices:
    """Choose on the training side what is to be chosen."""
    if not options.assess:
        return Choices()
    choices = choose_on_training_side(
        task,
        estimator,
        side,
        sides.train.feature_names,
        payoff=_payoff(sides.train, options),
        embargo=options.embargo,
        judge_features=options.judge_features,
        n_jobs=crew,
    )
    for note in choices.notes:
        notes.add(note)
    return choices


def _assess(
    task: Task,
    estimator: Any,
    side: TrainingSide,
    sides: Sides,
    seen: _Seen,
    choices: Choices,
    options: TrainingOptions,
) -> Assessment:
    """Write the opening of the test side down, and assess what it shows."""
    windows = LabelWindows.of(sides.test.time, sides.test.label_time)
    prediction = seen.prediction
    test = TestSide(sides.test.X, sides.y_test, prediction, windows, _payoff(sides.test, options), seen.weight)
    trials = 1
    if options.save_to is not None:
        trials = Ledger(options.save_to / LEDGER_NAME).record(
            opening_of(estimator, task.name, sides.train, sides.test, prediction, windows)
        )
    return assess_test_side(
        task,
        side,
        test,
        sides.train.feature_names,
        choices,
        trials=trials,
        recorded=options.save_to is not None,
    )


def _payoff(side: Dataset, options: TrainingOptions) -> Floats | None:
    """Return the payoffs after costs; None unless every sample has one."""
    if side.payoff is None or np.isnan(side.payoff).any():
        return None
    return side.payoff - options.cost


@dataclass(frozen=True)
class _Found:
    """What goes into the result of figures, tables and evidence."""

    metrics: dict[str, Any]
    tables: dict[str, Any]
    evidence: dict[str, Any]


def _found(task: Task, sides: Sides, seen: _Seen, assessment: Assessment | None) -> _Found:
    """Join the task's own figures with those of the assessment."""
    metrics = task.metrics(sides.y_test, seen.prediction, seen.weight)
    tables = task.tables(sides.y_train, sides.y_test, seen.prediction)
    if assessment is None:
        return _Found(metrics, tables, {})
    if assessment.calibration is not None:
        tables["calibration"] = assessment.calibration
    return _Found({**metrics, **assessment.metrics}, tables, assessment.keys_for_result())


def _weight(train_side: Dataset, estimator: Any, options: TrainingOptions) -> Floats | None:
    """Return the weights of the training samples, and say so if the estimator cannot use them."""
    recorded = _by_uniqueness(train_side) if options.unique_weights else train_side.weight
    if recorded is not None and weight_parameter(estimator) is None:
        warnings.warn(
            f"{type(estimator).__name__}.fit takes no sample_weight: the weights of the samples are left out.",
            LivermoreWarning,
            stacklevel=4,
        )
        return None
    return recorded


def _test_weight(test_side: Dataset, options: TrainingOptions, notes: Notes) -> Floats | None:
    """Return by what metrics weigh the test samples, and say so."""
    if not options.weight_metrics:
        return None
    weight = _by_uniqueness(test_side)
    if not weight.sum() > 0:
        raise TrainingError(
            f"weight_metrics=True, and the recorded weights of all {len(test_side)} test samples are 0: no metric can "
            "be computed. Record weights above 0, or leave weight_metrics out."
        )
    notes.add(
        "Metrics, their intervals and the impact of features weigh each test sample by how much of its label's time is "
        "its own, times its recorded weight. Counts, calibration, thresholds and the verdict do not."
    )
    return weight


def _by_uniqueness(side: Dataset) -> Floats:
    """Return how much of its label's time is each sample's alone, times its recorded weight."""
    unique = average_uniqueness(LabelWindows.of(side.time, side.label_time))
    return unique if side.weight is None else side.weight * unique


def _headline(task: Task, y_test: Array, seen: _Seen) -> dict[str, Any]:
    """Return the headline metric and its value."""
    headline = task.headline
    return {
        "name": headline.name,
        "title": headline.title,
        "greater_is_better": headline.greater_is_better,
        "value": mean(headline.per_sample(y_test, seen.prediction.values), seen.weight),
    }


def _samples(sides: Sides, prediction: Prediction) -> BothSides:
    """Return what plots are drawn from."""
    return BothSides(
        train=SideSamples(time=sides.train.time, y=sides.y_train),
        test=SideSamples(
            time=sides.test.time,
            y=sides.y_test,
            values=prediction.values,
            probabilities=prediction.probabilities,
            classes=prediction.classes,
        ),
    )
