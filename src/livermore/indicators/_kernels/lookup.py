"""The way from an indicator's table to the value of a bar that has been computed already.

A table is asked for ``table[end]``, the value when `end` bars are complete. `Values` holds numbers, computed for many
bars ahead; `Beginnings` holds a pass over all bars, of which it shows the first `end`.
"""

from collections.abc import Callable
from typing import Any

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.

    def element(x: Any, place: int) -> Any:
        """Return x[place]."""
        return x[place]

    def named(kind: type, items: list[Any]) -> Any:
        """Return a NamedTuple of items."""
        return tuple.__new__(kind, items)

    def named_row(kind: type, fields: list[Any], place: int) -> Any:
        """Return a NamedTuple of the fields' elements."""
        return tuple.__new__(kind, [field[place] for field in fields])


# Values asked of a chunk before what was seen of the caller's steps is forgotten for the next.
ENOUGH = 8


@cython.cclass
class Chunk:
    """Rows of arrays, for the bars `first`, `first` + `step`, ... (`count` of them).

    Parameters
    ----------
    first, step, count : int
        Which bars the rows are of.
    fields : list of ndarray
        One array, or those of a NamedTuple.
    kind : type or None
        The NamedTuple.
    finish : callable or None
        Applied to what a row gives.
    """

    _first: cython.Py_ssize_t
    _step: cython.Py_ssize_t
    _count: cython.Py_ssize_t
    _fields: list
    _field: object
    _kind: object
    _finish: object

    def __init__(
        self, first: int, step: int, count: int, fields: list[Any], kind: object = None, finish: object = None
    ) -> None:
        self._first = first
        self._step = step
        self._count = count
        self._fields = fields
        self._field = fields[0] if fields else None
        self._kind = kind
        self._finish = finish

    @cython.ccall
    @cython.exceptval(check=False)
    def row(self, end: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Return the row of a bar, -1 where there is none."""
        ahead: cython.Py_ssize_t = end - self._first
        row: cython.Py_ssize_t = ahead
        if ahead < 0:
            return -1
        if self._step != 1:
            row = ahead // self._step
            if row * self._step != ahead:
                return -1
        return row if row < self._count else -1

    @cython.ccall
    @cython.exceptval(check=False)
    def is_behind(self, end: cython.Py_ssize_t) -> cython.bint:
        """Whether a bar is later than all the rows."""
        return end >= self._first + self._step * self._count

    @cython.ccall
    def value(self, row: cython.Py_ssize_t) -> object:
        """Return what callers get for a row."""
        kind = self._kind
        value = element(self._field, row) if kind is None else named_row(kind, self._fields, row)
        return value if self._finish is None else self._finish(value)


@cython.cclass
class Values:
    """Values by the number of bars; `reach` makes a chunk of them.

    Parameters
    ----------
    reach : callable
        From the bar whose value is asked for, the step that all askers' bars have been apart (0 where none has been
        seen yet) and the number of values that were asked of the last chunk, to a chunk that begins with that bar.
    """

    _reach: object
    _chunk: Chunk
    _before: Chunk
    _latest: object
    _latest_end: cython.Py_ssize_t
    _highest: cython.Py_ssize_t
    _stride: cython.Py_ssize_t
    _asked: cython.Py_ssize_t

    def __init__(self, reach: Callable[[int, int, int], Chunk]) -> None:
        self._reach = reach
        self._chunk = self._before = Chunk(0, 1, 0, [])
        self._latest = None
        self._latest_end = self._highest = -1
        self._stride = self._asked = 0

    def __getitem__(self, end: cython.Py_ssize_t) -> Any:
        row: cython.Py_ssize_t
        if end == self._latest_end:
            return self._latest
        self._note(end)
        chunk: Chunk = self._chunk
        row = chunk.row(end)
        if row < 0:
            chunk = self._before
            row = chunk.row(end)
        if row < 0:
            chunk = self._next(end)
            row = 0
        value = chunk.value(row)
        self._latest = value
        self._latest_end = end
        return value

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note(self, end: cython.Py_ssize_t) -> cython.void:
        """See how far the bars are apart that callers ask for."""
        a: cython.Py_ssize_t = end - self._highest
        b: cython.Py_ssize_t = self._stride
        rest: cython.Py_ssize_t
        self._asked += 1
        if a < 0:  # a look back: any bar may be next
            self._stride = 1
            return
        if self._highest >= 0 and b != 1:
            while b != 0:
                rest = a % b
                a = b
                b = rest
            self._stride = a
        self._highest = end

    @cython.cfunc
    def _next(self, end: cython.Py_ssize_t) -> Chunk:
        """Make the chunk that begins with `end`."""
        chunk: Chunk = self._reach(end, self._stride, self._asked)
        if self._asked > ENOUGH and self._chunk.is_behind(end):
            self._stride = 0
        self._asked = 0
        self._before = self._chunk
        self._chunk = chunk
        return chunk


@cython.cclass
class Beginnings:
    """The first `end` rows of a pass; `reach` computes it.

    Parameters
    ----------
    reach : callable
        From the number of bars to that of the rows computed, at least as many, a list of their arrays and the class
        of the NamedTuple that they are, or None.
    shortest : int
        Below so many rows the pass gives something else than the beginning of a longer one.
    """

    _reach: object
    _shortest: cython.Py_ssize_t
    _rows: cython.Py_ssize_t
    _fields: list
    _kind: object
    _latest: object
    _latest_end: cython.Py_ssize_t

    def __init__(self, reach: Callable[[int], tuple[int, list[Any], Any]], shortest: int) -> None:
        self._reach = reach
        self._shortest = shortest
        self._rows = 0
        self._fields = []
        self._kind = None
        self._latest = None
        self._latest_end = -1

    def __getitem__(self, end: cython.Py_ssize_t) -> Any:
        hidden: cython.Py_ssize_t
        if end == self._latest_end:
            return self._latest
        fields: list = self._fields
        kind = self._kind
        hidden = self._rows - end
        if hidden < 0 or end < self._shortest:
            rows, fields, kind = self._reach(end)
            hidden = rows - end
            if end >= self._shortest:
                self._rows, self._fields, self._kind = rows, fields, kind
        if kind is None:
            field = fields[0]
            value = field[: len(field) - hidden]
        else:
            value = named(kind, [field[: len(field) - hidden] for field in fields])
        self._latest = value
        self._latest_end = end
        return value
