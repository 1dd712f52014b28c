"""The recipe: from a data set and an estimator to a result. The only place that knows the order of the steps."""

import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.calibration import CalibratedClassifierCV
from sklearn.preprocessing import StandardScaler

from livermore.errors import FeatureError, LivermoreWarning, TrainingError
from livermore.ml.artifacts import check_writable, save_model
from livermore.ml.assessment import Assessment, Choices, TestSide, assess_test_side, choose_on_training_side
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import LEDGER_NAME, Ledger, TrainingSide, opening_of
from livermore.ml.importance import consensus_table, feature_impact
from livermore.ml.labels import LabelWindows, average_uniqueness
from livermore.ml.metrics import mean
from livermore.ml.report import render_training
from livermore.ml.result import BothSides, DataSummary, SideSamples, TrainingResult, sizes_and_dates
from livermore.ml.tasks import Prediction, Task, fit, takes_missing_values, weight_parameter
from livermore.ml.validation import PurgedSplit, with_purged_cv

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
    _check_missing(data, estimator)
    notes = _Notes()
    sides = _split(data, task, options, notes)
    if options.save_to is not None:
        check_writable(options.save_to)
    scaled = _scale(sides)
    clock = _Clock()
    importance = _importance(scaled, task, options, notes) if options.importance else None
    clock.lap("importance")
    estimator = _calibrated(estimator, task, options)
    weight = _weight(sides.train, estimator, options)
    side = TrainingSide(sides.train.X, sides.y_train, sides.train.time, sides.train.label_time, weight)
    purged = _purged_inside(estimator, side, options, notes)
    choices = _choices(task, estimator, side, sides, options, notes)
    clock.lap("choices")
    model = fit(purged, scaled.X_train, sides.y_train, weight)
    clock.lap("fit")
    # The test side is opened here, and not before.
    prediction = task.predict(model, scaled.X_test)
    seen = _Seen(prediction, _test_weight(sides.test, options, notes))
    assessment = _assess(task, estimator, side, sides, seen, choices, options) if options.assess else None
    clock.lap("assessment")
    impact = _impact(scaled, task, purged, weight, seen, options, clock) if options.impact else None
    clock.lap("impact")
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
        sides = _split(data, task, TrainingOptions(test_ratio=test_ratio), _Notes())
    return TrainingSide(sides.train.X, sides.y_train, sides.train.time, sides.train.label_time, sides.train.weight)


@dataclass
class _Notes:
    """What a reader must know to read the figures right."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.lines.append(line)


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
class _Sides:
    """Both sides of the split."""

    train: Dataset
    test: Dataset
    y_train: Array
    y_test: Array
    n_purged: int


@dataclass(frozen=True, eq=False)
class _Scaled:
    """Both sides as the model sees them."""

    sides: _Sides
    scaler: StandardScaler
    X_train: Floats
    X_test: Floats


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the model says of the test side, and by what its samples are weighed; None weighs all alike."""

    prediction: Prediction
    weight: Floats | None


def _check_missing(data: Dataset, estimator: Any) -> None:
    """Refuse missing values that the estimator cannot take."""
    missing = data.missing()
    if not missing or takes_missing_values(estimator):
        return
    counts = ", ".join(f"{name!r} in {count}" for name, count in missing.items())
    raise FeatureError(
        f"values are missing (of {len(data)} samples: {counts}), and {type(estimator).__name__} takes none. Use an "
        "estimator that does (such as HistGradientBoosting, LightGBM or XGBoost), fill them in with "
        "make_pipeline(SimpleImputer(), …), or record features only once their indicators have warmed up."
    )


def _split(data: Dataset, task: Task, options: TrainingOptions, notes: _Notes) -> _Sides:
    """Cut the samples in order of time, purge the training side, and encode the labels."""
    if not 0 < options.test_ratio < 1:
        raise TrainingError(f"test_ratio must be a share between 0 and 1, not {options.test_ratio!r}.")
    cut = int(len(data) * (1 - options.test_ratio))
    if not 1 < cut < len(data):
        raise TrainingError(
            f"{len(data)} samples and test_ratio={options.test_ratio} leave {cut} to train on and {len(data) - cut} to "
            "test on: too few. Gather more samples (1,000 and more are a sound number), or change test_ratio."
        )
    rows, test_rows = np.arange(cut), np.arange(cut, len(data))
    if options.purge:
        fold = next(PurgedSplit(data.time, data.label_time, test_size=options.test_ratio).folds())
        rows, test_rows = fold.train, fold.test
        _note_purging(data, cut - len(rows), notes)
    y = task.encode(data.labels)
    task.check_target(y[rows])
    train_side = data.take(rows)
    _check_not_empty(train_side)
    return _Sides(train_side, data.take(test_rows), y[rows], y[test_rows], n_purged=cut - len(rows))


