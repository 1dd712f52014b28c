"""Samples while they are recorded, compiled: a strategy may record one on each bar."""

import cython
import numpy as np

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

NUMPY_FLOAT = np.float64


@cython.cclass
class OpenPoint:
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

    time = cython.declare(object, visibility="public")
    features = cython.declare(dict, visibility="public")
    extra = cython.declare(dict, visibility="public")

    def __init__(self, time: int, features: dict, extra: dict) -> None:
        self.time = time
        self.features = features
        self.extra = extra


@cython.ccall
def labelled_sample(place, point: OpenPoint, name: str, value, label_time):
    """Return the sample that an open point becomes when its label is known; `label_time` in seconds."""
    sample: dict = {
        "time": point.time,
        "features": point.features,
        "label": {"name": name, "value": value},
        "label_time": label_time,
        "exchange": place.exchange,
        "symbol": place.symbol,
        "timeframe": place.timeframe,
    }
    if point.extra:
        sample.update(point.extra)
    return sample


@cython.ccall
def plain_features(features: dict):
    """Return the features with numpy's floats, which indicators return, as Python's; None if a value is another.

    Parameters
    ----------
    features : dict
        Whatever a strategy recorded.

    Returns
    -------
    dict or None
        A new one. None if a name is no string, or a value neither bool, int, float nor numpy's float64: these are left
        to `livermore.strategies._samples.checked_features`.
    """
    checked: dict = {}
    for name, value in features.items():
        if type(name) is not str:
            return None
        kind = type(value)
        if kind is float or kind is int or kind is bool:
            checked[name] = value
        elif kind is NUMPY_FLOAT:
            checked[name] = float(value)
        else:
            return None
    return checked
