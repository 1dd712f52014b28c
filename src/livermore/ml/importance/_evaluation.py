"""Scores of features: the mean difference of losses, its standard error and its p-value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livermore.ml.evidence import long_run_test
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Prediction, Task
from livermore.ml.validation import LabelledSamples, WalkForward
from livermore.typing import Array, Floats, Integers

__all__ = ["FeatureScore", "constant_prediction", "forward_folds", "loss_scale", "scored"]


@dataclass(frozen=True)
class FeatureScore:
    """The importance of one feature, or of one cluster of features, to an estimator.

    Parameters
    ----------
    features : tuple of str
        Its name, or the names of the cluster.
    importance : float
        Increase of the loss without it; positive if the feature helps. Brier score for probabilities, squared error
        divided by the label's variance for numbers.
    standard_error : float
        Of the importance, for autocorrelated samples.
    p_value : float
        Two-sided, of the null hypothesis that the importance is zero.

    Examples
    --------
    >>> rsi = FeatureScore(("rsi",), importance=0.02, standard_error=0.004, p_value=1e-6)
    >>> rsi.importance / rsi.standard_error
    5.0
    """

    features: tuple[str, ...]
    importance: float
    standard_error: float
    p_value: float


def forward_folds(samples: LabelledSamples, n_splits: int = 6, embargo: int = 0) -> WalkForward:
    """Return the folds on which features are judged: each model predicts samples that are later than its training.

    Notes
    -----
    Walk-forward folds keep the level of the test, k-fold does not. In k-fold each block trains the models that are
    tested on the others, so a chance correlation in one block counts in all; the deltas of the folds have correlation
    1 / (k - 1), and a test that assumes independence rejects for 8 % to 12 % of noise features at a level of 5 %. In
    walk-forward folds the deltas are martingale differences, and the same test rejects for 3 % to 5 %.

    Examples
    --------
    >>> import numpy as np
    >>> from livermore.ml.validation import LabelledSamples
    >>> time = 60 * np.arange(100)
    >>> samples = LabelledSamples(np.zeros((100, 1)), np.zeros(100, dtype=int), time, time + 60)
    >>> len(list(forward_folds(samples, n_splits=4).split(samples.X)))
    4
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
    """Return the divisor of losses: the label's variance for numbers, 1 for classes."""
    variance = float(np.var(y)) if not task.is_classifier else 1.0
    return variance if variance > 0 else 1.0


def constant_prediction(task: Task, y_train: Array, n: int) -> Prediction:
    """Predict the mean of the training rows, or the shares of their classes, n times."""
    if not task.is_classifier:
        return Prediction(np.full(n, y_train.mean()), np.empty((n, 0)), np.empty(0))
    classes, counts = np.unique(y_train, return_counts=True)
    shares = np.tile(counts / counts.sum(), (n, 1))
    return Prediction(np.full(n, classes[np.argmax(counts)]), shares, classes)
