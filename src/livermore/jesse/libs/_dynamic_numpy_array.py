"""An array to which rows are appended, and whose oldest rows may be dropped."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DynamicNumpyArray"]

Array = npt.NDArray[Any]


class DynamicNumpyArray:
    """Rows in one array that has room for more, so that an append rarely copies.

    Parameters
    ----------
    shape : tuple of int
        How many rows there is room for at first, and the shape of a row.
    drop_at : int, optional
        Whenever there are so many rows, the older half of them is dropped.

    Attributes
    ----------
    array : ndarray
        The rows, and the room for more.
    index : int
        Of the last row; -1 if there is none.

    Examples
    --------
    >>> rows = DynamicNumpyArray((2, 2))
    >>> for number in range(3):
    ...     rows.append(np.array([number, 10.0 * number]))
    >>> len(rows), rows[-1], rows.get_past_item(1)
    (3, array([ 2., 20.]), array([ 1., 10.]))
    """

    def __init__(self, shape: tuple[int, ...], drop_at: int | None = None) -> None:
        self.array: Array = np.zeros(shape)
        self.index = -1
        self._room = shape[0]
        self._drop_at = drop_at

    def __len__(self) -> int:
        return self.index + 1

    def __getitem__(self, i: int | slice) -> Array:
        if isinstance(i, slice):
            return np.asarray(self.array[: self.index + 1][i])
        return np.asarray(self.array[self._place(i)])

    def __setitem__(self, i: int, item: Array) -> None:
        self.array[self._place(i)] = item

    def __str__(self) -> str:
        return str(self.array[: self.index + 1])

    def append(self, item: Array) -> None:
        """Append a row."""
        self.append_multiple(np.asarray(item)[np.newaxis])

    def append_multiple(self, items: Array) -> None:
        """Append several rows."""
        for item in items:
            if self.index + 1 == len(self.array):
                self.array = np.concatenate([self.array, np.zeros((max(self._room, 1), *self.array.shape[1:]))])
            self.index += 1
            self.array[self.index] = item
            if self._drop_at is not None and self.index + 1 >= self._drop_at:
                self._drop_older_half()

    def get_last_item(self) -> Array:
        """Return the last row.

        Raises
        ------
        IndexError
            If there is none.
        """
        return self.get_past_item(0)

    def get_past_item(self, past_index: int) -> Array:
        """Return the row that was appended so many rows before the last one.

        Raises
        ------
        IndexError
            If there is none.
        """
        if not 0 <= past_index <= self.index:
            raise IndexError(f"there is no row {past_index} before the last one: there are {len(self)} rows")
        return np.asarray(self.array[self.index - past_index])

    def delete(self, index: int, axis: int | None = None) -> None:
        """Delete a row with ``axis=0``; as in numpy, the array loses its columns without it."""
        self.array = np.delete(self.array, self._place(index), axis=axis)
        self.index -= 1

    def flush(self) -> None:
        """Delete all rows."""
        self.array = np.zeros((self._room, *self.array.shape[1:]))
        self.index = -1

    def snapshot(self) -> tuple[Array, int]:
        """Return a copy of the array, and the index of the last row."""
        return self.array.copy(), self.index

    def _place(self, i: int) -> int:
        place = i + len(self) if i < 0 else i
        if not 0 <= place <= self.index:
            raise IndexError(f"there is no row {i}: there are {len(self)} rows")
        return place

    def _drop_older_half(self) -> None:
        kept = self.array[(self.index + 1) // 2 : self.index + 1].copy()
        self.array[: len(kept)] = kept
        self.index = len(kept) - 1
