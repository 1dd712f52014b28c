"""Two series beside each other: cointegration, alpha and beta, pairs."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["are_cointegrated", "calculate_alpha_beta", "combinations_without_repeat"]

Series = npt.NDArray[np.float64]


def are_cointegrated(price_returns_1: Series, price_returns_2: Series, cutoff: float = 0.05) -> bool:
    """Test whether two series move together in the long run (Engle and Granger 1987, by statsmodels).

    Parameters
    ----------
    price_returns_1, price_returns_2 : ndarray of shape (n,)
        The series.
    cutoff : float
        Level of significance.

    Returns
    -------
    bool
        Whether "not cointegrated" is rejected: the p-value is below the cutoff.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> walk = random.normal(size=500).cumsum()
    >>> are_cointegrated(walk, walk + random.normal(size=500))
    True
    """
    from statsmodels.tsa.stattools import coint

    return bool(coint(price_returns_1, price_returns_2)[1] < cutoff)


def calculate_alpha_beta(returns1: Series, returns2: Series) -> tuple[float, float]:
    """Fit the first series by the second: ``returns1 = alpha + beta * returns2``, least squares.

    Returns
    -------
    tuple of float
        Alpha and beta.

    Examples
    --------
    >>> alpha, beta = calculate_alpha_beta(np.array([1.0, 3.0, 5.0]), np.array([0.0, 1.0, 2.0]))
    >>> round(alpha, 6), round(beta, 6)
    (1.0, 2.0)
    """
    x = np.asarray(returns2, dtype=np.float64)
    design = np.column_stack([np.ones(len(x)), x])
    alpha, beta = np.linalg.lstsq(design, np.asarray(returns1, dtype=np.float64))[0]
    return float(alpha), float(beta)


def combinations_without_repeat(a: npt.NDArray[Any] | Sequence[Any], n: int = 2) -> npt.NDArray[Any]:
    """Return all ordered choices of `n` different elements: despite the name, permutations, as in Jesse.

    Raises
    ------
    ValueError
        If `n` is below 2.

    Examples
    --------
    >>> combinations_without_repeat(["a", "b"]).tolist()
    [['a', 'b'], ['b', 'a']]
    """
    if n <= 1:
        raise ValueError(f"n must be at least 2, not {n}")
    elements = np.asarray(a)
    chosen = np.array(list(permutations(range(len(elements)), n)), dtype=np.intp).reshape(-1, n)
    return np.asarray(elements[chosen])
