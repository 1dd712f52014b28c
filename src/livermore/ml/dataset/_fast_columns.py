# cython: annotation_typing=False
"""Columns of samples that hold nothing but plain Python numbers and texts, compiled: nearly all do.

Each function gives up at the first thing that is anything else, or raises OverflowError where a number is too large
for C; `livermore.ml.dataset._samples` then looks at the samples one by one, and says what is wrong with one.
"""

from collections.abc import Iterable
from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: What `shared` returns where values differ.
DIFFERENT = object()


def have(samples: Iterable[Any], keys: tuple[str, ...]) -> bool:
    """Whether all are dicts with these keys."""
    for sample in samples:
        if type(sample) is not dict:
            return False
        found = sample
        for key in keys:
            if key not in found:
                return False
    return True


def shared(samples: Iterable[Any], key: str) -> Any:
    """Return the one object that stands under a key in all dicts, None if none has the key; else `DIFFERENT`."""
    same = DIFFERENT
    for sample in samples:
        if type(sample) is not dict:
            return DIFFERENT
        found = sample
        value = found.get(key)
        if value is not same:
            if same is not DIFFERENT:
                return DIFFERENT
            same = value
    return same


def take_features(samples: Iterable[Any], names: tuple[str, ...], values: Floats, booleans: Integers) -> bool:
    """Write the features of all samples to `values`, and for each how many are bool to `booleans`.

    Parameters
    ----------
    samples : sequence of n dict
        With the key ``features``.
    names : tuple of f str
        Which features all must have, and no others.
    values : ndarray of shape (n, f), float64, C-contiguous
        Written.
    booleans : ndarray of shape (f,), int64
        Counted up.

    Returns
    -------
    bool
        False if any of them is no number, or an infinite one; what was written then means nothing.
    """
    count = len(names)
    for row, sample in enumerate(samples):
        if type(sample) is not dict or row >= len(values):
            return False
        found = sample
        given = found["features"]
        if type(given) is not dict or len(given) != count:
            return False
        features = given
        for column in range(count):
            value = features.get(names[column])
            kind = type(value)
            if kind is bool:
                booleans[column] += 1
            elif kind is not float and kind is not int:
                return False
            number = value
            # Infinity less itself is NaN, too; NaN stands for what is missing.
            if number - number != 0 and number == number:
                return False
            values[row, column] = number
    return True


def take_labels(samples: Iterable[Any], bound: float) -> tuple[str, list[Any]] | None:
    """Return the name that all labels have, and their values, which lie between `-bound` and `bound`; else None."""
    name = None
    values = []
    for sample in samples:
        if type(sample) is not dict:
            return None
        found = sample
        given = found["label"]
        if type(given) is not dict:
            return None
        label = given
        title = label.get("name")
        if name is None:
            if type(title) is not str:
                return None
            name = title
        elif title is not name and (type(title) is not str or title != name):
            return None
        value = label.get("value")
        kind = type(value)
        if kind is not bool and kind is not int and kind is not float:
            return None
        number = value
        if not -bound < number < bound:
            return None
        values.append(value)
    return (name, values) if name is not None else None


def take_times(samples: Iterable[Any], key: str, bound: int, times: Integers) -> bool:
    """Write the whole numbers under a key to `times`, shape (n,); False if any is none or not within `bound`."""
    for row, sample in enumerate(samples):
        if type(sample) is not dict or row >= len(times):
            return False
        found = sample
        value = found.get(key)
        if type(value) is not int:
            return False
        time = value
        if not -bound < time < bound:
            return False
        times[row] = time
    return True
