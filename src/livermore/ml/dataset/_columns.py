# cython: annotation_typing=False
"""Columns out of dicts, compiled.

These two loops visit every value of every sample, so they are compiled; the rules about what a value may be stand in
`livermore.ml.dataset._samples` alone.
"""

from collections.abc import Sequence
from typing import Any

import cython

from livermore.errors import warn_uncompiled
from livermore.typing import Floats, Integers

if not cython.compiled:
    warn_uncompiled()

#: What `matrix` has seen in a column: the sum of these.
BOOL = 1
INT = 2
FLOAT = 4
NONE = 8
OTHER = 16

#: Up to here every integer is a float exactly; larger ones are of the kind `OTHER`.
EXACT = 2.0**53


def complete(samples: Sequence[Any], keys: tuple[str, ...]) -> bool:
    """Return whether all samples are dicts with these keys."""
    for sample in samples:
        if type(sample) is not dict:
            return False
        fields = sample
        for key in keys:
            if key not in fields:
                return False
    return True


def column(mappings: Sequence[Any], key: str) -> list[Any]:
    """Return what stands under a key in each dict, None where the key is missing."""
    found = []
    for mapping in mappings:
        fields = mapping
        found.append(fields.get(key))
    return found


def matrix(mappings: Sequence[Any], names: tuple[str, ...], values: Floats, kinds: Integers) -> int:
    """Write numbers from dicts to a matrix, and report which kinds of values each column holds.

    Parameters
    ----------
    mappings : sequence of n objects
        Dicts with the keys `names` and no others.
    names : tuple of f str
        The columns.
    values : ndarray of shape (n, f), float64, C-contiguous
        Written: numbers and bools; NaN for None and for every other kind.
    kinds : ndarray of shape (f,), int64
        Added to: the sum of the kinds that a column holds.

    Returns
    -------
    int
        The first row that is not such a dict; -1 if all are.
    """
    count = len(names)
    nan = float("nan")
    for row, mapping in enumerate(mappings):
        if type(mapping) is not dict or len(mapping) != count or row >= len(values):
            return row
        fields = mapping
        for at in range(count):
            # With as many keys as names, a name that is missing shows as a key that is none of the names.
            if names[at] not in fields:
                return row
            value = fields[names[at]]
            kind = type(value)
            number = nan
            # numpy's float64 is a float, too.
            if kind is float or isinstance(value, float):
                code = FLOAT
                number = value
            elif kind is bool:
                code = BOOL
                number = value
            elif value is None:
                code = NONE
            elif kind is int and -EXACT <= value <= EXACT:
                code = INT
                number = value
            else:
                code = OTHER
            kinds[at] |= code
            values[row, at] = number
    return -1
