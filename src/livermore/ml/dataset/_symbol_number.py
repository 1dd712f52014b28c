"""A symbol as a number, so that a model may be told which symbol a sample is of."""

import zlib
from dataclasses import replace

import numpy as np

from livermore.errors import DatasetError, FeatureError
from livermore.ml.dataset._dataset import Dataset

__all__ = ["SYMBOL_NUMBER", "symbol_number", "with_symbol_number"]

#: Name of the feature that `with_symbol_number` adds.
SYMBOL_NUMBER = "symbol_number"


def symbol_number(symbol: str) -> float:
    """Return a number that stands for a symbol, the same on every machine.

    Parameters
    ----------
    symbol : str
        Such as ``"BTC-USDT"``.

    Returns
    -------
    float
        A whole number from 0 to 4,294,967,295, the CRC-32 of the name. It has no order that means anything: it is for
        `livermore.ml.symbol_scaler.SymbolScaler`, which tells symbols apart by it and takes it out.

    Examples
    --------
    >>> symbol_number("BTC-USDT")
    61289663.0
    """
    return float(zlib.crc32(symbol.encode()))


def with_symbol_number(dataset: Dataset) -> Dataset:
    """Add the feature ``symbol_number`` to samples that say of which symbol they are.

    Parameters
    ----------
    dataset : Dataset
        Samples with symbols.

    Returns
    -------
    Dataset
        The same samples with one feature more. A strategy that uses the model records the same feature, as
        ``"symbol_number": symbol_number(self.symbol)``.

    Raises
    ------
    DatasetError
        If this is no data set, the samples do not say of which symbol they are, or two symbols have one number.
    FeatureError
        If there is a feature of that name already.

    Examples
    --------
    >>> data = Dataset.from_samples(
    ...     [{"time": 0, "symbol": "BTC-USDT", "features": {"x": 1.0}, "label": {"name": "win", "value": True}}]
    ... )
    >>> with_symbol_number(data).feature_names
    ('symbol_number', 'x')
    """
    if not isinstance(dataset, Dataset):
        raise DatasetError("with_symbol_number takes a Dataset; of a list of samples make one by Dataset.from_samples.")
    if dataset.symbol is None:
        raise DatasetError(
            "The samples do not say of which symbol they are. Gather them with gather_universe, or give each its "
            "symbol."
        )
    if SYMBOL_NUMBER in dataset.feature_names:
        raise FeatureError(f"there is a feature {SYMBOL_NUMBER!r} already.")
    names, place = np.unique(dataset.symbol, return_inverse=True)
    numbers = np.array([symbol_number(str(name)) for name in names])
    if np.unique(numbers).size < numbers.size:
        raise DatasetError("Two symbols have the same number; leave one of them out.")
    every = (*dataset.feature_names, SYMBOL_NUMBER)
    order = np.argsort(every)
    X = np.column_stack([dataset.X, numbers[place.reshape(-1)]])[:, order]
    return replace(dataset, X=X, feature_names=tuple(every[i] for i in order))
