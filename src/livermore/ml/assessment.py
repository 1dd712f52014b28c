"""The assessment of a model: choices on the training side out of fold, figures on the test side, and a verdict.

The order is the point. Thresholds, verdicts on features and the choice between models are made on out-of-fold
predictions of the training side; what the test side says is computed after that, and nothing is chosen by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.errors import TrainingError
from livermore.ml.evidence import (
    BATCH_METRICS,
    METRIC_BOUNDS,
    FeatureDiagnosis,
    Findings,
    OutOfFold,
    Resampled,
    SkillTest,
    TrainingSide,
    block_length_for,
    calibration_buckets,
    choose_threshold,
    contributions,
    diagnose_features,
    evaluate_threshold,
    holm,
    long_run_test,
    out_of_fold,
    per_sample_loss,
    resample_all,
    skill_statistic,
    skill_test,
    threshold_rows,
    verdict,
)
from livermore.ml.importance import FeatureScore, feature_verdicts, forward_folds, permutation_importance
from livermore.ml.labels import LabelWindows, effective_sample_size
from livermore.ml.parallel import Jobs
from livermore.ml.tasks import Prediction, Task
from livermore.ml.validation import PurgedKFold

__all__ = ["Assessment", "Choices", "TestSide", "assess_test_side", "choose_on_training_side", "rank_models"]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]

N_FOLDS = 5
# The metrics that an assessment adds to those of the task.
ADDED_METRICS = ("brier", "log_loss", "ece")


@dataclass(frozen=True, eq=False)
class TestSide:
    """The samples that are looked at once.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Features as recorded.
    y : ndarray of shape (n,)
        Encoded labels.
    prediction : Prediction
        Of the final model.
    windows : LabelWindows
        Label intervals.
    payoff : ndarray of shape (n,) or None
        Return of acting on each signal after costs, as a fraction.
    weight : ndarray of shape (n,) or None
        By which metrics and their intervals weigh the samples; None weighs all alike.
    """

    __test__ = False  # not a test case, whatever pytest thinks of the name

    X: Floats
    y: Array
    prediction: Prediction
    windows: LabelWindows
    payoff: Floats | None = None
    weight: Floats | None = None


@dataclass(frozen=True, eq=False)
class Choices:
    """What was decided on the training side.

    Parameters
    ----------
    threshold_table : list of dict, or None
        Each threshold on out-of-fold predictions, with `chosen` and `stable`; None where the task has no thresholds.
    threshold : float or None
        The one chosen.
    threshold_by : str
        "money" or "lift".
    stable_band : tuple of float, or None
        Thresholds that are about as good.
    feature_scores : list of FeatureScore
        Permutation importance, best first.
    feature_verdicts : dict
        "helps", "hurts" or "cannot tell" for each feature.
    notes : tuple of str
        What could not be done, and why.
    """

    threshold_table: list[dict[str, Any]] | None = None
    threshold: float | None = None
    threshold_by: str = "lift"
    stable_band: Interval | None = None
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
        95 % interval of each metric.
    metrics : dict of str to float
        Metrics that the task's own do not include.
    calibration : list of dict, or None
        Buckets over [0, 1], for binary.
    diagnostics : list of FeatureDiagnosis
        What is noticeable about features.
    choices : Choices
        What was decided on the training side.
    test_threshold : dict or None
        The chosen threshold on the test side.
    """

    verdict: dict[str, Any]
    intervals: dict[str, Interval]
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
            "feature_verdicts": choices.feature_verdicts,
            "feature_scores": [_score_row(score) for score in choices.feature_scores],
            "threshold_table": choices.threshold_table,
            "threshold": {
                "threshold": choices.threshold,
                "by": choices.threshold_by,
                "stable_band": choices.stable_band,
                "test": self.test_threshold,
            },
            "diagnostics": [_diagnosis_row(diagnosis) for diagnosis in self.diagnostics],
        }


