"""Above which sizes parts of a training are approximated, and by which rows: the one place that says so.

Up to these sizes a training computes everything exactly. Above them its cost must not grow faster than the data, and
what is computed on a part of the rows is as certain as anyone needs. ``docs/scale.md`` says what each approximation
changes, and `benchmarks/scale.py` measures it.
"""

import numpy as np

from livermore.typing import Array, Integers

__all__ = ["time_blocked_rows"]

#: Training samples of the cross-validated scores in the importance table. The time of a radial-basis support vector
#: machine grows faster than the square of the samples: 7.7 s at 10,000, 28 s at 20,000 and 76 s at 30,000.
SCORED = 10_000
#: Training samples of the recursive elimination in the importance table: one linear support vector machine per feature,
#: 29 s at 800,000.
ELIMINATED = 50_000
#: Samples whose ranks are compared between features, with the label and with time. Rank correlations of so many have a
#: standard error of 0.003, and the limits are 0.5, 0.9 and 0.999.
RANKED = 100_000
#: Samples whose features are shuffled, over all folds. The standard error of an importance is that of so many.
SHUFFLED = 4_000
#: Samples of a series, the latest, that unit-root tests read.
UNIT_ROOT = 3_000
#: Values whose autocovariances are sums of products. Of more they come from Fourier transforms, which differ by
#: rounding: lags grow with the root of the samples, so that direct sums take n^1.5.
DIRECT_LAGS = 50_000
#: Weights of samples, or resampled rows, that are in memory at once while intervals are computed: 16 MB for each of
#: some six arrays. Each batch sorts the samples again, so that smaller ones cost time (5 s at a million samples, and
#: 26 s with 250,000).
WEIGHTS_AT_ONCE = 2_000_000
#: Rows that are scaled at once, so that no second copy of the features is ever in memory.
SCALED_AT_ONCE = 65_536

# Rows of a rare class that are taken, if it has so many.
FEWEST_OF_GROUP = 100


def time_blocked_rows(groups: Array, most: int, seed: int = 0) -> Integers:
    """Choose rows of each group in proportion, spread evenly over time.

    Parameters
    ----------
    groups : ndarray of shape (n,)
        What each sample belongs to, such as its class, in order of time; all equal where there are no groups.
    most : int
        How many rows to choose.
    seed : int
        Of the choice inside each stretch.

    Returns
    -------
    ndarray of int64
        All rows if there are no more than `most`; else about as many, ascending: the rows of a group are cut into as
        many stretches as are wanted of it, and one row is drawn from each. Of a rare group 100 are taken, or all.

    Notes
    -----
    Drawn, not evenly spaced: every hundredth row of samples of a hundred symbols would be of one symbol.

    Examples
    --------
    >>> rows = time_blocked_rows(np.arange(100_000) % 4 == 0, 1000)
    >>> rows.size, int((rows % 4 == 0).sum()), int((rows < 50_000).sum())
    (1000, 250, 500)
    """
    n = groups.size
    if n <= most:
        return np.arange(n)
    random = np.random.default_rng(seed)
    names, group = np.unique(groups, return_inverse=True)
    chosen = []
    for number in range(names.size):
        own = np.flatnonzero(group == number)
        wanted = min(max(round(most * own.size / n), FEWEST_OF_GROUP), own.size)
        edges = np.linspace(0, own.size, wanted + 1).astype(np.int64)
        chosen.append(own[random.integers(edges[:-1], edges[1:])])
    return np.sort(np.concatenate(chosen)).astype(np.int64)
