"""Weights of a linear support vector machine, and recursive feature elimination."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livermore.errors import DatasetError
from livermore.ml.solvers._checks import checked, one_blas_thread
from livermore.ml.solvers._interior import LinearProblem, solve_interior
from livermore.ml.solvers._rbf import Kind
from livermore.typing import Floats

__all__ = ["LinearSolver", "linear_svm_weights", "rfe_ranking"]

LinearSolver = Literal["interior", "libsvm"]


def linear_svm_weights(X: ArrayLike, y: ArrayLike, *, kind: Kind, solver: LinearSolver = "interior") -> Floats:
    """Fit a linear support vector machine (C = 1) and return its weights.

    Parameters
    ----------
    X : (n, k) array
        Scaled features, finite.
    y : (n,) array
        Class of each row, at least two of them; or the target, of unit scale, since errors below 0.1 are ignored.
    kind : {"classification", "regression"}
    solver : {"interior", "libsvm"}
        "interior" converges to machine precision, and falls back to libsvm where it cannot verify its solution, as
        with features far from unit scale. "libsvm" is scikit-learn's `SVC(kernel="linear")` or
        `SVR(kernel="linear")`: it stops at a tolerance of 1e-3, so the order of weights that differ by less is
        arbitrary, and it takes some fifty times as long.

    Returns
    -------
    (problems, k) array
        As `SVC.coef_`: one row for two classes or a target, else one for each pair of classes.

    Raises
    ------
    DatasetError
        If the shapes do not match, a feature is not finite, or there is a single class.

    Notes
    -----
    With its single-precision kernel libsvm stays some 1e-5 away from the optimum even at a tolerance of 1e-9.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> X = rng.standard_normal((300, 3))
    >>> linear_svm_weights(X, X @ [1.0, 0.0, -2.0], kind="regression").round(1) + 0.0
    array([[ 1.,  0., -2.]])
    """
    X, y = _checked(X, y, kind)
    with one_blas_thread():
        return _SOLVERS[solver](X, y, kind)


def rfe_ranking(X: ArrayLike, y: ArrayLike, *, kind: Kind, solver: LinearSolver = "interior") -> NDArray[np.intp]:
    """Rank features by recursive elimination down to one, each time dropping the smallest squared weight.

    Parameters
    ----------
    X : (n, k) array
        Scaled features, finite.
    y : (n,) array
        As for `linear_svm_weights`.
    kind : {"classification", "regression"}
    solver : {"interior", "libsvm"}
        As for `linear_svm_weights`.

    Returns
    -------
    (k,) array of int
        1 for the feature that is left, k for the one that is dropped first; as
        `sklearn.feature_selection.RFE.ranking_`. Of equal weights, the first feature is dropped first. With several
        classes, squared weights are summed over pairs.

    Raises
    ------
    DatasetError
        If the shapes do not match, a feature is not finite, or there is a single class.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> X = rng.standard_normal((300, 3))
    >>> rfe_ranking(X, X @ [1.0, 0.1, -2.0], kind="regression").tolist()
    [2, 3, 1]
    """
    X, y = _checked(X, y, kind)
    ranking = np.ones(X.shape[1], np.intp)
    left = np.arange(X.shape[1])
    with one_blas_thread():
        while len(left) > 1:
            weights = _SOLVERS[solver](X[:, left], y, kind)
            worst = int(np.argmin(np.square(weights).sum(axis=0)))
            ranking[left[worst]] = len(left)
            left = np.delete(left, worst)
    return ranking


def _checked(X: ArrayLike, y: ArrayLike, kind: Kind) -> tuple[Floats, NDArray[np.generic]]:
    rows, target = checked(X, y)
    if kind == "classification" and len(np.unique(target)) < 2:
        raise DatasetError(f"all {len(target)} labels are of one class, {target[0]!r}; a classifier needs two")
    return rows, target


def _interior(X: Floats, y: NDArray[np.generic], kind: Kind) -> Floats:
    """Solve each binary problem; fall back to libsvm if a solution cannot be verified."""
    found = [solve_interior(problem) for problem in _PROBLEMS[kind](X, y)]
    weights = [row for row in found if row is not None]
    return np.array(weights) if len(weights) == len(found) else _libsvm(X, y, kind)


def _libsvm(X: Floats, y: NDArray[np.generic], kind: Kind) -> Floats:
    from sklearn.svm import SVC, SVR

    estimator = {"classification": SVC, "regression": SVR}[kind](kernel="linear")
    weights: Floats = estimator.fit(X, y).coef_
    return weights


def _classification(X: Floats, y: NDArray[np.generic]) -> Iterator[LinearProblem]:
    """One problem for each pair of classes, signed as in scikit-learn: of two classes, the second is positive."""
    classes, codes = np.unique(y, return_inverse=True)
    positive = 1.0 if len(classes) > 2 else -1.0
    for a, b in combinations(range(len(classes)), 2):
        rows = np.flatnonzero((codes == a) | (codes == b))
        yield LinearProblem.classification(X[rows], np.where(codes[rows] == a, positive, -positive))


def _regression(X: Floats, y: NDArray[np.generic]) -> Iterator[LinearProblem]:
    yield LinearProblem.regression(X, y.astype(np.float64))


_PROBLEMS: dict[Kind, Callable[[Floats, NDArray[np.generic]], Iterator[LinearProblem]]] = {
    "classification": _classification,
    "regression": _regression,
}
_SOLVERS: dict[LinearSolver, Callable[[Floats, NDArray[np.generic], Kind], Floats]] = {
    "interior": _interior,
    "libsvm": _libsvm,
}
