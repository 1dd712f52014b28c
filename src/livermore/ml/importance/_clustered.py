"""Clusters of correlated features, which are judged together."""

import numpy as np
from scipy.stats import rankdata

from livermore.ml import sizes
from livermore.ml.dataset import rows_of
from livermore.ml.sizes import time_blocked_rows
from livermore.typing import Floats

__all__ = ["feature_clusters"]


def feature_clusters(X: Floats, min_correlation: float = 0.5) -> list[list[int]]:
    """Group columns whose ranks correlate.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Features, in order of time; missing values count as the column's median. Of more than 100,000 rows as many are
        read, spread evenly (`livermore.ml.sizes`).
    min_correlation : float
        Clusters are joined if their mean absolute rank correlation is at least this.

    Returns
    -------
    list of list of int
        Columns of each cluster, in order of their first column. A feature without a correlated one is a cluster of its
        own.

    Notes
    -----
    Average linkage on one less the absolute Spearman correlation. López de Prado, *Machine Learning for Asset Managers*
    (2020), section 6.5.2, on why clusters; a constant column correlates with nothing.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> a, b = random.normal(size=(2, 200))
    >>> feature_clusters(np.column_stack([a, b, a + 0.1 * random.normal(size=200)]))
    [[0, 2], [1]]
    """
    # Imported here, since few trainings use clusters.
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if X.shape[1] < 2:
        return [[k] for k in range(X.shape[1])]
    X = rows_of(X, time_blocked_rows(np.zeros(len(X)), sizes.RANKED))
    filled = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)
    ranks = np.apply_along_axis(rankdata, 0, filled)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    unit = np.divide(ranks, length, out=np.zeros_like(ranks), where=length > 0)
    distance = np.clip(1.0 - np.abs(unit.T @ unit), 0.0, 1.0)
    np.fill_diagonal(distance, 0.0)
    number = fcluster(linkage(squareform(distance, checks=False), "average"), 1.0 - min_correlation, "distance")
    clusters = [np.flatnonzero(number == c).tolist() for c in np.unique(number)]
    return sorted(clusters, key=lambda cluster: int(cluster[0]))
