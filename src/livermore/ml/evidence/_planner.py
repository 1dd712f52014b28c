"""How many samples it takes to show an edge, before a training and after one that could not tell."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import ndtri

from livermore.errors import DatasetError
from livermore.ml.evidence._judging import LEVEL
from livermore.typing import Floats

__all__ = ["SamplePlan", "plan_more_samples", "plan_samples"]

# Degrees of freedom of the forward test where samples are not few.
DEGREES = 12
# Share of the samples that the forward test judges, and share of them that a model is trained on, on average over the
# judged blocks.
JUDGED, TRAINED = 0.5, 0.75
# The test's t, as a share of what it would be with known variances, one guard, no clipping of scores and a model that
# is no worse than theory: simulated for 1 to 40 features. The second number is for each unit of their logarithm.
EFFICIENCY = (0.87, -0.035)
# Edges that are planned for: areas under the ROC curve from what is worth having to what is ever seen.
SMALLEST_AUC, LARGEST_AUC = 0.52, 0.70
# More data than this many times the present ones are not planned for.
MOST_TIMES = 100.0
STRENGTHS = 400


@dataclass(frozen=True)
class SamplePlan:
    """How many samples a test needs.

    Parameters
    ----------
    independent : float
        Independent samples: all that are needed (`plan_samples`), or further ones (`plan_more_samples`). Infinite if
        they are more than can be planned for.
    times : float
        How many times as many samples as there are; NaN where there are none yet.
    power : float
        Probability that the test then shows the edge.

    Examples
    --------
    >>> from livermore.ml.evidence import plan_samples
    >>> plan = plan_samples(0.60, 3)
    >>> plan.power, plan.independent > 500
    (0.8, True)
    """

    independent: float
    times: float
    power: float


def plan_samples(auc: float, n_features: int, *, power: float = 0.8, base_rate: float = 0.5) -> SamplePlan:
    """Return how many independent samples show an edge of a given size.

    Parameters
    ----------
    auc : float
        Area under the ROC curve of the best linear model that unlimited samples would give, in (0.5, 1).
    n_features : int
        Number of features of the model, at least 1: with many, it takes more samples to find out which of them matter.
    power : float
        Wanted probability that the forward test has a p-value of 5 % or less, in (0.05, 1).
    base_rate : float
        Share of the positive class, in (0, 1).

    Returns
    -------
    SamplePlan
        `independent` counts samples whose labels do not overlap, of features with an autocorrelation of about 0.8;
        features without memory need a third less. Of labels that span several bars fewer than one each
        is independent: between the number of samples and that divided by the bars.

    Raises
    ------
    DatasetError
        If a value is out of its range.

    Notes
    -----
    A linear model that is fitted on n samples with p features has the squared correlation ``r^4 n / (r^2 n + p)`` with
    outcomes, where r^2 is that of the best model; the test's expected t is the root of the number of judged samples
    times that. For two normal scores of equal variance ``d = sqrt(2) ndtri(AUC)`` standard deviations apart,
    ``r^2 = d^2 q / (1 + d^2 q)`` with ``q = base_rate (1 - base_rate)``.

    Examples
    --------
    >>> round(plan_samples(0.60, n_features=5).independent), round(plan_samples(0.55, n_features=5).independent)
    (842, 3343)
    """
    _check(auc, n_features, power)
    if not 0.0 < base_rate < 1.0:
        raise DatasetError(f"base_rate must be a share between 0 and 1; it is {base_rate!r}.")
    strength = _squared_correlation(auc, base_rate) / n_features
    grid = np.geomspace(10.0, 1e8, 4000)
    enough = _power(_expected_t(grid * strength, n_features)) >= power
    return SamplePlan(float(grid[enough][0]) if enough.any() else math.inf, math.nan, power)


def plan_more_samples(
    t: float, degrees: int, n: int, n_effective: float, n_features: int, *, power: float = 0.8
) -> SamplePlan:
    """Return how many more independent samples would show the edge, if there is one, that a test could not show.

    Parameters
    ----------
    t : float
        The smaller t of the forward test (`ForwardTest.t`).
    degrees : int
        Its degrees of freedom; 0 if there was no test.
    n : int
        Number of all samples.
    n_effective : float
        Independent ones among them.
    n_features : int
        Number of features of the model.
    power : float
        Wanted probability, in (0.05, 1).

    Returns
    -------
    SamplePlan
        Infinite if a hundred times as many samples would not do.

    Raises
    ------
    DatasetError
        If a value is out of its range.

    Notes
    -----
    An edge that looks as large as it does by luck is smaller, and one that was missed by bad luck is larger. So all
    edges with an AUC of 0.52 to 0.70 are weighed by how well they agree with t, each equally likely beforehand, and the
    power is the mean over them (assurance; O'Hagan, Stevens and Campbell, Pharmaceutical Statistics 2005). How t grows
    with the samples follows from `plan_samples`.

    Examples
    --------
    >>> plan = plan_more_samples(1.2, degrees=12, n=2000, n_effective=200.0, n_features=18)
    >>> 1 < plan.times < 20, round(plan.independent / 200.0 - (plan.times - 1), 6)
    (True, 0.0)
    """
    _check(0.6, n_features, power)
    if not math.isfinite(t) or degrees < 1 or n < 1 or not 0 < n_effective < math.inf:
        return SamplePlan(math.inf, math.inf, power)
    # Predictions of labels that overlap carry more than as many as are independent, and less than if all were.
    largest = math.sqrt(n * n_effective) * _squared_correlation(LARGEST_AUC, 0.5) / n_features
    # Equally likely areas are equally likely roots of the strength.
    strengths = largest * np.linspace((SMALLEST_AUC - 0.5) / (LARGEST_AUC - 0.5), 1.0, STRENGTHS) ** 2
    weight = stats.norm.pdf(t - _expected_t(strengths, n_features))
    weight /= weight.sum()
    times = np.geomspace(1.0, MOST_TIMES, 200)
    powers = np.array([float(weight @ _power(_expected_t(strengths * k, n_features))) for k in times])
    if not (powers >= power).any():
        return SamplePlan(math.inf, math.inf, power)
    needed = float(times[powers >= power][0])
    return SamplePlan((needed - 1.0) * n_effective, needed, power)


def _squared_correlation(auc: float, base_rate: float) -> float:
    """Return the squared correlation of outcomes and the best score."""
    spread = 2.0 * float(ndtri(auc)) ** 2 * base_rate * (1.0 - base_rate)
    return spread / (1.0 + spread)


def _expected_t(strength: Floats, n_features: int) -> Floats:
    """Return the expected t of the forward test for squared correlations, times samples, divided by features."""
    squared = JUDGED * TRAINED * n_features * strength**2 / (TRAINED * strength + 1.0)
    efficiency = max(EFFICIENCY[0] + EFFICIENCY[1] * math.log(n_features), 0.5)
    return np.asarray(efficiency * np.sqrt(squared))


def _power(expected: Floats) -> Floats:
    """Return the probability that the test is significant."""
    return np.asarray(stats.norm.cdf(expected - stats.t.ppf(1 - LEVEL, DEGREES)))


def _check(auc: float, n_features: int, power: float) -> None:
    """Refuse what cannot be planned for."""
    if not 0.5 < auc < 1.0:
        raise DatasetError(f"auc must lie between 0.5 and 1; it is {auc!r}.")
    if isinstance(n_features, bool) or n_features < 1:
        raise DatasetError(f"n_features must be 1 or more; it is {n_features!r}.")
    if not LEVEL < power < 1.0:
        raise DatasetError(f"power must lie between {LEVEL} and 1; it is {power!r}.")
