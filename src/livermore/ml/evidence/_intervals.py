"""Intervals: how far a figure may be from the truth, given how few independent samples there are."""

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
    """A figure and what the bootstrap made of it.

    Parameters
    ----------
    value : float
        The figure on the samples themselves.
    replicates : ndarray of shape (b,)
        The figure on each resample; those where it is undefined are left out.
    block_length : float
        Mean length of the blocks.
    n : int
        Number of samples.
    """

    value: float
    replicates: Floats
    block_length: float
    n: int

    @property
    def standard_error(self) -> float:
        """The standard error of the figure, made larger for short series; nan if it was hardly ever defined."""
        if self.replicates.size < 10:
            return float("nan")
        return float(self.replicates.std()) * small_sample_stretch(self.block_length, self.n)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval that holds the true figure with probability `level`; (nan, nan) if undefined.

        Quantiles of the replicates around their own mean, stretched for short series, laid around the figure.
        """
        if self.replicates.size < 10 or not np.isfinite(self.value):
            return float("nan"), float("nan")
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(self.replicates, tails) - self.replicates.mean()
        stretch = small_sample_stretch(self.block_length, self.n)
        return float(self.value + stretch * low), float(self.value + stretch * high)

    def p_value(self, null: float = 0.0) -> float:
        """Return the two-sided p-value that the true figure is `null`."""
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
    """Compute a figure and its replicates by the stationary bootstrap.

    Parameters
    ----------
    figure : callable
        From weights of shape (b, n) to b figures, nan where undefined.
    n : int
        Number of samples, in order of time.
    block_length : float
        From `block_length_for`.
    n_resamples : int
        How many resamples.
    random_state : int or Generator, optional
        Seed; fixed by default, so that a report can be repeated.

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
    """Compute several figures on the same resamples; as `resample` otherwise."""
    if n < 1:
        raise DatasetError("There is nothing to resample: no samples.")
    batches: dict[str, list[Floats]] = {name: [] for name in figures}
    for weights in stationary_weights(n, n_resamples, block_length, random_state):
        for name, figure in figures.items():
            # A resample may leave nothing to divide by; what comes of it is left out below.
            with np.errstate(invalid="ignore", divide="ignore"):
                batches[name].append(figure(weights))
    found = {}
    for name, figure in figures.items():
        replicates = np.concatenate(batches[name])
        value = float(figure(np.ones((1, n)))[0])
        found[name] = Resampled(value, replicates[np.isfinite(replicates)], block_length, n)
    return found


def small_sample_stretch(block_length: float, n: int) -> float:
    """Return the factor by which a normal interval grows because its variance was estimated from few blocks.

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
    """Return Wilson's interval of a share; unlike the normal one it is honest for few samples and near 0 and 1.

    Parameters
    ----------
    rate : float
        The share observed, in [0, 1].
    n_effective : float
        On how many independent samples; need not be whole.
    level : float
        Its coverage.

    Returns
    -------
    (low, high)
        (0, 1) without samples: nothing is known.

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
