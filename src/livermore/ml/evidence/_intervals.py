"""Confidence intervals of metrics, and of shares, for samples that depend on one another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.errors import DatasetError
from livermore.ml.evidence._bootstrap import stationary_weights

__all__ = ["Resampled", "resample", "resample_all", "small_sample_stretch", "wilson_interval"]

Floats = npt.NDArray[np.float64]

N_RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class Resampled:
    """A metric and its bootstrap replicates.

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

    Examples
    --------
    >>> Resampled(0.6, np.random.default_rng(0).normal(0.6, 0.02, 1000), block_length=1.0, n=500).interval()
    (0.56, 0.64)
    """

    value: float
    replicates: Floats
    block_length: float
    n: int

    @property
    def standard_error(self) -> float:
        """The standard error of the metric, corrected for short series; NaN with fewer than 10 defined replicates."""
        if self.replicates.size < 10:
            return float("nan")
        return float(self.replicates.std()) * small_sample_stretch(self.block_length, self.n)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the confidence interval of the metric; (NaN, NaN) if undefined.

        Its ends are the quantiles of the replicates about their mean, widened for short series, added to the metric.
        """
        if self.replicates.size < 10 or not np.isfinite(self.value):
            return float("nan"), float("nan")
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(self.replicates, tails) - self.replicates.mean()
        stretch = small_sample_stretch(self.block_length, self.n)
        return float(self.value + stretch * low), float(self.value + stretch * high)

    def p_value(self, null: float = 0.0) -> float:
        """Return the two-sided p-value of the null hypothesis that the true value is `null`."""
        error = self.standard_error
        if not error > 0:
            return 1.0
        return float(2 * stats.norm.sf(abs(self.value - null) / error))


def resample(
    figure: Callable[[Floats], Floats],
    n: int,
    block_length: float,
    n_resamples: int = N_RESAMPLES,
    random_state: int | np.random.Generator | None = 0,
) -> Resampled:
    """Compute a metric and its replicates by the stationary bootstrap.

    Parameters
    ----------
    figure : callable
        From weights of shape (b, n) to b values, NaN where undefined.
    n : int
        Number of samples, in order of time.
    block_length : float
        From `block_length_for`.
    n_resamples : int
        Number of resamples.
    random_state : int or Generator, optional
        Seed; fixed by default, so that a report is reproducible.

    Returns
    -------
    Resampled

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(loc=1.0, size=200)
    >>> mean = resample(lambda w: w @ x / w.sum(axis=1), n=200, block_length=1.0)
    >>> low, high = mean.interval()
    >>> low < 1.0 < high, high - low < 0.3
    (True, True)
    """
    return resample_all({"": figure}, n, block_length, n_resamples, random_state)[""]


def resample_all(
    figures: Mapping[str, Callable[[Floats], Floats]],
    n: int,
    block_length: float,
    n_resamples: int = N_RESAMPLES,
    random_state: int | np.random.Generator | None = 0,
) -> dict[str, Resampled]:
    """Compute several metrics on the same resamples; otherwise the same as `resample`.

    Examples
    --------
    >>> x = np.arange(50.0)
    >>> found = resample_all({"mean": lambda w: w @ x / 50, "largest": lambda w: (x * (w > 0)).max(axis=1)}, 50, 1.0)
    >>> found["mean"].value, found["largest"].value
    (24.5, 49.0)
    """
    if n < 1:
        raise DatasetError("There are no samples to resample.")
    batches: dict[str, list[Floats]] = {name: [] for name in figures}
    for weights in stationary_weights(n, n_resamples, block_length, random_state):
        for name, figure in figures.items():
            # A metric may be undefined on a resample; such replicates are left out below.
            with np.errstate(invalid="ignore", divide="ignore"):
                batches[name].append(figure(weights))
    found = {}
    for name, figure in figures.items():
        replicates = np.concatenate(batches[name])
        value = float(figure(np.ones((1, n)))[0])
        found[name] = Resampled(value, replicates[np.isfinite(replicates)], block_length, n)
    return found


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
    z = float(stats.norm.ppf((1 + level) / 2))
    centre = (rate + z**2 / (2 * n_effective)) / (1 + z**2 / n_effective)
    spread = rate * (1 - rate) / n_effective + z**2 / (4 * n_effective**2)
    half = z / (1 + z**2 / n_effective) * float(np.sqrt(spread))
    return max(0.0, centre - half), min(1.0, centre + half)
