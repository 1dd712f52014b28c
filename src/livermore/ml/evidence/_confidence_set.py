"""The model confidence set: which of several models cannot be told from the best."""

import numpy as np

from livermore.errors import DatasetError, MissingExtraError
from livermore.typing import Booleans, Floats

__all__ = ["model_confidence_set"]

RESAMPLES = 1000
SEED = 20_110_301


def model_confidence_set(losses: Floats, block_length: float, level: float = 0.05) -> Booleans:
    """Return which models are in the set that holds the best one with confidence ``1 - level``.

    Parameters
    ----------
    losses : ndarray of shape (n, m)
        Loss of each of m models at n times, in order of time.
    block_length : float
        Mean length of the blocks of the bootstrap, in times.
    level : float
        Probability that the best model is left out.

    Returns
    -------
    ndarray of shape (m,) of bool

    Raises
    ------
    MissingExtraError
        If the library `arch` (extra ``arch``) is not installed.
    DatasetError
        If losses are not finite, or there are fewer than two times.

    Notes
    -----
    Hansen, Lunde and Nason, *The Model Confidence Set*, Econometrica 2011: the worst model is left out as long as the
    hypothesis that all are equally good is rejected. Unlike tests of each model against the best one, the confidence
    holds whatever the number of models.

    Examples
    --------
    Models that are always equally good:

    >>> model_confidence_set(np.array([[0.3, 0.3], [0.1, 0.1], [0.2, 0.2]]), 1.0).tolist()
    [True, True]
    """
    if losses.ndim != 2 or len(losses) < 2 or not losses.shape[1] or not np.isfinite(losses).all():
        raise DatasetError(f"losses must be finite and of shape (n, m) with n >= 2; their shape is {losses.shape}.")
    # Models whose losses are the same at all times have no difference to be tested.
    different, place = np.unique(losses, axis=1, return_inverse=True)
    if different.shape[1] == 1:
        return np.ones(losses.shape[1], dtype=np.bool_)
    try:
        from arch.bootstrap import MCS
    except ImportError:
        raise MissingExtraError.of("arch", extra="arch") from None
    block = int(np.clip(round(block_length), 1, len(losses) // 2))
    chosen = MCS(different, size=level, reps=RESAMPLES, block_size=block, bootstrap="stationary", seed=SEED)
    chosen.compute()
    included = np.isin(np.arange(different.shape[1]), np.asarray(chosen.included, dtype=np.int64))
    return np.asarray(included[place.reshape(-1)])