def choose_on_training_side(
    task: Task,
    estimator: Any,
    side: TrainingSide,
    feature_names: Sequence[str],
    *,
    payoff: Floats | None = None,
    embargo: int = 0,
    judge_features: bool = True,
    n_jobs: Jobs = None,
) -> Choices:
    """Choose a threshold and judge the features, on purged folds of the training side.

    Parameters
    ----------
    task : Task
        What the labels mean.
    estimator : estimator
        Unfitted.
    side : TrainingSide
        The samples that may be chosen on.
    feature_names : sequence of str
        Names of the columns.
    payoff : ndarray of shape (n,), optional
        Return of acting on each signal after costs.
    embargo : int
        Seconds after each test block in which no training sample may start.
    judge_features : bool
        Whether to fit the models that verdicts on features need.
    n_jobs : int, Crew or None
        As joblib takes it, or who is there already; None is all cores where the fits take long enough.

    Returns
    -------
    Choices
        With a note instead of what too few samples make impossible.
    """
    notes: list[str] = []
    found: dict[str, Any] = {}
    if _has_thresholds(task):
        try:
            splitter = PurgedKFold(side.time, side.label_time, n_splits=N_FOLDS, embargo=embargo)
            found |= _thresholds(out_of_fold(task, estimator, side, splitter, n_jobs), payoff)
        except TrainingError as error:
            notes.append(f"No threshold could be chosen on the training side: {error}")
    if judge_features:
        try:
            scores = permutation_importance(
                task, estimator, side, feature_names, splitter=forward_folds(side, embargo=embargo), n_jobs=n_jobs
            )
            found |= {"feature_scores": scores, "feature_verdicts": feature_verdicts(scores)}
        except TrainingError as error:
            notes.append(f"The features could not be judged: {error}")
            found |= {"feature_verdicts": dict.fromkeys(feature_names, "cannot tell")}
    return Choices(**found, notes=tuple(notes))


def assess_test_side(
    task: Task,
    side: TrainingSide,
    test: TestSide,
    feature_names: Sequence[str],
    choices: Choices,
    *,
    trials: int = 1,
    recorded: bool = False,
) -> Assessment:
    """Compute the final figures, their intervals and the verdict.

    Parameters
    ----------
    task : Task
        What the labels mean.
    side : TrainingSide
        The training side, to which the test side's features are compared.
    test : TestSide
        The test side.
    feature_names : sequence of str
        Names of the columns.
    choices : Choices
        From `choose_on_training_side`.
    trials : int
        How many different trials have opened this test side, this one included.
    recorded : bool
        Whether that number is a ledger's.

    Returns
    -------
    Assessment
    """
    y, prediction, windows = test.y, test.prediction, test.windows
    weight = np.ones(y.size) if test.weight is None else test.weight
    figures: dict[str, Any] = {
        name: (lambda weights, metric=metric: metric(y, prediction, weights * weight))
        for name, metric in BATCH_METRICS[task.name].items()
    }
    figures[""] = lambda weights: skill_statistic(y, prediction, weights)
    resampled = resample_all(figures, y.size, block_length_for(contributions(y, prediction), windows))
    skill = resampled.pop("")
    row = _test_threshold(test, choices)
    findings = Findings(
        test=_skill(y, prediction, skill),
        interval=skill.interval(),
        n=y.size,
        n_effective=effective_sample_size(windows),
        trials=trials,
        net_return=None if row is None or test.payoff is None else (row["net_return"], row["net_low"], row["net_high"]),
        thin=row is not None and row["thin"],
        recorded=recorded,
    )
    return Assessment(
        verdict=verdict(findings),
        intervals={name: _bounded(found.interval(), METRIC_BOUNDS[name]) for name, found in resampled.items()},
        metrics={name: resampled[name].value for name in ADDED_METRICS if name in resampled},
        calibration=calibration_buckets(y, _positive(prediction), windows) if _has_thresholds(task) else None,
        diagnostics=diagnose_features(side.X, side.y, side.time, test.X, feature_names),
        choices=choices,
        test_threshold=row,
    )


