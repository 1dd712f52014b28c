"""Cross-validated scores of a support vector machine with RBF kernel, with each feature left out in turn."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal, NamedTuple, Protocol

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from livermore.ml.solvers._checks import checked, one_blas_thread
from livermore.ml.solvers._rbf_kernel import RbfKernel
from livermore.ml.solvers._smo import BoxProblem, solve
from livermore.typing import Floats

__all__ = ["Fold", "Kind", "rbf_cv_scores_without_each"]

Indices = NDArray[np.intp]
Fold = tuple[NDArray[np.integer], NDArray[np.integer]]
Kind = Literal["classification", "regression"]
# The dual variables of each binary problem of a fit.
Start = tuple[Floats, ...]


def rbf_cv_scores_without_each(
    X: ArrayLike, y: ArrayLike, folds: Sequence[Fold], *, kind: Kind, n_jobs: int | None = None
) -> tuple[float, NDArray[np.float64]]:
    """Score a support vector machine with RBF kernel over folds: with all features, and without each.

    The scores are those of scikit-learn's `SVC()` (accuracy) or `SVR()` (R²) with default parameters, averaged over
    the folds; a fit differs from libsvm's only within the tolerance at which both stop (1e-3), which moves few if any
    predictions of a class. Fits without a feature start from the fit with all of them.

    Parameters
    ----------
    X : (n, k) array
        Scaled features, finite.
    y : (n,) array
        Class of each row, or the target; a target should have unit scale, since errors below 0.1 are ignored.
    folds : sequence of (train, test)
        Row numbers, such as ``list(TimeSeriesSplit(5).split(X))``.
    kind : {"classification", "regression"}
    n_jobs : int, optional
        As for `joblib.Parallel`; threads by default. The scores do not depend on it.

    Returns
    -------
    baseline : float
        Mean score with all features.
    scores : (k,) array
        Mean score without each feature. With a single feature, that of the majority class or the constant.

    Raises
    ------
    DatasetError
        If the shapes do not match, or a value is not finite.

    Notes
    -----
    Several classes: one binary problem for each pair, and votes, as in libsvm. A fold whose training rows are all of
    one class predicts that class. Measured against scikit-learn in benchmarks/solvers.py.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> X = rng.standard_normal((300, 3))
    >>> folds = [(np.arange(100), np.arange(100, 200)), (np.arange(200), np.arange(200, 300))]
    >>> baseline, scores = rbf_cv_scores_without_each(X, X[:, 0] > 0, folds, kind="classification")
    >>> bool(scores[0] < 0.6 < 0.85 < baseline), int(np.argmin(scores))
    (True, 0)
    """
    X, y = checked(X, y)
    estimator = _ESTIMATORS[kind]
    every = np.arange(X.shape[1])
    with one_blas_thread(), Parallel(n_jobs=n_jobs, prefer="threads") as parallel:
        fits = parallel(delayed(_fit_fold)(X, y, fold, every, estimator, None) for fold in folds)
        # The largest folds first, so that no worker is left with one at the end.
        tasks = [(f, j) for f in np.argsort([-len(train) for train, _ in folds], kind="stable") for j in every]
        results = parallel(
            delayed(_fit_fold)(X, y, folds[f], np.delete(every, j), estimator, fits[f].solution) for f, j in tasks
        )
    scores = np.empty((len(folds), len(every)))
    for (f, j), result in zip(tasks, results, strict=True):
        scores[f, j] = result.score
    return float(np.mean([fit.score for fit in fits])), scores.mean(axis=0)


class _Fit(NamedTuple):
    """The score of a fold, and the dual variables of its fit."""

    score: float
    solution: Start


class _Estimator(Protocol):
    """Turns rows into binary problems, and their decision values into predictions."""

    def fit_predict(
        self, X: Floats, y: NDArray[np.generic], Z: Floats, gamma: float, start: Start | None
    ) -> tuple[NDArray[np.generic], Start]: ...

    def score(self, truth: NDArray[np.generic], predicted: NDArray[np.generic]) -> float: ...


class _Classification:
    """One binary problem for each pair of classes; the class with most votes wins, the lower one in a tie."""

    def fit_predict(
        self, X: Floats, y: NDArray[np.generic], Z: Floats, gamma: float, start: Start | None
    ) -> tuple[NDArray[np.generic], Start]:
        classes, codes = np.unique(y, return_inverse=True)
        votes = np.zeros((len(Z), len(classes)), np.intp)
        solution: list[Floats] = []
        for pair, (a, b) in enumerate(combinations(range(len(classes)), 2)):
            rows = np.flatnonzero((codes == a) | (codes == b))
            signs = np.where(codes[rows] == a, 1.0, -1.0)
            kernel = RbfKernel(X[rows], gamma)
            found = solve(BoxProblem.classification(signs), kernel, None if start is None else start[pair])
            first = kernel.predict(Z, found.beta) + found.offset > 0.0
            votes[:, a] += first
            votes[:, b] += ~first
            solution.append(found.beta)
        return classes[votes.argmax(axis=1)], tuple(solution)

    def score(self, truth: NDArray[np.generic], predicted: NDArray[np.generic]) -> float:
        return float(np.mean(truth == predicted))


class _Regression:
    """Epsilon-insensitive regression."""

    def fit_predict(
        self, X: Floats, y: NDArray[np.generic], Z: Floats, gamma: float, start: Start | None
    ) -> tuple[NDArray[np.generic], Start]:
        kernel = RbfKernel(X, gamma)
        problem = BoxProblem.regression(y.astype(np.float64))
        found = solve(problem, kernel, None if start is None else start[0])
        return kernel.predict(Z, problem.by_row(found.beta, len(X))) + found.offset, (found.beta,)

    def score(self, truth: NDArray[np.generic], predicted: NDArray[np.generic]) -> float:
        values = truth.astype(np.float64)
        residual = float(np.square(values - predicted.astype(np.float64)).sum())
        spread = float(np.square(values - values.mean()).sum())
        if spread == 0.0:
            return 1.0 if residual == 0.0 else 0.0
        return 1.0 - residual / spread


def _fit_fold(
    X: Floats, y: NDArray[np.generic], fold: Fold, columns: Indices, estimator: _Estimator, start: Start | None
) -> _Fit:
    """Fit on the fold's training rows and the given columns; score on its test rows."""
    train, test = fold
    train_X, test_X = X[np.ix_(train, columns)], X[np.ix_(test, columns)]
    spread = float(train_X.var()) if train_X.size else 0.0
    gamma = 1.0 / (train_X.shape[1] * spread) if spread else 1.0
    predicted, solution = estimator.fit_predict(train_X, y[train], test_X, gamma, start)
    return _Fit(estimator.score(y[test], predicted), solution)


_ESTIMATORS: dict[Kind, _Estimator] = {"classification": _Classification(), "regression": _Regression()}
