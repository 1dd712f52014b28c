"""The assessment of a model: choices on the training part, metrics on the test part, and a verdict.

The order matters. Thresholds, verdicts on features and the choice between models are made on out-of-fold predictions of
the earlier samples. The later ones are predicted forward in time, by models that were trained on what was known, and
the verdict rests on those predictions. Metrics are those of the final model on the test part; nothing is chosen by
either.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.errors import TrainingError
from livermore.ml.evidence import (
    FEWEST_INDEPENDENT,
    FeatureDiagnosis,
    Findings,
    ForwardEvidence,
    PayoffTest,
    SkillTest,
    Unknown,
    choose_threshold,
    estimate_all,
    evaluate_threshold,
    forward_test,
    independent_samples,
    payoff_test,
    plan_more_samples,
    skill_test,
    take_none_row,
    threshold_rows,
)
from livermore.ml.importance import FeatureJudgement
from livermore.ml.labels import LabelWindows, pooled_sample_size
from livermore.ml.parallel import FitExecutor
from livermore.ml.tasks import (
    BIASED_METRICS,
    METRIC_BOUNDS,
    BatchMetric,
    Prediction,
    Task,
)
from livermore.ml.validation import LabelledSamples, OutOfFold, PurgedKFold, out_of_fold
from livermore.typing import Array, Floats

__all__ = [
    "Assessment",
    "Choices",
    "PredictionAssessment",
    "assess_predictions",
    "choose_on_training_part",
    "findings_of",
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
    notes : tuple of str
        What could not be computed, and why.

    Examples
    --------
    >>> choices = Choices(threshold=0.6, threshold_by="money", stable_band=(0.55, 0.65))
    >>> choices.threshold, choices.none_is_best, Choices().threshold
    (0.6, False, None)
    """

    threshold_table: list[dict[str, Any]] | None = None
    threshold: float | None = None
    threshold_by: str = "lift"
    stable_band: Interval | None = None
    none_is_best: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Assessment:
    """What an assessment adds to a training's result.

    Parameters
    ----------
    verdict : dict
        As `livermore.ml.evidence.verdict` makes it.
    found : PredictionAssessment
        Metrics of the test part and their intervals.
    calibration : list of dict, or None
        Buckets over [0, 1], for binary.
    diagnostics : list of FeatureDiagnosis
        What is unusual about features.
    choices : Choices
        What was chosen on the earlier samples.
    features : FeatureJudgement or None
        Verdicts on the features; None if they are not wanted.
    notes : tuple of str
        What could not be computed, and why.

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> test = SkillTest(0.62, ROC_AUC, 0.002)
    >>> found = PredictionAssessment({"accuracy": 0.58}, {"accuracy": (0.52, 0.64)}, "", test, (0.55, 0.69), None)
    >>> assessment = Assessment({"edge": "cannot tell"}, found, None, [], Choices(threshold=0.6))
    >>> keys = assessment.keys_for_result()
    >>> keys["verdict"]["edge"], keys["intervals"]["accuracy"], keys["threshold"]["threshold"]
    ('cannot tell', (0.52, 0.64), 0.6)
    """

    verdict: dict[str, Any]
    found: "PredictionAssessment"
    calibration: list[dict[str, Any]] | None
    diagnostics: list[FeatureDiagnosis]
    choices: Choices
    features: FeatureJudgement | None = None
    notes: tuple[str, ...] = ()

    def keys_for_result(self) -> dict[str, Any]:
        """Return what `train_model` puts into its result."""
        choices = self.choices
        return {
            "verdict": self.verdict,
            "intervals": self.found.intervals,
            "intervals_note": self.found.intervals_note,
            **({} if self.features is None else self.features.keys_for_result()),
            "threshold_table": choices.threshold_table,
            "threshold": {
                "threshold": choices.threshold,
                "by": choices.threshold_by,
                "stable_band": choices.stable_band,
                "none_is_best": choices.none_is_best,
                "test": self.found.threshold,
            },
            "diagnostics": [_diagnosis_row(diagnosis) for diagnosis in self.diagnostics],
        }


