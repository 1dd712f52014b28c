"""Metrics as functions of arrays. A metric that is undefined for the given arrays is NaN, without a warning.

Metrics that scikit-learn has are computed by it. Weights are one number per sample, shape (n,); None weighs all samples
alike.
"""

import itertools
import math
import warnings
from typing import Any

import numpy as np
from scipy import stats
from sklearn import metrics as sklearn_metrics

from livermore.typing import Array, Floats

__all__ = [
    "THRESHOLDS",
    "calibration_table",
    "class_scores",
    "confusion_counts",
    "mcc",
    "mean",
    "per_sample_absolute_error",
    "per_sample_hits",
    "r2",
    "rmse",
    "roc_auc",
    "roc_auc_macro",
    "spearman",
    "threshold_table",
    "weighted_ranks",
]

# Jesse's buckets. The last holds a probability of exactly 1 as well.
CALIBRATION_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
# Confidence thresholds on the probability of class 1, as Jesse's report lists them.
THRESHOLDS = (0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)


def per_sample_hits(y_true: Array, y_pred: Array) -> Floats:
    """Return 1 for each correct class and 0 for each wrong one, shape (n,); the mean is the accuracy.

    Examples
    --------
    >>> per_sample_hits(np.array([0, 1, 1]), np.array([0, 0, 1])).tolist()
    [1.0, 0.0, 1.0]
    """
    return np.asarray(y_true == y_pred, dtype=np.float64)


def per_sample_absolute_error(y_true: Array, y_pred: Array) -> Floats:
    """Return the absolute error of each sample, shape (n,), in the label's unit; the mean is the MAE.

    Examples
    --------
    >>> per_sample_absolute_error(np.array([1.0, 2.0]), np.array([1.5, 1.0])).tolist()
    [0.5, 1.0]
    """
    return np.asarray(np.abs(y_pred - y_true), dtype=np.float64)


def mean(per_sample: Floats, weight: Floats | None = None) -> float:
    """Return the weighted mean of the values of single samples.

    Examples
    --------
    >>> mean(np.array([0.0, 1.0])), mean(np.array([0.0, 1.0]), np.array([1.0, 3.0]))
    (0.5, 0.75)
    """
    return float(per_sample.mean()) if weight is None else float(np.average(per_sample, weights=weight))


def roc_auc(y_true: Array, scores: Floats, weight: Floats | None = None) -> float:
    """Return the area under the ROC curve of class 1 (labels 0 and 1, shape (n,)); NaN if only one class is there.

    Examples
    --------
    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    >>> roc_auc(np.array([1, 1]), np.array([0.1, 0.4]))
    nan
    """
    if len(np.unique(y_true)) < 2:
        return math.nan
    return float(sklearn_metrics.roc_auc_score(y_true, scores, sample_weight=weight))


def roc_auc_macro(y_true: Array, probabilities: Floats, classes: Array, weight: Floats | None = None) -> float:
    """Return the mean over the classes of the area under the ROC curve of each class against the rest.

    Parameters
    ----------
    y_true : ndarray of shape (n,)
        The true classes.
    probabilities : ndarray of shape (n, k)
        Probability of each class.
    classes : ndarray of shape (k,)
        The classes that the columns of `probabilities` stand for.
    weight : ndarray of shape (n,), optional
        Weights of the samples.

    Returns
    -------
    float
        NaN if one of the classes does not occur in `y_true`, or a class occurs that has no probability: a mean over
        fewer classes would not be comparable.

    Examples
    --------
    >>> p = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.3, 0.6]])
    >>> roc_auc_macro(np.array([-1, 0, 1]), p, np.array([-1, 0, 1]))
    1.0
    >>> roc_auc_macro(np.array([-1, 0, 0]), p, np.array([-1, 0, 1]))
    nan
    """
    if not np.array_equal(np.unique(y_true), np.sort(classes)):
        return math.nan
    areas = [roc_auc((y_true == label).astype(int), probabilities[:, k], weight) for k, label in enumerate(classes)]
    return float(np.average(areas))


