"""Some rows of an array, without a copy where they follow one another."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from livermore.typing import Integers

__all__ = ["consecutive", "rows_of"]

Value = TypeVar("Value", bound=np.generic)


def consecutive(rows: Integers) -> slice | None:
    """Return rows that follow one another as a slice, and None for others.

    Examples
    --------
    >>> consecutive(np.array([3, 4, 5])), consecutive(np.array([3, 5])), consecutive(np.array([1, 0]))
    (slice(3, 6, None), None, None)
    """
    if not rows.size or rows[0] < 0 or rows[-1] - rows[0] + 1 != rows.size or not (np.diff(rows) == 1).all():
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1)


def rows_of(values: npt.NDArray[Value], rows: Integers) -> npt.NDArray[Value]:
    """Return some rows of an array: a view where they follow one another, else a copy.

    The training part of a split is nearly always a stretch of time, and a copy of it would be as large as the data.

    Examples
    --------
    >>> values = np.arange(10)
    >>> np.shares_memory(values, rows_of(values, np.arange(2, 5))), rows_of(values, np.array([4, 2])).tolist()
    (True, [4, 2])
    """
    found = consecutive(rows)
    return values[rows] if found is None else values[found]
