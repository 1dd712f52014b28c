"""The four-method table: recursive elimination, an F test, correlation, and cross-validated scores of each feature.

It ranks features by proxy models, whatever estimator is trained. How the estimator itself uses them is computed in
`_impact` and `_permutation`.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.model_selection import TimeSeriesSplit

from livermore.ml import sizes
from livermore.ml.dataset import rows_of
from livermore.ml.parallel import threads_inside
from livermore.ml.solvers import rbf_cv_scores_without_each, rfe_ranking
from livermore.ml.tasks import Proxies
from livermore.typing import Array, Floats

N_FOLDS = 5


def consensus_table(
    X: Floats, y: Array, feature_names: Sequence[str], proxies: Proxies, *, n_jobs: int | None = None
) -> dict[str, Any]:
    """Rank features by four methods on the scaled training part, and by the mean of the four ranks.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Scaled features of the training part, in order of time. A missing value is replaced by its feature's median.
    y : ndarray of shape (n,)
        The encoded target.
    feature_names : sequence of str
        Names of the columns.
    proxies : Proxies
        Those of the task.
    n_jobs : int or None
        Number of threads, as in joblib; None is all cores. Beside other calls of an executor it is one. The table does
        not depend on it.

    Returns
    -------
    dict
        In the order of `feature_names`: `feature_names`, `rfe_ranking` (1 is the feature that a linear support vector
        machine drops last), `anova_f_values`, `correlations` (absolute, Pearson's). By feature name:
        `cv_scores_without_feature` (mean score of a support vector machine with RBF kernel over `TimeSeriesSplit(5)`),
        `cv_impacts` (`cv_baseline` less that), `consensus_ranks` (mean of the four ranks). `_order`: indices of the
        features, best first. A statistic of a constant feature is NaN and ranks last.

    Notes
    -----
    With more than 10,000 samples the scores, with more than 50,000 the elimination are computed on as many, chosen
    class by class and evenly over time (`livermore.ml.sizes`); F and correlation are always those of all samples.

    References
    ----------
    Guyon et al., Gene Selection for Cancer Classification using Support Vector Machines, 2002 (recursive elimination).

    Examples
    --------
    >>> from livermore.ml.tasks import Binary
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 3))
    >>> y = (X[:, 1] + 0.3 * rng.standard_normal(200) > 0).astype(int)
    >>> table = consensus_table(X, y, ["a", "b", "c"], Binary.proxies)
    >>> table["_order"][0], table["consensus_ranks"]["b"]
    (1, 1.0)
    """
    X, target, names = median_imputed(X), proxies.prepare(y), list(feature_names)
    rows = proxies.some_rows(y, sizes.ELIMINATED)
    rfe = rfe_ranking(rows_of(X, rows), target[rows], kind=proxies.kind).astype(float)
    f_values, correlations = _f_values(X, y, proxies), _correlations(X, y)
    rows = proxies.some_rows(y, sizes.SCORED)
    baseline, without = _cross_validated(rows_of(X, rows), target[rows], proxies, n_jobs)
    impacts = baseline - without
    ranks = np.mean([_ranked(rfe), _ranked(-f_values), _ranked(-correlations), _ranked(-impacts)], axis=0)
    return {
        "feature_names": names,
        "rfe_ranking": rfe.tolist(),
        "anova_f_values": f_values.tolist(),
        "correlations": correlations.tolist(),
        "cv_baseline": baseline,
        "cv_impacts": dict(zip(names, impacts.tolist(), strict=True)),
        "cv_scores_without_feature": dict(zip(names, without.tolist(), strict=True)),
        "consensus_ranks": dict(zip(names, ranks.tolist(), strict=True)),
        "_order": np.argsort(ranks, kind="stable").tolist(),
    }


def median_imputed(X: Floats) -> Floats:
    """Replace missing values by the median of their feature, since the proxy models cannot handle NaN."""
    missing = np.isnan(X)
    return np.where(missing, np.nanmedian(X, axis=0), X) if missing.any() else X


def _f_values(X: Floats, y: Array, proxies: Proxies) -> Floats:
    """Return the F statistic of each feature; NaN for a constant one."""
    # Of many samples column by column, since the copies that the test makes would be several times the features. Sums
    # of columns and of a table add in another order.
    parts = [X] if len(X) <= sizes.ELIMINATED else np.split(X, X.shape[1], axis=1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # about constant features, which are NaN in the table
        values = np.concatenate([np.asarray(proxies.f_values(part, y)[0], dtype=np.float64) for part in parts])
    values[np.ptp(X, axis=0) == 0] = math.nan
    return values


def _correlations(X: Floats, y: Array) -> Floats:
    """Return the absolute correlation of each feature with the target; NaN for a constant one."""
    with np.errstate(all="ignore"):
        return np.array([abs(np.corrcoef(column, y)[0, 1]) for column in X.T])


def _cross_validated(X: Floats, y: Array, proxies: Proxies, n_jobs: int | None) -> tuple[float, Floats]:
    """Score the RBF SVM over chronological folds, with all features and without each; NaN with too few samples."""
    n_folds = min(N_FOLDS, len(X) - 1)
    if n_folds < 2:
        return math.nan, np.full(X.shape[1], math.nan)
    folds = list(TimeSeriesSplit(n_folds).split(X))
    return rbf_cv_scores_without_each(X, y, folds, kind=proxies.kind, n_jobs=threads_inside(n_jobs))


def _ranked(values: Floats) -> Floats:
    """Rank values from 1, the smallest first; equal ones share their mean rank, and NaN comes last."""
    ranks: Floats = rankdata(np.where(np.isnan(values), np.inf, values))
    return ranks