def mcc(y_true: Array, y_pred: Array, weight: Floats | None = None) -> float:
    """Return Matthews' correlation coefficient, 0 where only one class occurs in the labels or in the predictions.

    Examples
    --------
    >>> mcc(np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]))
    0.577
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(sklearn_metrics.matthews_corrcoef(y_true, y_pred, sample_weight=weight))


def confusion_counts(y_true: Array, y_pred: Array, classes: Array) -> list[list[int]]:
    """Return the number of samples of each class (row) that were predicted as each class (column).

    Examples
    --------
    >>> confusion_counts(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1, 2]))
    [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    """
    counts: list[list[int]] = sklearn_metrics.confusion_matrix(y_true, y_pred, labels=classes).tolist()
    return counts


def class_scores(y_true: Array, y_pred: Array, classes: Array, weight: Floats | None = None) -> dict[str, list[Any]]:
    """Return precision, recall, F1 and support as lists over `classes`; 0 where a ratio has no denominator.

    Weights apply to the scores; the support is always a number of samples.

    Examples
    --------
    >>> class_scores(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1]))["recall"]
    [1.0, 0.5]
    """
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        y_true, y_pred, labels=classes, zero_division=0, sample_weight=weight
    )
    return {
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": [int(np.count_nonzero(y_true == label)) for label in classes],
    }


def rmse(y_true: Array, y_pred: Array, weight: Floats | None = None) -> float:
    """Return the root of the mean squared error, in the label's unit.

    Examples
    --------
    >>> rmse(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.414
    """
    return float(np.sqrt(sklearn_metrics.mean_squared_error(y_true, y_pred, sample_weight=weight)))


def r2(y_true: Array, y_pred: Array, weight: Floats | None = None) -> float:
    """Return the coefficient of determination; NaN for fewer than two samples.

    Examples
    --------
    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    return float(sklearn_metrics.r2_score(y_true, y_pred, sample_weight=weight)) if len(y_true) > 1 else math.nan


def spearman(y_true: Array, y_pred: Array, weight: Floats | None = None) -> float:
    """Return Spearman's rank correlation; NaN if labels or predictions are constant.

    Examples
    --------
    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 15.0]))
    0.5
    >>> spearman(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    nan
    """
    if len(y_true) < 2 or np.ptp(y_true) == 0 or np.ptp(y_pred) == 0:
        return math.nan
    if weight is None:
        return float(stats.spearmanr(y_true, y_pred).statistic)
    a, b = (weighted_ranks(values, weight[None, :])[0] for values in (y_true, y_pred))
    a, b = a - np.average(a, weights=weight), b - np.average(b, weights=weight)
    spread = math.sqrt(float(weight @ a**2) * float(weight @ b**2))
    return float(weight @ (a * b)) / spread if spread > 0 else math.nan


def weighted_ranks(values: Array, weights: Floats) -> Floats:
    """Return the mid-rank of each row for each weighting, as if rows were repeated by their weight.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The values; ties share their mean rank.
    weights : ndarray of shape (b, n)
        One weighting per row.

    Returns
    -------
    ndarray of shape (b, n)

    Examples
    --------
    >>> weighted_ranks(np.array([30, 10, 20]), np.array([[1.0, 1, 1], [1, 2, 1]])).tolist()
    [[3.0, 1.0, 2.0], [4.0, 1.5, 3.0]]
    """
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    begins = np.r_[True, ranked[1:] > ranked[:-1]]
    first, tie = np.flatnonzero(begins), np.cumsum(begins) - 1
    in_tie = np.add.reduceat(weights[:, order], first, axis=1)
    middle = np.cumsum(in_tie, axis=1) - in_tie / 2 + 0.5
    ranks = np.empty_like(weights)
    ranks[:, order] = middle[:, tie]
    return ranks


def calibration_table(y_true: Array, probabilities: Floats) -> list[dict[str, Any]]:
    """Compare predicted probabilities of class 1 with observed frequencies, in Jesse's buckets from 0.3 to 1.

    Returns
    -------
    list of dict
        One for each bucket that holds a sample: `range`, `n`, `actual_rate`, `expected` (middle of the bucket) and
        `diff`, the actual rate less the expected.

    Examples
    --------
    >>> calibration_table(np.array([0, 1]), np.array([0.55, 0.58]))
    [{'range': '[0.5–0.6)', 'n': 2, 'actual_rate': 0.5, 'expected': 0.55, 'diff': -0.05}]
    """
    table = []
    for low, high in itertools.pairwise(CALIBRATION_EDGES):
        inside = (probabilities >= low) & ((probabilities < high) | (high == CALIBRATION_EDGES[-1]))
        if not inside.any():
            continue
        actual, expected = float(y_true[inside].mean()), (low + high) / 2
        table.append(
            {
                "range": f"[{low:.1f}–{high:.1f})",
                "n": int(inside.sum()),
                "actual_rate": actual,
                "expected": expected,
                "diff": actual - expected,
            }
        )
    return table


def threshold_table(y_true: Array, probabilities: Floats) -> list[dict[str, Any]]:
    """Return the number of samples that pass each threshold, and the share of class 1 among them.

    Returns
    -------
    list of dict
        `threshold`, `allowed` (count), `precision` (NaN if none pass), `coverage` (share that passes).

    Examples
    --------
    >>> threshold_table(np.array([0, 1, 1]), np.array([0.5, 0.7, 0.9]))[4]
    {'threshold': 0.65, 'allowed': 2, 'precision': 1.0, 'coverage': 0.667}
    """
    table = []
    for threshold in THRESHOLDS:
        passed = probabilities >= threshold
        table.append(
            {
                "threshold": threshold,
                "allowed": int(passed.sum()),
                "precision": float(y_true[passed].mean()) if passed.any() else math.nan,
                "coverage": float(passed.mean()),
            }
        )
    return table