def _note_purging(data: Dataset, n_purged: int, notes: _Notes) -> None:
    """Say how many samples purging cost, or that it could not be done."""
    if data.label_time is None:
        warnings.warn(
            "the samples have no label_time, so it is unknown when their labels became known and nothing can be "
            "purged: training labels may overlap the test side and flatter it. Gather again with livermore, or pass "
            "purge=False to say that labels do not overlap.",
            LivermoreWarning,
            stacklevel=5,
        )
        notes.add("Nothing could be purged: the samples do not say when their labels became known (label_time).")
    elif n_purged:
        notes.add(f"{n_purged} training samples were purged: their labels became known only on the test side.")


def _check_not_empty(train_side: Dataset) -> None:
    """Refuse features that have no value at all on the training side."""
    for name, count in train_side.missing().items():
        if count == len(train_side):
            raise FeatureError(
                f"feature {name!r} is missing in all {count} training samples: nothing can be learnt from it. Record "
                "it, or leave it out of ml_features()."
            )


def _scale(sides: _Sides) -> _Scaled:
    """Fit the scaler on the training side, and scale both."""
    scaler = StandardScaler().fit(sides.train.X)
    return _Scaled(sides, scaler, scaler.transform(sides.train.X), scaler.transform(sides.test.X))


def _importance(scaled: _Scaled, task: Task, options: TrainingOptions, notes: _Notes) -> dict[str, Any]:
    """Compute the four-method table on the training side, and say what was done to the data for it."""
    if task.proxies.note:
        notes.add(task.proxies.note)
    if np.isnan(scaled.X_train).any():
        notes.add("In the importance table, and there only, missing values are replaced by medians.")
    train_side = scaled.sides.train
    return consensus_table(
        scaled.X_train, scaled.sides.y_train, train_side.feature_names, task.proxies, n_jobs=options.n_jobs
    )


def _calibrated(estimator: Any, task: Task, options: TrainingOptions) -> Any:
    """Wrap the estimator so that its probabilities are calibrated, if that is wanted."""
    if options.calibrate is None:
        return estimator
    if options.calibrate not in CALIBRATIONS:
        raise TrainingError(f"calibrate must be None, 'sigmoid' or 'isotonic', not {options.calibrate!r}.")
    if task.name == "regression":
        raise TrainingError("calibrate is for probabilities, and task='regression' predicts none.")
    return CalibratedClassifierCV(estimator, method=options.calibrate, cv=5, ensemble=False)


def _purged_inside(estimator: Any, side: TrainingSide, options: TrainingOptions, notes: _Notes) -> Any:
    """Give searches and calibrators inside the estimator purged folds of the training side."""
    purged, replaced = with_purged_cv(estimator, side.time, side.label_time, options.embargo)
    if replaced and options.purge:
        notes.add(f"The cross-validation inside the estimator ({', '.join(replaced)}) runs on purged folds.")
    return purged if options.purge else estimator


def _choices(
    task: Task, estimator: Any, side: TrainingSide, sides: "_Sides", options: TrainingOptions, notes: _Notes
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
        n_jobs=options.n_jobs,
    )
    for note in choices.notes:
        notes.add(note)
    return choices


def _assess(
    task: Task,
    estimator: Any,
    side: TrainingSide,
    sides: "_Sides",
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


def _found(task: Task, sides: "_Sides", seen: _Seen, assessment: Assessment | None) -> _Found:
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


def _test_weight(test_side: Dataset, options: TrainingOptions, notes: _Notes) -> Floats | None:
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


def _impact(
    scaled: _Scaled,
    task: Task,
    estimator: Any,
    weight: Floats | None,
    seen: _Seen,
    options: TrainingOptions,
    clock: _Clock,
) -> list[dict[str, Any]]:
    """Refit without each feature."""
    sides = scaled.sides
    return feature_impact(
        task,
        estimator,
        sides.train.feature_names,
        train=(scaled.X_train, sides.y_train, weight),
        test=(scaled.X_test, sides.y_test, seen.weight),
        baseline=task.headline.per_sample(sides.y_test, seen.prediction.values),
        fit_seconds=clock.seconds["fit"],
        n_jobs=options.n_jobs,
    )


def _headline(task: Task, y_test: Array, seen: _Seen) -> dict[str, Any]:
    """Return the headline metric and its value."""
    headline = task.headline
    return {
        "name": headline.name,
        "title": headline.title,
        "greater_is_better": headline.greater_is_better,
        "value": mean(headline.per_sample(y_test, seen.prediction.values), seen.weight),
    }


def _samples(sides: _Sides, prediction: Prediction) -> BothSides:
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
