"""The assessment of a model: choices on the training part, metrics on the test part, and a verdict.

The order matters. Thresholds, verdicts on features and the choice between models are made on out-of-fold predictions of
the training part. The metrics of the test part are computed afterwards, and nothing is chosen by them.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import stats

from livermore.errors import TrainingError
from livermore.ml.evidence import (
    FEWEST_INDEPENDENT,
    Estimate,
    FeatureDiagnosis,
    Findings,
    SkillTest,
    Unknown,
    calibration_buckets,
    choose_threshold,
    diagnose_features,
    estimate_all,
    evaluate_threshold,
    independent_samples,
    skill_test,
    take_none_row,
    threshold_rows,
    verdict,
)
from livermore.ml.importance import FeatureScore, feature_verdicts, forward_folds, permutation_importance
from livermore.ml.labels import LabelWindows, effective_sample_size
from livermore.ml.parallel import FitExecutor
from livermore.ml.tasks import (
    BIASED_METRICS,
    METRIC_BOUNDS,
    BatchMetric,
    Prediction,
    SkillStatistic,
    Task,
)
from livermore.ml.validation import LabelledSamples, OutOfFold, PurgedKFold, out_of_fold
from livermore.typing import Array, Floats

__all__ = [
    "Assessment",
    "Choices",
    "PredictionAssessment",
    "assess_predictions",
    "assess_test_part",
    "choose_on_training_part",
]

Interval = tuple[float, float]

UNKNOWN = (float("nan"), float("nan"))

N_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Choices:
    """What was chosen on the training part.

    Parameters
    ----------
    threshold_table : list of dict, or None
        Each threshold on out-of-fold predictions, with `chosen` and `stable`; last the row of taking no signal, whose
        threshold is None. The table is None where the task has no thresholds.
    threshold : float or None
        The chosen threshold.
    threshold_by : str
        "money" or "lift".
    stable_band : tuple of float, or None
        Thresholds whose gain is within one standard error of the chosen one's.
    none_is_best : bool
        Whether no threshold gains anything, so that to take no signal is best.
    feature_scores : list of FeatureScore
        Permutation importance, best first.
    feature_verdicts : dict
        "helps", "hurts" or "cannot tell" for each feature.
    notes : tuple of str
        What could not be computed, and why.
    """

    threshold_table: list[dict[str, Any]] | None = None
    threshold: float | None = None
    threshold_by: str = "lift"
    stable_band: Interval | None = None
    none_is_best: bool = False
    feature_scores: list[FeatureScore] = field(default_factory=list)
    feature_verdicts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Assessment:
    """What an assessment adds to a training's result.

    Parameters
    ----------
    verdict : dict
        As `livermore.ml.evidence.verdict` makes it.
    intervals : dict of str to tuple of float
        95 % interval of each metric; (NaN, NaN) where none is given.
    intervals_note : str
        Why no intervals are given; empty if they are.
    metrics : dict of str to float
        Value of each metric of the task that has an interval.
    calibration : list of dict, or None
        Buckets over [0, 1], for binary.
    diagnostics : list of FeatureDiagnosis
        What is unusual about features.
    choices : Choices
        What was chosen on the training part.
    test_threshold : dict or None
        The chosen threshold on the test part.
    """

    verdict: dict[str, Any]
    intervals: dict[str, Interval]
    intervals_note: str
    metrics: dict[str, float]
    calibration: list[dict[str, Any]] | None
    diagnostics: list[FeatureDiagnosis]
    choices: Choices
    test_threshold: dict[str, Any] | None

    def keys_for_result(self) -> dict[str, Any]:
        """Return what `train_model` puts into its result."""
        choices = self.choices
        return {
            "verdict": self.verdict,
            "intervals": self.intervals,
            "intervals_note": self.intervals_note,
            "feature_verdicts": choices.feature_verdicts,
            "feature_scores": [_score_row(score) for score in choices.feature_scores],
            "threshold_table": choices.threshold_table,
            "threshold": {
                "threshold": choices.threshold,
                "by": choices.threshold_by,
                "stable_band": choices.stable_band,
                "none_is_best": choices.none_is_best,
                "test": self.test_threshold,
            },
            "diagnostics": [_diagnosis_row(diagnosis) for diagnosis in self.diagnostics],
        }


def choose_on_training_part(
    task: Task,
    estimator: Any,
    train: LabelledSamples,
    feature_names: Sequence[str],
    *,
    embargo: int = 0,
    judge_features: bool = True,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> Choices:
    """Choose a threshold and judge the features, on purged folds of the training part.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted.
    train : LabelledSamples
        The training part. With payoffs, the threshold is chosen by net return.
    feature_names : sequence of str
        Names of the columns.
    embargo : int
        Seconds after each test block in which no training sample may start.
    judge_features : bool
        Whether to fit the models that verdicts on features need.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough.
    executor : FitExecutor, optional
        A running executor, instead of `n_jobs`.

    Returns
    -------
    Choices
        With a note in place of what too few samples make impossible.
    """
    notes: list[str] = []
    found: dict[str, Any] = {}
    if task.has_thresholds:
        try:
            splitter = PurgedKFold(train.time, train.label_time, n_splits=N_FOLDS, embargo=embargo)
            found |= _thresholds(out_of_fold(task, estimator, train, splitter, n_jobs, executor), train.payoff)
        except TrainingError as error:
            notes.append(f"No threshold could be chosen on the training part: {error}")
    if judge_features:
        try:
            folds = forward_folds(train, embargo=embargo)
            scores = permutation_importance(
                task, estimator, train, feature_names, splitter=folds, n_jobs=n_jobs, executor=executor
            )
            found |= {"feature_scores": scores, "feature_verdicts": feature_verdicts(scores)}
        except TrainingError as error:
            notes.append(f"The features could not be judged: {error}")
            found |= {"feature_verdicts": dict.fromkeys(feature_names, "cannot tell")}
    return Choices(**found, notes=tuple(notes))


def assess_test_part(
    task: Task,
    train: LabelledSamples,
    test: LabelledSamples,
    prediction: Prediction,
    feature_names: Sequence[str],
    choices: Choices,
    *,
    trials: int = 1,
    recorded: bool = False,
) -> Assessment:
    """Compute the final metrics, their intervals and the verdict.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    train : LabelledSamples
        The training part, whose features the test part's are compared with.
    test : LabelledSamples
        The test part; its weights are those of metrics and their intervals.
    prediction : Prediction
        The final model's predictions of the test part.
    feature_names : sequence of str
        Names of the columns.
    choices : Choices
        From `choose_on_training_part`.
    trials : int
        Number of different trials that have been evaluated on this test period, this one included.
    recorded : bool
        Whether that number comes from a ledger.

    Returns
    -------
    Assessment
    """
    found = assess_predictions(
        task,
        test,
        prediction,
        threshold=choices.threshold,
        none_is_best=choices.none_is_best,
        trials=trials,
        recorded=recorded,
    )
    return Assessment(
        verdict=found.verdict,
        intervals=found.intervals,
        intervals_note=found.intervals_note,
        metrics=found.metrics,
        calibration=(calibration_buckets(test.y, prediction.positive, test.windows) if task.has_thresholds else None),
        diagnostics=diagnose_features(train.X, train.y, train.time, test.X, feature_names, test.time),
        choices=choices,
        test_threshold=found.threshold,
    )


@dataclass(frozen=True, eq=False)
class PredictionAssessment:
    """How much predictions of samples that no model was trained on are worth.

    Attributes
    ----------
    verdict : dict
        As `livermore.ml.evidence.verdict` returns it.
    metrics : dict of str to float
        The task's metrics that can be resampled.
    intervals : dict of str to tuple of float
        95 % interval of each; (NaN, NaN) where none is given.
    intervals_note : str
        Why no intervals are given; empty if they are.
    threshold : dict or None
        The given threshold on these predictions; None if none was given.
    """

    verdict: dict[str, Any]
    metrics: dict[str, float]
    intervals: dict[str, Interval]
    intervals_note: str
    threshold: dict[str, Any] | None


def assess_predictions(
    task: Task,
    test: LabelledSamples,
    prediction: Prediction,
    *,
    threshold: float | None = None,
    none_is_best: bool = False,
    trials: int = 1,
    recorded: bool = False,
) -> PredictionAssessment:
    """Compute metrics of out-of-sample predictions, their intervals and the verdict.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    test : LabelledSamples
        The samples that were predicted; their weights are those of metrics and their intervals.
    prediction : Prediction
        Their predictions.
    threshold : float, optional
        The threshold that was chosen on other samples.
    none_is_best : bool
        Whether on the other samples no threshold gained anything.
    trials : int
        Number of different trials that have been evaluated on these samples, this one included.
    recorded : bool
        Whether that number comes from a ledger.

    Returns
    -------
    PredictionAssessment
    """
    y, windows, kind = test.y, test.windows, task.statistic
    weight = np.ones(y.size) if test.weight is None else test.weight
    # The statistic of the verdict is never weighted, see `weight_metrics`.
    figures = {kind.name: functools.partial(kind.weighted, y, prediction)}
    for name, metric in task.batch_metrics.items():
        figures[name] = functools.partial(_weighted, metric, y, prediction, weight)
    independent = _independent(task, y, windows)
    found = estimate_all(figures, windows, independent, {**METRIC_BOUNDS, kind.name: kind.bounds})
    skill = found.pop(kind.name)
    row = None
    if threshold is not None:
        row = evaluate_threshold(y, prediction.positive, windows, test.payoff, threshold)
    findings = Findings(
        test=_skill(y, prediction, kind, skill),
        interval=skill.interval,
        n=y.size,
        n_effective=effective_sample_size(windows),
        trials=trials,
        net_return=None if row is None or test.payoff is None else (row["net_return"], row["net_low"], row["net_high"]),
        net_return_unknown=_why_unknown(task, test, none_is_best),
        thin=row is not None and row["thin"],
        recorded=recorded,
    )
    return PredictionAssessment(
        verdict=verdict(findings),
        intervals={name: UNKNOWN if name in BIASED_METRICS else metric.interval for name, metric in found.items()},
        intervals_note=_note(task, independent),
        metrics={name: metric.value for name, metric in found.items()},
        threshold=row,
    )


def _independent(task: Task, y: Array, windows: LabelWindows) -> float:
    """Return the number of independent samples of the smallest class, or of numbers above or below their median."""
    groups = [y == c for c in np.unique(y)] if task.is_classifier else [y > np.median(y)]
    return min(independent_samples(group, windows) for group in groups)


def _note(task: Task, independent: float) -> str:
    """Return why there are no intervals, or nothing if there are."""
    if independent >= FEWEST_INDEPENDENT:
        return ""
    of = "the smallest class" if task.is_classifier else "either half of the labels"
    return (
        f"No intervals are given: the test set holds the information of {independent:.1f} independent samples of {of}, "
        f"and with fewer than {FEWEST_INDEPENDENT:.0f} an interval would be too narrow."
    )


def _weighted(metric: BatchMetric, y: Array, prediction: Prediction, weight: Floats, resampled: Floats) -> Floats:
    """Return a metric for each resample, with the weights of the samples."""
    return metric(y, prediction, resampled * weight)


def _skill(y: Array, prediction: Prediction, kind: SkillStatistic, found: Estimate) -> SkillTest:
    """Test for skill by circular shifts and by its standard error, and return the larger p-value.

    The circular shift keeps the autocorrelation of both series but assumes that they are stationary; the standard error
    assumes less and has less power. Each test keeps its level alone, so requiring both protects the verdict
    from the assumptions of either.
    """
    shifted = skill_test(y, prediction, kind)
    if not found.standard_error > 0:
        return replace(shifted, p_value=1.0)
    distance = (found.value - shifted.no_skill) / found.standard_error
    return replace(shifted, p_value=max(shifted.p_value, float(stats.norm.sf(distance))))


def _why_unknown(task: Task, test: LabelledSamples, none_is_best: bool) -> Unknown:
    """Return why the net return of a signal is unknown, for the case that it is."""
    if test.payoff is None:
        return "no payoffs"
    if none_is_best:
        return "none is best"
    return "no threshold chosen" if task.has_thresholds else "no thresholds"


def _thresholds(oof: OutOfFold, payoff: Floats | None) -> dict[str, Any]:
    """Choose a threshold on out-of-fold predictions."""
    paid = None if payoff is None else payoff[oof.rows]
    probability = oof.prediction.positive
    rows = threshold_rows(oof.y, probability, oof.windows, paid)
    choice = choose_threshold(rows, oof.y, probability, oof.windows, paid)
    low, high = choice.stable_band or (np.inf, -np.inf)
    table = [
        row | {"chosen": row["threshold"] == choice.threshold, "stable": low <= row["threshold"] <= high}
        for row in rows
    ]
    none = take_none_row(with_payoffs=paid is not None)
    return {
        "threshold_table": [*table, none | {"chosen": choice.none_is_best, "stable": choice.none_is_close}],
        "threshold": choice.threshold,
        "threshold_by": choice.by,
        "stable_band": choice.stable_band,
        "none_is_best": choice.none_is_best,
    }


def _score_row(score: FeatureScore) -> dict[str, Any]:
    """Return a score as plain numbers."""
    return {
        "feature": ", ".join(score.features),
        "importance": score.importance,
        "standard_error": score.standard_error,
        "p_value": score.p_value,
    }


def _diagnosis_row(diagnosis: FeatureDiagnosis) -> dict[str, Any]:
    """Return a diagnosis as plain values."""
    return dict(vars(diagnosis))
