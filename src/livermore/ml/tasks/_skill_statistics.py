"""The statistics that measure skill: the association of predictions and outcomes, and its value without skill."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from livermore.errors import DatasetError
from livermore.ml.tasks._batch_metrics import BatchMetric, spearman, weighted_auc
from livermore.ml.tasks._prediction import Prediction
from livermore.typing import Array, Floats

__all__ = ["RANK_CORRELATION", "ROC_AUC", "SkillStatistic", "circular_correlations", "statistic_for"]


@dataclass(frozen=True)
class SkillStatistic:
    """A measure of association between predictions and outcomes.

    Attributes
    ----------
    name : str
        Its name in sentences.
    no_skill : float
        Its value for predictions without skill.
    worthwhile : float
        The smallest value that leaves anything after trading costs; below it an edge counts as absent.
    weighted : callable
        From (y, prediction, weights of shape (b, n)) to its value for each weighting, shape (b,).
    by_shift : callable
        From (y, prediction) to its value for each circular shift of one series against the other, shape (n,), the
        unshifted one first.

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> ROC_AUC.name, ROC_AUC.no_skill, ROC_AUC.bounds
    ('area under the ROC curve', 0.5, (0.0, 1.0))
    """

    name: str
    no_skill: float
    worthwhile: float
    weighted: BatchMetric
    by_shift: Callable[[Array, Prediction], Floats]

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible value: 1 with perfect skill, and as far from no skill on the other side."""
        return 2 * self.no_skill - 1, 1.0


def circular_correlations(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Return the sum of products of `a` and `b` shifted circularly by 0, 1, 2, … rows, in O(n log n).

    Parameters
    ----------
    a, b : array-like of shape (n,)
        Two series of the same length.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    DatasetError
        If the lengths differ.

    Examples
    --------
    >>> circular_correlations([1, 2, 3], [1, 0, 0])
    array([1., 2., 3.])
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise DatasetError(f"The series have {first.size} and {second.size} rows; they must have the same number.")
    return np.asarray(np.fft.irfft(np.fft.rfft(first) * np.conj(np.fft.rfft(second)), n=first.size))


def _mean_auc(y: Array, prediction: Prediction, weights: Floats) -> Floats:
    """Return the area under the ROC curve for each weighting, averaged over the classes that occur."""
    areas = [
        weighted_auc(y == c, prediction.probabilities[:, k], weights)
        for k, c in enumerate(prediction.classes)
        if 0 < np.count_nonzero(y == c) < y.size
    ]
    return np.asarray(np.mean(areas, axis=0)) if areas else np.full(len(weights), np.nan)


def _auc_by_shift(y: Array, prediction: Prediction) -> Floats:
    """Return the area under the ROC curve for each circular shift, averaged over the classes that occur."""
    areas = []
    for k, c in enumerate(prediction.classes):
        hit = y == c
        if 0 < hit.sum() < y.size:
            # The area is the rank sum of the positives (Mann and Whitney), and a sum of products can be shifted by FFT.
            ranks = circular_correlations(rankdata(prediction.probabilities[:, k]), hit)
            areas.append((ranks - hit.sum() * (hit.sum() + 1) / 2) / (hit.sum() * (y.size - hit.sum())))
    # With two classes both areas are the same.
    return np.mean(areas, axis=0) if areas else np.full(y.size, np.nan)


def _spearman_by_shift(y: Array, prediction: Prediction) -> Floats:
    """Return Spearman's rank correlation for each circular shift."""
    a, b = rankdata(y), rankdata(prediction.values)
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return circular_correlations(b, a) / scale if scale > 0 else np.full(y.size, np.nan)


ROC_AUC = SkillStatistic("area under the ROC curve", 0.5, 0.52, _mean_auc, _auc_by_shift)
RANK_CORRELATION = SkillStatistic("rank correlation", 0.0, 0.02, spearman, _spearman_by_shift)


def statistic_for(prediction: Prediction) -> SkillStatistic:
    """Return the statistic that suits a prediction: ROC AUC for probabilities, rank correlation for numbers.

    Examples
    --------
    >>> statistic_for(Prediction(np.array([0.1]), np.empty((1, 0)), np.empty(0))).name
    'rank correlation'
    """
    return ROC_AUC if prediction.has_probabilities else RANK_CORRELATION
