"""Recorded features whose values need no second look, compiled: a strategy may record some on each bar."""

import cython
import numpy as np

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

NUMPY_FLOAT = np.float64


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
