"""Corrections for having looked more than once."""

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError

__all__ = ["benjamini_hochberg", "holm", "sidak"]

Floats = npt.NDArray[np.float64]


def sidak(p_value: float, trials: int) -> float:
    """Return the chance that the best of so many independent looks would be as good without any edge.

    Parameters
    ----------
    p_value : float
        Of the one look that is reported.
    trials : int
        How many looks there were, that one included.

    Notes
    -----
    Šidák, JASA 1967: ``1 - (1 - p)^trials``. Looks at the same data are positively dependent, which makes this
    an upper bound.

    Examples
    --------
    >>> sidak(0.01, 1), sidak(0.01, 10)
    (0.01, 0.0956)
    """
    if trials < 1:
        raise DatasetError(f"There was at least one trial; trials is {trials}.")
    return float(-np.expm1(trials * np.log1p(-p_value))) if p_value < 1 else 1.0


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted so that the chance of any false discovery stays below the level; no assumption.

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
    """Return p-values adjusted so that of what is called a discovery, at most the level's share is expected false.

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
    p = _checked(p_values)
    order = np.argsort(p)[::-1]
    stepped = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _checked(p_values: npt.ArrayLike) -> Floats:
    """Refuse what is no list of probabilities."""
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise DatasetError("p-values must be a list of numbers between 0 and 1.")
    return p
