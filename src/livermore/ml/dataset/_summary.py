"""What is known of each feature of the samples that a model is trained on."""

from dataclasses import dataclass

import numpy as np

from livermore.ml.dataset._dataset import Dataset

__all__ = ["FeatureSummary", "Markets", "feature_summaries", "markets_of"]

#: Exchange, symbol and timeframe of each market; exchange and timeframe are "" where they are not known.
Markets = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FeatureSummary:
    """One feature in the training set.

    Attributes
    ----------
    name : str
        Its name.
    low, high : float
        Smallest and largest value.
    missing : int
        Number of training samples in which it is missing.
    is_bool : bool
        Whether it was recorded as a bool.

    Examples
    --------
    >>> FeatureSummary("rsi", low=12.0, high=88.0, missing=0, is_bool=False).name
    'rsi'
    """

    name: str
    low: float
    high: float
    missing: int
    is_bool: bool


def feature_summaries(train: Dataset) -> tuple[FeatureSummary, ...]:
    """Describe the features of the samples that a model is trained on; none may be missing in all of them.

    Parameters
    ----------
    train : Dataset
        The training set.

    Returns
    -------
    tuple of FeatureSummary
        In the order of the columns.

    Examples
    --------
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> [summary.name for summary in feature_summaries(data)]
    ['change']
    """
    missing = train.missing()
    low, high = np.nanmin(train.X, axis=0), np.nanmax(train.X, axis=0)
    return tuple(
        FeatureSummary(name, float(low[k]), float(high[k]), missing.get(name, 0), name in train.bool_features)
        for k, name in enumerate(train.feature_names)
    )


def markets_of(data: Dataset) -> Markets:
    """Return exchange, symbol and timeframe of all markets of a data set, sorted.

    Parameters
    ----------
    data : Dataset
        The samples.

    Returns
    -------
    tuple of tuple of str
        Empty unless every sample has a symbol.

    Examples
    --------
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> markets_of(data)
    (('Sandbox', 'BTC-USDT', '15m'),)
    """
    if data.symbol is None or not all(data.symbol):
        return ()
    unknown = np.full(len(data), "")
    columns = (unknown if values is None else values for values in (data.exchange, data.symbol, data.timeframe))
    return tuple(sorted({(str(a), str(b), str(c)) for a, b, c in zip(*columns, strict=True)}))
