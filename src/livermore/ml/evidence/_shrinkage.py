"""Estimates of many similar things, each drawn towards their mean by as much as it is noise."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize

from livermore.errors import TrainingError
from livermore.typing import Floats

__all__ = ["Shrunk", "shrink"]


class Shrunk(NamedTuple):
    """Outcome of `shrink`.

    Attributes
    ----------
    values : ndarray of shape (k,)
        The estimates, drawn towards the mean.
    errors : ndarray of shape (k,)
        Their standard errors.
    mean : float
        Weighted mean of the estimates.
    spread : float
        Standard deviation of what is estimated, without the noise of the estimates.

    Examples
    --------
    >>> from livermore.ml.evidence import shrink
    >>> found = shrink([0.5, -0.5, 0.3], [0.1, 0.1, 0.1])
    >>> found.values.round(2).tolist(), round(float(found.mean), 2)
    ([0.49, -0.48, 0.29], 0.1)
    """

    values: Floats
    errors: Floats
    mean: float
    spread: float


def shrink(estimates: npt.ArrayLike, errors: npt.ArrayLike) -> Shrunk:
    """Draw estimates towards their mean, by the share of their variance that is noise.

    Parameters
    ----------
    estimates : array-like of shape (k,)
        Such as the skill of a model on each of k symbols.
    errors : array-like of shape (k,)
        Their standard errors, positive; infinite where nothing was measured, and the estimate then has no part.

    Returns
    -------
    Shrunk

    Raises
    ------
    TrainingError
        If there is no estimate, lengths differ, an estimate is not finite, an error is not positive, or none is finite.

    Notes
    -----
    The empirical Bayes form of James and Stein's estimator for unequal variances: Efron and Morris, JASA 1975; Morris,
    JASA 1983. An estimate with variance v keeps the share ``spread^2 / (spread^2 + v)`` of its distance from the mean;
    the spread is Paule and Mandel's (Journal of Research of the National Bureau of Standards 1982). Errors are taken to
    be independent: what is common to all must be left out of them. In simulations with 3 to 40 estimates, intervals of
    1.96 errors cover 90 to 99 %: least with many estimates whose spread is about as large as their errors.

    Examples
    --------
    >>> found = shrink([0.30, -0.10, 0.12, 0.08], [0.2, 0.2, 0.05, 0.05])
    >>> found.values.round(2), round(found.spread, 2)
    (array([0.1, 0.1, 0.1, 0.1]), 0.0)
    """
    x, error = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if not x.size or x.ndim != 1 or x.shape != error.shape:
        raise TrainingError(f"shrink needs as many errors as estimates; the shapes are {error.shape} and {x.shape}.")
    if not np.isfinite(x).all() or not (error > 0).all() or not np.isfinite(error).any():
        raise TrainingError("shrink needs finite estimates and errors above 0, at least one of them finite.")
    measured = np.isfinite(error)
    spread2 = _spread(x[measured], error[measured] ** 2)
    noise = 1 / (1 + spread2 * error**-2.0)
    precision = noise * error**-2.0
    mean = float(precision @ x / precision.sum())
    away = np.where(measured, x - mean, 0.0)
    variance = spread2 * noise + noise**2 / precision.sum()
    # The spread is estimated too, which moves what is drawn far (Morris 1983, section 3).
    variance += 2 * (noise * away) ** 2 / max(int(measured.sum()) - 3, 1)
    return Shrunk(mean + (1 - noise) * away, np.sqrt(variance), mean, float(np.sqrt(spread2)))


def _spread(x: Floats, variance: Floats) -> float:
    """Return the variance of what is estimated: with it, squared distances from the mean are what they should be."""

    def too_far(spread2: float) -> float:
        weight = 1 / (variance + spread2)
        return float(weight @ (x - weight @ x / weight.sum()) ** 2) - (x.size - 1)

    if x.size < 2 or too_far(0.0) <= 0:
        return 0.0
    return float(optimize.brentq(too_far, 0.0, float(((x - x.mean()) ** 2).sum())))
