"""Is there any skill: the circular-shift test of predictions against outcomes.

Both series remember their past, so that chance alone makes long stretches agree. Turning one against the other in time
keeps the memory of both and destroys only what they have to do with each other; the figure on the true alignment is
compared with those on all others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from livermore.errors import DatasetError
from livermore.ml.evidence._batch_metrics import spearman, weighted_auc
from livermore.ml.tasks import Prediction

__all__ = ["SkillTest", "circular_correlations", "skill_statistic", "skill_test"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SkillTest:
    """Outcome of a test for skill.

    Parameters
    ----------
    statistic : float
        Area under the ROC curve (its mean over classes), or Spearman's rank correlation.
    no_skill : float
        What the statistic is without skill: 0.5 or 0.
    p_value : float
        Share of alignments, the true one among them, that do at least as well. One-sided.
    """

    statistic: float
    no_skill: float
    p_value: float


def skill_test(y: npt.NDArray[Any], prediction: Prediction) -> SkillTest:
    """Test whether predictions know anything of what came true.

    Parameters
    ----------
    y : ndarray of shape (n,)
        What came true, in order of time.
    prediction : Prediction
        The model's out-of-sample view of the same rows. With probabilities the statistic is the area under the ROC
        curve, averaged over the classes that occur; without, the rank correlation.

    Returns
    -------
    SkillTest
        With p-value 1 where nothing can be told: fewer than two classes, or constant predictions.

    Notes
    -----
    Exact for series that are stationary and joined end to start; the smallest possible p-value is 1 / n.

    Examples
    --------
    >>> y = np.tile([0, 0, 1], 40) ^ (np.arange(120) % 7 == 0)
    >>> p = 0.5 + 0.1 * y
    >>> sure = Prediction(y, np.column_stack([1 - p, p]), np.array([0, 1]))
    >>> skill_test(y, sure).p_value < 0.02
    True
    """
    statistics = (
        _auc_by_shift(y, prediction) if prediction.probabilities.shape[1] else _spearman_by_shift(y, prediction)
    )
    no_skill = 0.5 if prediction.probabilities.shape[1] else 0.0
    if not np.isfinite(statistics).all():
        return SkillTest(float("nan"), no_skill, 1.0)
    # Rounding of the transform must not break ties with the true alignment.
    as_good = int(np.count_nonzero(statistics >= statistics[0] - 1e-9))
    return SkillTest(float(statistics[0]), no_skill, as_good / statistics.size)


def skill_statistic(y: npt.NDArray[Any], prediction: Prediction, weights: Floats) -> Floats:
    """Return the statistic of `skill_test` for each weighting of the samples, for the bootstrap.

    Parameters
    ----------
    y, prediction
        As for `skill_test`.
    weights : ndarray of shape (b, n)
        One weighting per row.

    Returns
    -------
    ndarray of shape (b,)
    """
    if not prediction.probabilities.shape[1]:
        return spearman(y, prediction, weights)
    areas = [
        weighted_auc(y == c, prediction.probabilities[:, k], weights)
        for k, c in enumerate(prediction.classes)
        if 0 < np.count_nonzero(y == c) < y.size
    ]
    return np.asarray(np.mean(areas, axis=0)) if areas else np.full(len(weights), np.nan)


def circular_correlations(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Return the sum of products of `a` and `b` turned by 0, 1, 2, … rows, in O(n log n).

    Examples
    --------
    >>> circular_correlations([1, 2, 3], [1, 0, 0])
    array([1., 2., 3.])
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise DatasetError(f"The series have {first.size} and {second.size} rows; they must agree.")
    return np.asarray(np.fft.irfft(np.fft.rfft(first) * np.conj(np.fft.rfft(second)), n=first.size))


def _auc_by_shift(y: npt.NDArray[Any], prediction: Prediction) -> Floats:
    """Return the area under the ROC curve for every alignment, averaged over the classes that occur."""
    areas = []
    for k, c in enumerate(prediction.classes):
        hit = y == c
        if 0 < hit.sum() < y.size:
            ranks = circular_correlations(rankdata(prediction.probabilities[:, k]), hit)
            areas.append((ranks - hit.sum() * (hit.sum() + 1) / 2) / (hit.sum() * (y.size - hit.sum())))
    # With two classes both areas are the same.
    return np.mean(areas, axis=0) if areas else np.full(y.size, np.nan)


def _spearman_by_shift(y: npt.NDArray[Any], prediction: Prediction) -> Floats:
    """Return Spearman's rank correlation for every alignment."""
    a, b = rankdata(y), rankdata(prediction.values)
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return circular_correlations(b, a) / scale if scale > 0 else np.full(y.size, np.nan)
