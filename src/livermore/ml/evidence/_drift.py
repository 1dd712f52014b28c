"""Drift: whether the distribution of a feature differs between two parts by more than its own memory explains."""

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import ndtri

from livermore.ml.evidence._memory import cosine_transforms, fit_memory
from livermore.typing import Array, Floats

__all__ = ["drift_p_value"]

# Each part is averaged over consecutive samples to at most this many values in all: more cost time and tell nothing
# about a difference of means.
MOST_VALUES = 400
# Cosines that estimate the long-run variance, at most, in the longer and in the shorter part.
MOST_COSINES = (24, 8)
FEWEST_COSINES = 3
# Shares of the significance level of the two comparisons. Their sum is below 1, since the far tails of the tests are
# heavier than Student's: the memory is estimated.
LEVEL_SHARE, SPREAD_SHARE = 0.55, 0.1
# With fewer values than this, in all or in the second part, or fewer independent ones that are not the most frequent
# value, no test is made.
FEWEST_VALUES = (30, 5)
FEWEST_INFORMATIVE = 10.0


def drift_p_value(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    reference_time: npt.ArrayLike | None = None,
    current_time: npt.ArrayLike | None = None,
) -> float:
    """Test whether level or spread of a series have changed from one part to the next.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        The earlier and the later part, in order of time; values that are not finite are left out.
    reference_time, current_time : array-like, optional
        Their times: samples of one time, as of several symbols, count once, by their mean.

    Returns
    -------
    float
        p-value of no change; 1 where there are too few independent values to tell. A series that has no level to return
        to is not found to change: that is what its unit root says.

    Notes
    -----
    Compared are the means of the normal scores (van der Waerden; level) and of the distances of the ranks from the
    middle (Ansari and Bradley; spread), with 55 % and 10 % of the significance level. The variance of a difference of
    means is estimated twice: by an autoregression of order one plus noise, fitted to thirty autocorrelations that are
    corrected for the means removed; and from the longest cosine waves within both parts (Lazarus, Lewis, Stock and
    Watson, JBES 2018), as many as that memory allows. The larger p-value counts, since each is too small for some kinds
    of memory. For five features the chance of any false alarm is 2 % to 5 % at autocorrelations from 0 to 0.97; what
    size of drift is found is stated in `docs/feature_evidence.md`.

    Examples
    --------
    >>> random = np.random.default_rng(2)
    >>> before = random.normal(size=800)
    >>> drift_p_value(before, random.normal(size=200)) > 0.05
    True
    >>> drift_p_value(before, random.normal(loc=1, size=200)) < 0.001
    True
    """
    first, second = _per_time(reference, reference_time), _per_time(current, current_time)
    values = np.concatenate([first, second])
    if values.size < FEWEST_VALUES[0] or second.size < FEWEST_VALUES[1]:
        return 1.0
    _, counts = np.unique(values, return_counts=True)
    varied = 1.0 - counts.max() / values.size
    place = (stats.rankdata(values) - 0.5) / values.size
    level = _shift_p_value(ndtri(place), first.size, varied)
    spread = _shift_p_value(np.abs(place - 0.5), first.size, varied)
    return min(1.0, level / LEVEL_SHARE, spread / SPREAD_SHARE)


def _per_time(values: npt.ArrayLike, time: npt.ArrayLike | None) -> Floats:
    """Return the finite values, averaged over those of one time."""
    x = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(x)
    if time is None:
        return np.asarray(x[finite])
    stamps: Array = np.asarray(time)[finite]
    _, place, counts = np.unique(stamps, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(place, x[finite], counts.size) / counts)


def _shift_p_value(score: Floats, n_first: int, varied: float) -> float:
    """Return the two-sided p-value of equal means before and after a row.

    `varied` is the share of values that are not the most frequent one.
    """
    size = -(-score.size // MOST_VALUES)
    parts = [_averaged(score[:n_first], size), _averaged(score[n_first:], size)]
    n, m = (part.size for part in parts)
    if not n or not m:
        return 1.0
    centred = [part - part.mean() for part in parts]
    memory = fit_memory(centred)
    if not memory.variance > 0:
        return 1.0
    distance = abs(float(parts[1].mean() - parts[0].mean()))
    variance = memory.variance_of_mean(n) + memory.variance_of_mean(m) - 2 * memory.covariance_of_means(n, m)
    independent = (n + m) * min(1.0, memory.variance * (1 / n + 1 / m) / variance)
    if independent * size * varied < FEWEST_INFORMATIVE and varied < 0.5:
        return 1.0
    fitted = 2 * stats.t.sf(distance / np.sqrt(variance), max(independent - 2, 1.0))
    counts = [max(min(memory.waves(n), MOST_COSINES[0]), FEWEST_COSINES), min(memory.waves(m), MOST_COSINES[1])]
    waves = np.concatenate([cosine_transforms(part, count) for part, count in zip(centred, counts, strict=True)])
    error = np.sqrt((waves**2).mean() * (1 / n + 1 / m))
    free = 2 * stats.t.sf(distance / error, waves.size) if error > 0 else 1.0
    return float(max(fitted, free))


def _averaged(values: Floats, size: int) -> Floats:
    """Return the means of groups of consecutive values; the earliest ones that fill no group are left out."""
    return np.asarray(values[values.size % size :].reshape(-1, size).mean(axis=1))
