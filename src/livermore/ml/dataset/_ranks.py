"""Features ranked across symbols: where a symbol stands among all others at the same time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livermore.errors import DatasetError, FeatureError
from livermore.ml.dataset._dataset import Dataset
from livermore.typing import Floats, Integers

__all__ = ["cross_sectional_rank"]


def cross_sectional_rank(dataset: Dataset, features: Sequence[str] | None = None) -> Dataset:
    """Replace features by their ranks across the symbols of each time.

    Parameters
    ----------
    dataset : Dataset
        Samples of several symbols.
    features : sequence of str, optional
        Which features; all by default.

    Returns
    -------
    Dataset
        The same samples. Instead of a feature ``rsi`` it has ``rsi_rank``, the share of the samples of that time whose
        value is lower, ties counting half: in (0, 1), 0.5 where a sample is alone. What is missing stays missing and
        does not count.

    Raises
    ------
    DatasetError
        If this is no data set, the samples are of one symbol, or do not say of which.
    FeatureError
        If a feature does not exist, or one with the name of its rank does.

    Notes
    -----
    Samples of one time are those whose bars end at the same time: nothing that was known later has a part in a rank,
    so ranks may be taken before the data are split. Whoever uses the model must rank over the same symbols; its
    features have names of their own, so that it cannot be asked with values that are no ranks.

    Examples
    --------
    >>> data = Dataset.from_samples(
    ...     [
    ...         {
    ...             "time": time,
    ...             "symbol": symbol,
    ...             "features": {"change": change},
    ...             "label": {"name": "win", "value": change > 0},
    ...         }
    ...         for time, changes in ((0, (0.1, -0.2, 0.4)), (60, (5.0, 7.0, 6.0)))
    ...         for symbol, change in zip(("ADA-USDT", "BTC-USDT", "ETH-USDT"), changes)
    ...     ]
    ... )
    >>> ranked = cross_sectional_rank(data, ["change"])
    >>> ranked.feature_names, ranked.X[:, 0].round(3).tolist()
    (('change_rank',), [0.5, 0.167, 0.833, 0.167, 0.833, 0.5])
    """
    if not isinstance(dataset, Dataset):
        raise DatasetError(
            "cross_sectional_rank takes a Dataset; of a list of samples make one by Dataset.from_samples."
        )
    if dataset.market is None:
        raise DatasetError(
            "Ranks across symbols need samples of several symbols, and these are of one, or do not say of which. "
            "Gather them with gather_universe, or give each sample its symbol."
        )
    chosen = set(dataset.feature_names if features is None else _known(dataset, features))
    names = [f"{name}_rank" if name in chosen else name for name in dataset.feature_names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FeatureError(f"there is a feature {twice[0]!r} already; rename it, or leave it out of the ranking.")
    place = np.unique(dataset.bar_end, return_inverse=True)[1].reshape(-1)
    order = np.argsort(names)
    X = np.empty_like(dataset.X)
    for column, i in enumerate(order):
        values = dataset.X[:, i]
        X[:, column] = _ranks(values, place) if dataset.feature_names[i] in chosen else values
    return replace(
        dataset,
        X=X,
        feature_names=tuple(names[i] for i in order),
        bool_features=dataset.bool_features - chosen,
    )


def _known(dataset: Dataset, features: Sequence[str]) -> list[str]:
    """Return the names of features that are all there."""
    asked = [features] if isinstance(features, str) else list(features)
    unknown = [name for name in asked if name not in dataset.feature_names]
    if unknown:
        raise FeatureError(
            f"there is no feature {unknown[0]!r} to rank; there are {', '.join(map(repr, dataset.feature_names))}."
        )
    return asked


def _ranks(values: Floats, place: Integers) -> Floats:
    """Return the rank of each value among those of its place, in (0, 1); NaN where it is missing."""
    ranks = np.full(values.size, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return ranks
    distinct, code = np.unique(values[known], return_inverse=True)
    at = place[known]
    key = at * distinct.size + code.reshape(-1)
    ordered = np.sort(key)
    below, up_to = np.searchsorted(ordered, key), np.searchsorted(ordered, key, side="right")
    ranks[known] = ((below + up_to) / 2 - np.searchsorted(ordered, at * distinct.size)) / np.bincount(at)[at]
    return ranks
