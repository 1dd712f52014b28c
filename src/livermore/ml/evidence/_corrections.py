"""Corrections of p-values for multiple tests."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.errors import DatasetError
from livermore.typing import Floats

__all__ = ["benjamini_hochberg", "holm", "sidak"]


def sidak(p_value: float, trials: float) -> float:
    """Return the probability that the best of several independent trials without skill has a p-value this small.

    Parameters
    ----------
    p_value : float
        Of the trial that is reported.
    trials : float
        Number of trials, that one included; of dependent ones, how many independent ones they amount to.

    Notes
    -----
    Šidák, JASA 1967: ``1 - (1 - p)^trials``. Trials on the same data are positively dependent, which makes this
    an upper bound.

    Examples
    --------
    >>> sidak(0.01, 1), sidak(0.01, 10)
    (0.01, 0.0956)
    """
    if trials < 1:
        raise DatasetError(f"trials must be 1 or more; it is {trials}.")
    return float(-np.expm1(trials * np.log1p(-p_value))) if p_value < 1 else 1.0


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted to control the family-wise error rate, whatever their dependence.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        Raw p-values.

    Returns
    -------
    ndarray of shape (m,)

    Notes
    -----
    Holm, Scandinavian Journal of Statistics 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = _checked(p_values)
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted to control the false discovery rate.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        Raw p-values, independent or positively dependent.

    Returns
    -------
    ndarray of shape (m,)

    Notes
    -----
    Benjamini and Hochberg, JRSS B 1995.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    return np.asarray(stats.false_discovery_control(_checked(p_values)))


def _checked(p_values: npt.ArrayLike) -> Floats:
    """Return p-values as an array; raise DatasetError if they are not a list of probabilities."""
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise DatasetError("p-values must be a list of numbers between 0 and 1.")
    return p
