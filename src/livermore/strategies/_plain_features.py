# cython: annotation_typing=False
"""Samples while they are recorded, compiled: a strategy may record one on each bar."""

from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

NUMPY_FLOAT = np.float64
#: What each sample has, in this order; a copy of it has the room that it needs from the start.
BLANK: dict[str, Any] = dict.fromkeys(("time", "features", "label", "label_time", "exchange", "symbol", "timeframe"))


class OpenSample:
    """Features that wait for their label.

    Attributes
    ----------
    time : int
        Opening time of the candle of the features, in seconds.
    features : dict
        By name.
    extra : dict
        What else the sample carries, such as ``side``.
    """

    def __init__(self, time: int, features: dict[str, Any], extra: dict[str, Any]) -> None:
        self.time = time
        self.features = features
        self.extra = extra


def labelled_sample(place: Any, point: OpenSample, name: str, value: Any, label_time: int) -> dict[str, Any]:
    """Return the sample that an open point becomes when its label is known; `label_time` in seconds."""
    sample = BLANK.copy()
    sample["time"] = point.time
    sample["features"] = point.features
    sample["label"] = {"name": name, "value": value}
    sample["label_time"] = label_time
    sample["exchange"] = place.exchange
    sample["symbol"] = place.symbol
    sample["timeframe"] = place.timeframe
    if point.extra:
        sample.update(point.extra)
    return sample


def plain_features(features: dict[Any, Any]) -> dict[str, Any] | None:
    """Return the features with numpy's floats, which indicators return, as Python's; None if a value is another.

    Parameters
    ----------
    features : dict
        Whatever a strategy recorded.

    Returns
    -------
    dict or None
        A new one. None if a name is no string, or a value neither None, bool, int, float nor numpy's float64: these are
        left to `livermore.strategies._checked_features.checked_features`.
    """
    checked = features.copy()
    for name, value in features.items():
        if type(name) is not str:
            return None
        kind = type(value)
        if kind is NUMPY_FLOAT:
            checked[name] = float(value)
        elif kind is not float and kind is not int and kind is not bool and value is not None:
            return None
    return checked
