"""Confidence intervals of metrics, and of shares, for samples that depend on one another."""

import numpy as np
from scipy import stats

from livermore.typing import Floats

__all__ = ["resampled_interval", "small_sample_stretch", "wilson_ends", "wilson_interval"]


def resampled_interval(value: float, replicates: Floats, block_length: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a metric from its bootstrap replicates.

    Parameters
    ----------
    value : float
        The metric on the samples themselves.
    replicates : ndarray of shape (b,)
        The metric on each resample; undefined values are left out.
    block_length : float
        Mean length of the blocks.
    n : int
        Number of samples.

    Returns
    -------
    (low, high)
        The quantiles of the replicates about their mean, widened for short series, added to the metric; (NaN, NaN) for
        a metric that is undefined, or has fewer than ten replicates.

    Examples
    --------
    >>> resampled_interval(0.6, np.random.default_rng(0).normal(0.6, 0.02, 1000), block_length=1.0, n=500)
    (0.56, 0.64)
    """
    if replicates.size < 10 or not np.isfinite(value):
        return float("nan"), float("nan")
    low, high = np.quantile(replicates, [0.025, 0.975]) - replicates.mean()
    stretch = small_sample_stretch(block_length, n)
    return float(value + stretch * low), float(value + stretch * high)


def small_sample_stretch(block_length: float, n: int) -> float:
    """Return the factor that widens a normal interval whose variance was estimated from few blocks.

    Notes
    -----
    Fixed-b critical values of the Bartlett kernel (Kiefer and Vogelsang, Econometric Theory 2005), at 97.5 %:
    ``1.96 + 2.9694 b + 0.4160 b^2 - 0.5324 b^3``, divided by 1.96. The stationary bootstrap with mean block L weighs
    autocovariances as a Bartlett kernel of bandwidth 2 L does, so ``b = 2 L / n``; that such a bootstrap wants the same
    correction is shown in Gonçalves and Vogelsang, Econometric Theory 2011.

    Examples
    --------
    >>> small_sample_stretch(1, 1000), small_sample_stretch(20, 100)
    (1.003, 1.622)
    """
    b = min(1.0, 2 * block_length / n)
    return float((1.96 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3) / 1.96)


def wilson_interval(rate: float, n_effective: float, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share; unlike the normal one it keeps its level for few samples and near 0 and 1.

    Parameters
    ----------
    rate : float
        The share observed, in [0, 1].
    n_effective : float
        Number of independent samples; need not be whole, which is why scipy's interval is not used.
    level : float
        Coverage of the interval.

    Returns
    -------
    (low, high)
        (0, 1) without samples.

    Notes
    -----
    Wilson, JASA 1927. For overlapping labels pass the effective sample size.

    Examples
    --------
    >>> wilson_interval(0.1, 10)
    (0.018, 0.404)
    """
    if not n_effective > 0 or not np.isfinite(rate):
        return 0.0, 1.0
    return wilson_ends(rate, n_effective, float(stats.norm.ppf((1 + level) / 2)))


def wilson_ends(rate: float, n_effective: float, z: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share for a quantile."""
    centre = (rate + z**2 / (2 * n_effective)) / (1 + z**2 / n_effective)
    spread = rate * (1 - rate) / n_effective + z**2 / (4 * n_effective**2)
    half = z / (1 + z**2 / n_effective) * float(np.sqrt(spread))
    return max(0.0, centre - half), min(1.0, centre + half)