def choose_on_training_part(
    task: Task,
    estimator: Any,
    train: LabelledSamples,
    *,
    embargo: int,
    executor: FitExecutor,
) -> Choices:
    """Choose a threshold, on purged folds of the training part.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted.
    train : LabelledSamples
        The training part. With payoffs, the threshold is chosen by net return.
    embargo : int
        Seconds after each test block in which no training sample may start.
    executor : FitExecutor
        It runs the fits.

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
            found |= _thresholds(out_of_fold(task, estimator, train, splitter, executor=executor), train.payoff)
        except TrainingError as error:
            notes.append(f"No threshold could be chosen on the earlier samples: {error}")
    return Choices(**found, notes=tuple(notes))


@dataclass(frozen=True, eq=False)
class PredictionAssessment:
    """How good predictions of samples are that no model was trained on.

    Attributes
    ----------
    metrics : dict of str to float
        The task's metrics that can be resampled.
    intervals : dict of str to tuple of float
        95 % interval of each; (NaN, NaN) where none is given.
    intervals_note : str
        Why no intervals are given; empty if they are.
    test : SkillTest
        The statistic of the task, and its test by circular shifts.
    interval : tuple of float
        95 % interval of the statistic.
    threshold : dict or None
        The given threshold on these predictions; None if none was given.

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> test = SkillTest(0.62, ROC_AUC, 0.002)
    >>> found = PredictionAssessment({"accuracy": 0.58}, {"accuracy": (0.52, 0.64)}, "", test, (0.55, 0.69), None)
    >>> found.intervals["accuracy"], found.test.p_value
    ((0.52, 0.64), 0.002)
    """

    metrics: dict[str, float]
    intervals: dict[str, Interval]
    intervals_note: str
    test: SkillTest
    interval: Interval
    threshold: dict[str, Any] | None


def assess_predictions(
    task: Task, test: LabelledSamples, prediction: Prediction, *, threshold: float | None = None
) -> PredictionAssessment:
    """Compute metrics of out-of-sample predictions and their intervals.

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
    return PredictionAssessment(
        metrics={name: metric.value for name, metric in found.items()},
        intervals={name: UNKNOWN if name in BIASED_METRICS else metric.interval for name, metric in found.items()},
        intervals_note=_note(task, independent),
        test=skill_test(y, prediction, kind),
        interval=skill.interval,
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


def findings_of(
    task: Task,
    samples: LabelledSamples,
    forward: ForwardEvidence,
    found: PredictionAssessment,
    *,
    choices: Choices | None = None,
    chosen_before: int | None = None,
    volatility: str = "",
) -> Findings:
    """Put together what a verdict is based on.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    samples : LabelledSamples
        All samples.
    forward : ForwardEvidence
        Predictions of the later ones, forward in time.
    found : PredictionAssessment
        Of the final model on the test part.
    choices : Choices, optional
        What was chosen on the earlier samples; its threshold says which signals are taken.
    chosen_before : int, optional
        Time in UTC seconds before which samples had a part in these choices. Payoffs are tested from then on.
    volatility : str
        What volatility was measured by.

    Returns
    -------
    Findings
    """
    windows, choices = samples.windows.take(forward.rows), choices or Choices()
    test = forward_test(forward.scores)
    n, n_features = samples.X.shape
    return Findings(
        forward=test,
        baselines=forward.baselines,
        judged=(int(windows.start.min()), int(windows.start.max())) if len(windows) else None,
        n=forward.rows.size,
        n_effective=_independent_pooled(task, samples.take(forward.rows)) if len(windows) else 0.0,
        test=found.test,
        interval=found.interval,
        payoffs=_payoffs(samples, forward, choices.threshold, chosen_before),
        payoffs_unknown=_why_unknown(task, samples, choices.none_is_best),
        volatility=volatility,
        more=plan_more_samples(min(test.t), test.degrees, n, _independent_pooled(task, samples), n_features),
    )


def _independent_pooled(task: Task, samples: LabelledSamples) -> float:
    """Return how many independent samples carry the information of these, symbols that move together considered."""
    y = samples.y
    outcomes = np.column_stack([y == c for c in np.unique(y)]) if task.is_classifier else y
    return pooled_sample_size(samples.windows, samples.market, outcomes)


def _payoffs(
    samples: LabelledSamples, forward: ForwardEvidence, threshold: float | None, chosen_before: int | None
) -> PayoffTest | None:
    """Test the payoffs of the signals taken, on samples that had no part in the choice of the threshold."""
    if samples.payoff is None or threshold is None or forward.prediction is None:
        return None
    later = np.ones(forward.rows.size, dtype=np.bool_)
    if chosen_before is not None:
        later = samples.decided[forward.rows] >= chosen_before
    rows = forward.rows[later]
    taken = forward.prediction.positive[later] >= threshold
    of = samples.take(rows)
    return payoff_test(samples.payoff[rows], taken, of.windows, of.market)


def _weighted(metric: BatchMetric, y: Array, prediction: Prediction, weight: Floats, resampled: Floats) -> Floats:
    """Return a metric for each resample, with the weights of the samples."""
    return metric(y, prediction, resampled * weight)


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


def _diagnosis_row(diagnosis: FeatureDiagnosis) -> dict[str, Any]:
    """Return a diagnosis as plain values."""
    return dict(vars(diagnosis))
