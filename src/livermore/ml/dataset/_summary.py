"""What is known of each feature of the samples that a model is trained on."""

from dataclasses import dataclass

import numpy as np

from livermore.ml.dataset._dataset import Dataset

__all__ = ["FeatureSummary", "feature_summaries"]


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
    """
    missing = train.missing()
    low, high = np.nanmin(train.X, axis=0), np.nanmax(train.X, axis=0)
    return tuple(
        FeatureSummary(name, float(low[k]), float(high[k]), missing.get(name, 0), name in train.bool_features)
        for k, name in enumerate(train.feature_names)
    )
