"""The test for skill: whether predictions and outcomes are associated at all.

Both series are autocorrelated, so chance alone makes long stretches agree. A circular shift of one series against the
other keeps the autocorrelation of both and removes only their association; the statistic of the true alignment is
compared with those of all shifts.
"""

from dataclasses import dataclass

import numpy as np

from livermore.ml.tasks import Prediction, SkillStatistic, circular_correlations, statistic_for
from livermore.typing import Array, Floats

__all__ = ["SkillTest", "circular_correlations", "skill_statistic", "skill_test"]


@dataclass(frozen=True)
class SkillTest:
    """Outcome of a test for skill.

    Parameters
    ----------
    statistic : float
        Area under the ROC curve (its mean over classes), or Spearman's rank correlation.
    kind : SkillStatistic
        Which of them, and its value without skill.
    p_value : float
        Share of the alignments, the true one included, whose statistic is at least as large. One-sided.

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> test = SkillTest(0.62, ROC_AUC, p_value=0.002)
    >>> test.statistic > test.no_skill == 0.5
    True
    """

    statistic: float
    kind: SkillStatistic
    p_value: float

    @property
    def no_skill(self) -> float:
        """The statistic of predictions without skill: 0.5 or 0."""
        return self.kind.no_skill


def skill_test(y: Array, prediction: Prediction, kind: SkillStatistic | None = None) -> SkillTest:
    """Test whether predictions are associated with outcomes.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The outcomes, in order of time.
    prediction : Prediction
        The model's out-of-sample predictions of the same rows. With probabilities the statistic is the area under the
        ROC curve, averaged over the classes that occur; without, the rank correlation.
    kind : SkillStatistic, optional
        The statistic of the task; by default the one that suits the prediction.

    Returns
    -------
    SkillTest
        With p-value 1 where the statistic is undefined: fewer than two classes, or constant predictions.

    Notes
    -----
    Exact for stationary series that are joined end to start; the smallest possible p-value is 1 / n.

    Examples
    --------
    >>> y = np.tile([0, 0, 1], 40) ^ (np.arange(120) % 7 == 0)
    >>> p = 0.5 + 0.1 * y
    >>> certain = Prediction(y, np.column_stack([1 - p, p]), np.array([0, 1]))
    >>> skill_test(y, certain).p_value < 0.02
    True
    """
    kind = kind or statistic_for(prediction)
    statistics = kind.by_shift(y, prediction)
    if not np.isfinite(statistics).all():
        return SkillTest(float("nan"), kind, 1.0)
    # Rounding in the Fourier transform must not break ties with the true alignment.
    as_good = int(np.count_nonzero(statistics >= statistics[0] - 1e-9))
    return SkillTest(float(statistics[0]), kind, as_good / statistics.size)


def skill_statistic(y: Array, prediction: Prediction, weights: Floats) -> Floats:
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

    Examples
    --------
    >>> perfect = Prediction(np.array([1.0, 2.0, 3.0]), np.empty((3, 0)), np.empty(0))
    >>> skill_statistic(np.array([10.0, 20.0, 30.0]), perfect, np.ones((1, 3)))
    array([1.])
    """
    return statistic_for(prediction).weighted(y, prediction, weights)
