"""Verdicts on the features of a model that has been shown to predict: by clusters, shuffled first, then left out.

A feature can only help a model that predicts. Shuffling one of several correlated features makes the model extrapolate,
and its loss grows although the feature carries nothing: among usual indicators of a random walk every second report
found one that "helps". So nothing is judged before the model itself is better than its baselines; correlated features
are judged together; and what shuffling finds must be confirmed by refits without it.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.errors import TrainingError
from livermore.ml import sizes
from livermore.ml.evidence import LEVEL, benjamini_hochberg, per_sample_loss
from livermore.ml.importance._clustered import feature_clusters
from livermore.ml.importance._evaluation import FeatureScore, constant_prediction, forward_folds, loss_scale, scored
from livermore.ml.importance._permutation import fold_losses, skipped_copy
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.sizes import time_blocked_rows
from livermore.ml.tasks import Task, with_feature_names, without_features
from livermore.ml.validation import LabelledSamples, fit_fold, teaching_splits
from livermore.typing import Floats, Integers

__all__ = ["FeatureJudgement", "JudgedCluster", "judge_features", "judged_cluster", "unjudged_features"]

N_REPEATS = 5
# Clusters that are left out in refits at most: the most significant ones.
MOST_CONFIRMED = 8

NOT_SKILLED = (
    "The features are not judged: the model itself has not been shown to predict better than its baselines, and then "
    "no feature can be shown to help it."
)


@dataclass(frozen=True)
class JudgedCluster:
    """What is known about a cluster of correlated features.

    Parameters
    ----------
    features : tuple of str
        Their names; one name for a feature without a correlated one.
    shuffled : FeatureScore
        By how much the loss grows when their values are shuffled together.
    left_out : FeatureScore or None
        By how much it grows in refits without them; None if shuffling found nothing to confirm.
    verdict : str
        "helps", "hurts" or "cannot tell".

    Examples
    --------
    >>> shuffled = FeatureScore(("rsi", "stochastic"), 0.02, 0.004, 1e-6)
    >>> row = JudgedCluster(("rsi", "stochastic"), shuffled, None, "cannot tell").row()
    >>> row["feature"], row["importance"], row["left_out"]
    ('rsi, stochastic', 0.02, None)
    """

    features: tuple[str, ...]
    shuffled: FeatureScore
    left_out: FeatureScore | None
    verdict: str

    def row(self) -> dict[str, Any]:
        """Return it as plain values."""
        left_out = self.left_out
        return {
            "feature": ", ".join(self.features),
            "importance": self.shuffled.importance,
            "standard_error": self.shuffled.standard_error,
            "p_value": self.shuffled.p_value,
            "left_out": None if left_out is None else left_out.importance,
            "left_out_error": None if left_out is None else left_out.standard_error,
            "left_out_p_value": None if left_out is None else left_out.p_value,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class FeatureJudgement:
    """Verdicts on all features of a model.

    Parameters
    ----------
    clusters : tuple of JudgedCluster
        Best first; empty if nothing was judged.
    verdicts : dict of str to str
        "helps", "hurts" or "cannot tell" for each feature.
    note : str
        Why nothing was judged; empty if something was.

    Examples
    --------
    >>> judgement = FeatureJudgement((), {"rsi": "cannot tell"}, note="there are too few samples")
    >>> judgement.keys_for_result()["feature_note"]
    'there are too few samples'
    """

    clusters: tuple[JudgedCluster, ...]
    verdicts: dict[str, str]
    note: str = ""

    def keys_for_result(self) -> dict[str, Any]:
        """Return what `train_model` puts into its result."""
        return {
            "feature_verdicts": self.verdicts,
            "feature_scores": [cluster.row() for cluster in self.clusters],
            "feature_note": self.note,
        }


def unjudged_features(feature_names: Sequence[str], note: str = NOT_SKILLED) -> FeatureJudgement:
    """Return that nothing can be told about any feature, and why.

    Examples
    --------
    >>> unjudged_features(["rsi"]).verdicts
    {'rsi': 'cannot tell'}
    """
    return FeatureJudgement((), dict.fromkeys(feature_names, "cannot tell"), note)


def judge_features(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    feature_names: Sequence[str],
    *,
    skilled: bool,
    embargo: int = 0,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> FeatureJudgement:
    """Judge the features of a model on folds that walk forward.

    Parameters
    ----------
    task : Task
        What the labels mean.
    estimator : estimator
        Unfitted.
    samples : LabelledSamples
        Samples that choices may look at.
    feature_names : sequence of str
        Names of the columns of X.
    skilled : bool
        Whether the model has been shown to predict better than its baselines (`livermore.ml.evidence.forward_test`).
        Nothing is judged, and nothing fitted, if not.
    embargo : int
        As for `forward_folds`.
    n_jobs : int, optional
        Number of workers, as in joblib; the result does not depend on it.
    executor : FitExecutor, optional
        A running executor, instead of `n_jobs`.

    Returns
    -------
    FeatureJudgement
        "helps" (or "hurts"): shuffling the cluster raises (lowers) the loss, by p-values corrected for the number of
        clusters (Benjamini and Hochberg, 5 %), and so do refits without it, by their p-value of 5 %. With a note in
        place of verdicts if there are too few samples to fit folds.

    Notes
    -----
    Hooker, Mentch and Zhou, Statistics and Computing 2021, on why permuted features must be confirmed by refits;
    López de Prado, *Machine Learning for Asset Managers* (2020), section 6.5.2, on clusters. At most 4,000 rows are
    shuffled, and at most 8 clusters are left out.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X, time = np.random.default_rng(0).standard_normal((400, 3)), 60 * np.arange(400)
    >>> X[:, 1] = X[:, 0] + 0.1 * X[:, 1]
    >>> samples = LabelledSamples(X, (X[:, 0] > 0).astype(int), time, time + 300)
    >>> task, names = task_named("binary"), ["rsi", "stochastic", "noise"]
    >>> judge_features(task, LogisticRegression(), samples, names, skilled=True).verdicts
    {'rsi': 'helps', 'stochastic': 'helps', 'noise': 'cannot tell'}
    """
    if not skilled:
        return unjudged_features(feature_names)
    named = with_feature_names(estimator, feature_names)
    groups = feature_clusters(samples.X)
    splitter = forward_folds(samples, embargo=embargo)
    try:
        splits = teaching_splits(task, samples, splitter)
    except TrainingError as error:
        return unjudged_features(feature_names, f"The features could not be judged: {error}")
    splits = [(train, _thinned(test, sizes.SHUFFLED // len(splits), samples.market)) for train, test in splits]
    rows = np.concatenate([test for _, test in splits])
    scale, names = loss_scale(task, samples.y), [tuple(feature_names[k] for k in group) for group in groups]
    random = np.random.default_rng(0)
    generators = [skipped_copy(random, len(test), N_REPEATS * len(groups)) for _, test in splits]
    losses_of = functools.partial(fold_losses, task, named, samples, embargo, groups, N_REPEATS)
    with executor_for(named, n_jobs, executor) as running:
        parts = list(running.map(losses_of, *zip(*splits, strict=True), generators))
        unshuffled = np.concatenate([base for base, _ in parts])
        grown = [np.concatenate([increases[k] for _, increases in parts]) for k in range(len(groups))]
        shuffled = {score.features: score for score in scored(names, grown, rows, samples.windows, scale)}
        suspects = _suspects([shuffled[name] for name in names])
        without = [(k, train, test) for k in suspects for train, test in splits]
        leave = functools.partial(_without, task, named, samples, embargo, groups, list(feature_names))
        refits = list(running.map(leave, *zip(*without, strict=True))) if without else []
    left_out: dict[tuple[str, ...], FeatureScore] = {}
    for place, k in enumerate(suspects):
        own = np.concatenate(refits[place * len(splits) : (place + 1) * len(splits)])
        (left_out[names[k]],) = scored([names[k]], [own - unshuffled], rows, samples.windows, scale)
    clusters = [judged_cluster(shuffled[name], left_out.get(name)) for name in names]
    verdicts = {feature: cluster.verdict for cluster in clusters for feature in cluster.features}
    return FeatureJudgement(
        tuple(sorted(clusters, key=lambda cluster: -cluster.shuffled.importance)),
        {feature: verdicts[feature] for feature in feature_names},
    )


def _thinned(rows: Integers, most: int, market: Integers | None) -> Integers:
    """Return the rows, or as many of them as are wanted at most, evenly spaced; of several markets drawn."""
    if market is not None:
        return rows[time_blocked_rows(np.zeros(rows.size), most)]
    return rows if rows.size <= most else rows[np.linspace(0, rows.size - 1, most).round().astype(np.int64)]


def _suspects(scores: Sequence[FeatureScore]) -> list[int]:
    """Return which clusters shuffling finds to matter, the most significant first."""
    adjusted = benjamini_hochberg([score.p_value for score in scores])
    significant = np.flatnonzero(adjusted <= LEVEL).tolist()
    return sorted(significant, key=lambda k: scores[k].p_value)[:MOST_CONFIRMED]


def judged_cluster(shuffled: FeatureScore, left_out: FeatureScore | None) -> JudgedCluster:
    """Return the verdict on a cluster: both ways must agree."""
    agree = left_out is not None and left_out.p_value <= LEVEL and left_out.importance * shuffled.importance > 0
    verdict = ("helps" if shuffled.importance > 0 else "hurts") if agree else "cannot tell"
    return JudgedCluster(shuffled.features, shuffled, left_out, verdict)


def _without(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    embargo: int,
    groups: list[list[int]],
    feature_names: list[str],
    k: int,
    train: Integers,
    test: Integers,
) -> Floats:
    """Return the losses of a fold whose model is fitted without a cluster; of a constant, if nothing is left."""
    y, group = samples.y[test], groups[k]
    kept = [column for column in range(len(feature_names)) if column not in group]
    if not kept:
        return per_sample_loss(y, constant_prediction(task, samples.y[train], y.size))
    reduced = without_features(estimator, *(feature_names[column] for column in group))
    fold = fit_fold(reduced, samples.columns(kept), embargo, train, test)
    return per_sample_loss(y, fold.predict(task, samples.X[test][:, kept]))