def rank_models(
    task: Task,
    estimators: Mapping[str, Any],
    side: TrainingSide,
    *,
    embargo: int = 0,
    n_jobs: Jobs = None,
) -> list[dict[str, Any]]:
    """Rank estimators by their loss out of fold on the training side.

    Parameters
    ----------
    task : Task
        What the labels mean.
    estimators : mapping of str to estimator
        Unfitted, by name.
    side : TrainingSide
        The samples that may be chosen on.
    embargo : int
        As for `PurgedKFold`.
    n_jobs : int, Crew or None
        As joblib takes it, or who is there already; None is all cores where the fits take long enough.

    Returns
    -------
    list of dict
        Best first: `name`, `rank`, `loss` (Brier score, or squared error), `statistic` (area under the ROC curve, or
        rank correlation), `p_value` of its skill, `p_adjusted` for the number of models (Holm), `behind` (loss above
        the best's), `behind_error` (standard error of that) and `tied` (cannot be told from the best).

    Notes
    -----
    All models see the same folds. That one of them was chosen does not inflate the figures of the test side, which none
    has seen; it does inflate those out of fold, hence the correction here.
    """
    splitter = PurgedKFold(side.time, side.label_time, n_splits=N_FOLDS, embargo=embargo)
    predicted = {name: out_of_fold(task, model, side, splitter, n_jobs) for name, model in estimators.items()}
    losses = {name: per_sample_loss(oof.y, oof.prediction) for name, oof in predicted.items()}
    order = sorted(losses, key=lambda name: float(losses[name].mean()))
    tests = [skill_test(predicted[name].y, predicted[name].prediction) for name in order]
    adjusted = holm([test.p_value for test in tests])
    best = order[0]
    rows = []
    for place, (name, test, p_adjusted) in enumerate(zip(order, tests, adjusted, strict=True)):
        behind, error, p_behind = long_run_test(losses[name] - losses[best], predicted[name].windows)
        rows.append(
            {
                "name": name,
                "rank": place + 1,
                "loss": float(losses[name].mean()),
                "statistic": test.statistic,
                "p_value": test.p_value,
                "p_adjusted": float(p_adjusted),
                "behind": behind,
                "behind_error": error,
                "tied": p_behind > 0.05,
            }
        )
    return rows


def _skill(y: Array, prediction: Prediction, resampled: Resampled) -> SkillTest:
    """Test for skill in two ways, and believe the more doubtful one.

    The circular shift knows the memory of both series but takes them as stationary; the block bootstrap assumes less
    and sees less. Each keeps its level alone; a verdict that both must carry does not hang on one's assumptions.
    """
    shifted = skill_test(y, prediction)
    if not resampled.standard_error > 0:
        return replace(shifted, p_value=1.0)
    distance = (resampled.value - shifted.no_skill) / resampled.standard_error
    return replace(shifted, p_value=max(shifted.p_value, float(stats.norm.sf(distance))))


def _has_thresholds(task: Task) -> bool:
    """Tell whether the task's predictions are compared with a threshold."""
    return "ece" in BATCH_METRICS[task.name]


def _thresholds(oof: OutOfFold, payoff: Floats | None) -> dict[str, Any]:
    """Choose a threshold on out-of-fold predictions."""
    paid = None if payoff is None else payoff[oof.rows]
    probability = _positive(oof.prediction)
    rows = threshold_rows(oof.y, probability, oof.windows, paid)
    choice = choose_threshold(rows, oof.y, probability, oof.windows, paid)
    low, high = choice.stable_band or (np.inf, -np.inf)
    table = [
        row | {"chosen": row["threshold"] == choice.threshold, "stable": low <= row["threshold"] <= high}
        for row in rows
    ]
    return {
        "threshold_table": table,
        "threshold": choice.threshold,
        "threshold_by": choice.by,
        "stable_band": choice.stable_band,
    }


def _test_threshold(test: TestSide, choices: Choices) -> dict[str, Any] | None:
    """Evaluate the chosen threshold on the test side."""
    if choices.threshold is None:
        return None
    return evaluate_threshold(test.y, _positive(test.prediction), test.windows, test.payoff, choices.threshold)


def _positive(prediction: Prediction) -> Floats:
    """Return the probability of class 1."""
    column: Floats = prediction.probabilities[:, int(np.flatnonzero(prediction.classes == 1)[0])]
    return column


def _bounded(interval: Interval, bounds: Interval) -> Interval:
    """Cut an interval off where the figure cannot be."""
    low, high = np.clip(interval, *bounds).tolist()
    return low, high


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
