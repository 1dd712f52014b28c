"""Metrics for many weightings of the same samples at once, as the bootstrap needs them.

Each takes the outcomes, the prediction, and weights of shape (b, n), and returns b values; with unit weights they equal
those of `livermore.ml.metrics`. Where a weighting leaves a metric undefined its value is NaN.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import rankdata

from livermore.ml.metrics import weighted_ranks
from livermore.ml.tasks._prediction import Prediction
from livermore.typing import Array, Floats

__all__ = [
    "BIASED_METRICS",
    "BINARY_METRICS",
    "METRIC_BOUNDS",
    "MULTICLASS_METRICS",
    "REGRESSION_METRICS",
    "BatchMetric",
    "contributions",
    "spearman",
    "weighted_auc",
]

BatchMetric = Callable[[Array, Prediction, Floats], Floats]

# Bins of the expected calibration error: ten of equal width over [0, 1].
N_BINS = 10


def weighted_auc(positive: Array, score: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve for each weighting; ties count half.

    Parameters
    ----------
    positive : ndarray of shape (n,)
        1 or True for samples of the class.
    score : ndarray of shape (n,)
        Higher for samples that are more likely to be of the class.
    weights : ndarray of shape (b, n)
        One weighting per row.

    Returns
    -------
    ndarray of shape (b,)

    Examples
    --------
    >>> weighted_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]), np.array([[1.0, 1, 1, 1], [1, 0, 1, 1]]))
    array([0.75, 1.  ])
    """
    order = np.argsort(score, kind="stable")
    ranked, truth = score[order], positive[order].astype(np.float64)
    first_of_tie = np.flatnonzero(np.r_[True, ranked[1:] > ranked[:-1]])
    weights = weights[:, order]
    up = np.add.reduceat(weights * truth, first_of_tie, axis=1)
    down = np.add.reduceat(weights * (1.0 - truth), first_of_tie, axis=1)
    below = np.cumsum(down, axis=1) - down
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((up * (below + 0.5 * down)).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1)))


