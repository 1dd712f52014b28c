"""The probability of backtest overfitting: that the best of many backtests was best by chance."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError

__all__ = ["Overfitting", "probability_of_backtest_overfitting"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Overfitting:
    """Outcome of combinatorially symmetric cross-validation.

    Parameters
    ----------
    probability : float
        Share of the splits in which the best trial in sample was below the median out of sample; at the median counts
        half.
    logits : ndarray of shape (n_combinations,)
        Logit of the relative out-of-sample rank of the best trial in sample; below 0 is below the median.
    loss_probability : float
        Share of the splits in which the best trial in sample lost money out of sample.

    Examples
    --------
    >>> from livermore.ml.evidence import probability_of_backtest_overfitting
    >>> noise = np.random.default_rng(0).normal(size=(500, 20))
    >>> found = probability_of_backtest_overfitting(noise, n_blocks=6)
    >>> found.logits.size, found.probability > 0.2
    (20, True)
    """

    probability: float
    logits: Floats
    loss_probability: float


def probability_of_backtest_overfitting(returns: npt.ArrayLike, n_blocks: int = 10) -> Overfitting:
    """Estimate the probability that the best of several strategies or models was best by chance.

    Parameters
    ----------
    returns : array-like of shape (n, m)
        Returns per period (rows, in order of time) of m trials.
    n_blocks : int
        Even number of blocks of time; half of them are in sample, in all combinations.

    Returns
    -------
    Overfitting

    Raises
    ------
    DatasetError
        If there are fewer than two trials, too few rows, or an odd number of blocks.

    Notes
    -----
    Bailey, Borwein, López de Prado and Zhu, *The Probability of Backtest Overfitting*, Journal of Computational Finance
    2015, section 2; *Advances in Financial Machine Learning*, section 11.6. Performance is the Sharpe ratio.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> noise = random.normal(size=(500, 20))
    >>> edge = noise + np.r_[0.5, np.zeros(19)]
    >>> probability_of_backtest_overfitting(edge).probability
    0.0
    """
    blocks = np.array_split(_checked(returns, n_blocks), n_blocks)
    sums = np.array([block.sum(axis=0) for block in blocks])
    squares = np.array([(block**2).sum(axis=0) for block in blocks])
    sizes = np.array([len(block) for block in blocks])
    logits, losses = [], []
    for chosen in combinations(range(n_blocks), n_blocks // 2):
        inside = np.zeros(n_blocks, dtype=np.bool_)
        inside[list(chosen)] = True
        best = int(np.argmax(_sharpe(sums[inside], squares[inside], sizes[inside])))
        outside = _sharpe(sums[~inside], squares[~inside], sizes[~inside])
        below = np.count_nonzero(outside < outside[best]) + 0.5 * (np.count_nonzero(outside == outside[best]) - 1)
        rank = (below + 1) / (outside.size + 1)
        logits.append(np.log(rank / (1 - rank)))
        losses.append(outside[best] < 0)
    values = np.array(logits)
    # The median itself is as good as bad: with an odd number of trials the best one may be in it.
    below = np.mean(values < 0) + 0.5 * np.mean(values == 0)
    return Overfitting(float(below), values, float(np.mean(losses)))


def _checked(returns: npt.ArrayLike, n_blocks: int) -> Floats:
    """Return the returns as an array; raise DatasetError if they cannot be divided into the blocks."""
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise DatasetError(f"returns must be of shape (n, m) with at least two trials; its shape is {table.shape}.")
    if n_blocks < 2 or n_blocks % 2 or len(table) < 2 * n_blocks:
        raise DatasetError(
            f"n_blocks must be even, and there must be at least two rows per block; there are {n_blocks} blocks and "
            f"{len(table)} rows."
        )
    return table


def _sharpe(sums: Floats, squares: Floats, sizes: npt.NDArray[np.int64]) -> Floats:
    """Return each trial's Sharpe ratio over some blocks; 0 where returns do not vary."""
    n = sizes.sum()
    mean = sums.sum(axis=0) / n
    variance = squares.sum(axis=0) / n - mean**2
    ratio = np.divide(mean, np.sqrt(np.maximum(variance, 0)), out=np.zeros_like(mean), where=variance > 1e-300)
    return np.asarray(ratio)
