"""What the ways of judging features share: the score of one feature, and the losses that scores are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livermore.ml.evidence import long_run_test
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Task
from livermore.ml.validation import LabelledSamples, WalkForward
from livermore.typing import Array, Floats, Integers

__all__ = ["FeatureScore", "forward_folds", "loss_scale", "scored"]


@dataclass(frozen=True)
class FeatureScore:
    """What one feature, or one cluster of features, is worth to the estimator.

    Parameters
    ----------
    features : tuple of str
        Its name, or the names of the cluster.
    importance : float
        By how much the loss grows without it; positive is good. Brier score for probabilities, squared error over the
        label's variance for numbers.
    standard_error : float
        Of the importance, for samples that depend on their neighbours.
    p_value : float
        Two-sided, that the importance is nothing but chance.
    """

    features: tuple[str, ...]
    importance: float
    standard_error: float
    p_value: float


def forward_folds(samples: LabelledSamples, n_splits: int = 6, embargo: int = 0) -> WalkForward:
    """Return the folds on which features are judged: each model predicts what comes after what it has learnt from.

    Notes
    -----
    Walking forward, and not k-fold, because of what follows under the null. In k-fold each block trains the models that
    judge the others, so that a chance correlation in one block is rewarded in all; the deltas of the folds are
    correlated with 1 / (k - 1) and a test that takes them as independent judges 8 % to 12 % of noise features at a
    level of 5 %. Forward, the deltas are martingale differences and the same test judges 3 % to 5 %.
    """
    return WalkForward(samples.time, samples.label_time, n_splits=n_splits, first_train=0.25, embargo=embargo)


def scored(
    names: Sequence[tuple[str, ...]], differences: Sequence[Floats], rows: Integers, windows: LabelWindows, scale: float
) -> list[FeatureScore]:
    """Turn differences of losses per sample (without the feature less with it) into scores, best first."""
    order = np.argsort(rows, kind="stable")
    ordered = windows.take(rows[order])
    scores = []
    for name, difference in zip(names, differences, strict=True):
        mean, error, p_value = long_run_test(difference[order], ordered)
        scores.append(FeatureScore(name, mean / scale, error / scale, p_value))
    return sorted(scores, key=lambda score: -score.importance)


def loss_scale(task: Task, y: Array) -> float:
    """Return what losses are divided by: the label's variance for numbers, 1 for classes."""
    variance = float(np.var(y)) if not task.is_classifier else 1.0
    return variance if variance > 0 else 1.0