def accuracy(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the share of correctly predicted classes."""
    return _mean((y == prediction.values).astype(np.float64), weights)


def mcc(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return Matthews' correlation coefficient, 0 where it has no denominator."""
    classes = np.union1d(y, prediction.values)
    true = np.stack([weights @ (y == c) for c in classes], axis=1)
    predicted = np.stack([weights @ (prediction.values == c) for c in classes], axis=1)
    right, total = weights @ (y == prediction.values).astype(np.float64), weights.sum(axis=1)
    spread = (total**2 - (predicted**2).sum(axis=1)) * (total**2 - (true**2).sum(axis=1))
    covariance = right * total - (predicted * true).sum(axis=1)
    return np.asarray(np.divide(covariance, np.sqrt(spread), out=np.zeros_like(covariance), where=spread > 0))


def roc_auc(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the area under the ROC curve of class 1."""
    return weighted_auc(y == 1, prediction.positive, weights)


def roc_auc_macro(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the mean area of each class against the rest; NaN where a class is missing."""
    if not np.array_equal(np.unique(y), np.sort(prediction.classes)):
        return np.full(len(weights), np.nan)
    columns = enumerate(prediction.classes)
    areas = [weighted_auc(y == c, prediction.probabilities[:, k], weights) for k, c in columns]
    return np.asarray(np.mean(areas, axis=0))


def brier(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the Brier score of class 1."""
    return _mean((prediction.positive - (y == 1)) ** 2, weights)


def log_loss(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the mean negative logarithm of the probability of the class that occurred."""
    return _mean(log_losses(y, prediction), weights)


def expected_calibration_error(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the mean distance of probability and frequency over ten equal bins, weighted by their counts."""
    p = prediction.positive
    bins = np.minimum((p * N_BINS).astype(int), N_BINS - 1)
    gaps = [np.abs(weights[:, bins == b] @ ((y == 1) - p)[bins == b]) for b in np.unique(bins)]
    return np.asarray(np.sum(gaps, axis=0) / weights.sum(axis=1))


def mae(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the mean absolute error."""
    return _mean(np.abs(y - prediction.values), weights)


def rmse(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the root of the mean squared error."""
    return np.sqrt(_mean((y - prediction.values) ** 2, weights))


def r2(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the coefficient of determination."""
    total = weights.sum(axis=1)
    mean = weights @ y / total
    spread = weights @ (y - y.mean()) ** 2 - total * (mean - y.mean()) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1.0 - (weights @ (y - prediction.values) ** 2) / spread)


def spearman(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return Spearman's rank correlation, with the ranks of each weighting."""
    a, b = weighted_ranks(y, weights), weighted_ranks(prediction.values, weights)
    total = weights.sum(axis=1, keepdims=True)
    a -= (weights * a).sum(axis=1, keepdims=True) / total
    b -= (weights * b).sum(axis=1, keepdims=True) / total
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((weights * a * a).sum(axis=1) * (weights * b * b).sum(axis=1))
        return np.asarray((weights * a * b).sum(axis=1) / spread)


def log_losses(y: Array, prediction: Prediction) -> Floats:
    """Return the log loss of each sample; a probability of 0 counts as the smallest float64 step."""
    given = np.zeros(y.size)
    for k, c in enumerate(prediction.classes):
        given[y == c] = prediction.probabilities[y == c, k]
    return np.asarray(-np.log(np.clip(given, np.finfo(np.float64).eps, 1.0)))


def contributions(y: Array, prediction: Prediction) -> Floats:
    """Return what each sample adds to the rank covariance of outcome and prediction, summed over the classes.

    The autocorrelation of this series sets the block length of the bootstrap.

    Examples
    --------
    >>> contributions(np.array([1.0, 2.0]), Prediction(np.array([3.0, 4.0]), np.empty((2, 0)), np.empty(0))).tolist()
    [0.0, 0.25]
    """
    if not prediction.probabilities.shape[1]:
        return np.asarray(_centred_ranks(y) * _centred_ranks(prediction.values))
    parts = [
        ((y == c) - np.mean(y == c)) * _centred_ranks(prediction.probabilities[:, k])
        for k, c in enumerate(prediction.classes)
    ]
    return np.asarray(np.sum(parts, axis=0))


def _mean(values: Floats, weights: Floats) -> Floats:
    """Return the weighted means."""
    return np.asarray(weights @ values / weights.sum(axis=1))


def _centred_ranks(values: Array) -> Floats:
    """Return ranks between -1/2 and 1/2."""
    return np.asarray(rankdata(values) / len(values) - 0.5)


# The range of each metric; intervals are cut off there.
METRIC_BOUNDS: Mapping[str, tuple[float, float]] = {
    "accuracy": (0.0, 1.0),
    "roc_auc": (0.0, 1.0),
    "roc_auc_macro": (0.0, 1.0),
    "mcc": (-1.0, 1.0),
    "brier": (0.0, 1.0),
    "log_loss": (0.0, np.inf),
    "ece": (0.0, 1.0),
    "mae": (0.0, np.inf),
    "rmse": (0.0, np.inf),
    "r2": (-np.inf, 1.0),
    "spearman": (-1.0, 1.0),
}

# Metrics whose value in a sample is too large by chance, so that no interval around it would be right.
BIASED_METRICS = frozenset({"ece"})

# The metrics that can be computed for many weightings, by kind of task.
BINARY_METRICS: Mapping[str, BatchMetric] = {
    "accuracy": accuracy,
    "roc_auc": roc_auc,
    "mcc": mcc,
    "brier": brier,
    "log_loss": log_loss,
    "ece": expected_calibration_error,
}
MULTICLASS_METRICS: Mapping[str, BatchMetric] = {
    "accuracy": accuracy,
    "roc_auc_macro": roc_auc_macro,
    "mcc": mcc,
    "log_loss": log_loss,
}
REGRESSION_METRICS: Mapping[str, BatchMetric] = {"mae": mae, "rmse": rmse, "r2": r2, "spearman": spearman}
