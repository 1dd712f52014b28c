# cython: annotation_typing=False
"""Samples between the recording of their features and that of their label. Compiled: there may be one per bar."""

from collections.abc import Hashable
from typing import Any

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

__all__ = ["DEFAULT_KEY", "OpenSample", "labelled_sample"]

#: The key of the sample that `record_features` opens without a key.
DEFAULT_KEY: Hashable = None
# What each sample has, in this order. A copy of it has room for all keys from the start, and so does not grow.
BLANK: dict[str, Any] = dict.fromkeys(("time", "features", "label", "label_time", "exchange", "symbol", "timeframe"))


class OpenSample:
    """Features that wait for their label.

    Attributes
    ----------
    time : int
        Opening time of the candle of the features, UTC seconds.
    features : dict
        Values by name.
    extra : dict
        What else the sample carries, such as ``side``.
    """

    def __init__(self, time: int, features: dict[str, Any], extra: dict[str, Any]) -> None:
        self.time = time
        self.features = features
        self.extra = extra


def labelled_sample(
    strategy: Any, opened: OpenSample, name: str, value: bool | int | float, label_time: int
) -> dict[str, Any]:
    """Return the sample that an open sample becomes when its label is known.

    Parameters
    ----------
    strategy : Strategy
        Its exchange, symbol and timeframe go into the sample.
    opened : OpenSample
        The features.
    name, value : str, and bool, int or float
        The label.
    label_time : int
        When the label became known, UTC seconds.
    """
    sample = BLANK.copy()
    sample["time"] = opened.time
    sample["features"] = opened.features
    sample["label"] = {"name": name, "value": value}
    sample["label_time"] = label_time
    sample["exchange"] = strategy.exchange
    sample["symbol"] = strategy.symbol
    sample["timeframe"] = strategy.timeframe
    if opened.extra:
        sample.update(opened.extra)
    return sample
