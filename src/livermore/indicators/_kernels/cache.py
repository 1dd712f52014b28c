# cython: auto_pickle=False, boundscheck=True
"""The way from a call of an indicator to the value of a bar that has been computed already.

A call finds its table by what it passes, and asks it for the value when `end` bars are complete. `Values` holds
numbers, computed for many bars ahead; `Beginnings` holds a pass over all bars, of which it shows the first `end`.
Where the last bar is still forming, there is another table, which gets the candles themselves: `Formed` goes one step
on from what `Values` holds of the bars before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels.forming import Step
from livermore.market.view import CandleView

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.

    def rows_of(view: CandleView, count: int) -> Any:
        """Return the values of a view of `count` candles, row after row; None where it is not what a series makes."""
        return np.asarray(view).reshape(-1) if view.shape == (count, 6) else None

    def slot(view: CandleView, of: Any) -> Any:
        """Return the value of a view's slot."""
        return of.__get__(view)

    def memo_of(series: Any) -> dict[Any, Any]:
        """Return a series' memo."""
        return series.memo  # type: ignore[no-any-return]

    def element(x: Any, place: int) -> Any:
        """Return x[place]."""
        return x[place]

    def all_but(hidden: int) -> slice:
        """Return the slice that leaves out the last `hidden` rows."""
        return slice(None, -hidden or None)

    def named_part(kind: type, fields: list[Any], part: slice) -> Any:
        """Return a NamedTuple of a part of each field."""
        return tuple.__new__(kind, [field[part] for field in fields])

    def named_row(kind: type, fields: list[Any], place: int) -> Any:
        """Return a NamedTuple of the fields' elements."""
        return tuple.__new__(kind, [field[place] for field in fields])

    def number(kind: type, x: float) -> Any:
        """Return a number as a numpy scalar."""
        return kind(x)

    def numbers(kind: type, scalar: type, x: Any, count: int) -> Any:
        """Return a NamedTuple of `count` numbers."""
        return tuple.__new__(kind, [scalar(x[i]) for i in range(count)])

    def prepare(memo: Any, view: type, series: Any, end: Any, forming: Any) -> None:
        """Tell what `quick` makes where a view has its attributes, and what returns the memo of its series."""

    def quick(
        call: Any, names: tuple[str, ...], defaults: dict[str, Any], positional: int, key: object, forming: object
    ) -> Any:
        """Return a callable that looks up what it can and leaves all else to `call`, a Python function.

        Its parameters behind the candles have these names, the first `positional` can be given by position.
        """
        return call


_VIEW: type = CandleView
_SERIES: object = CandleView.__dict__["series"]
_END: object = CandleView.__dict__["end"]
_FORMING: object = CandleView.__dict__["forming"]
_FLOAT: type = np.float64
# How many calls of an indicator are told from each other by the very objects that they pass.
MOST_CALLS = 16


@cython.cclass
class Table:
    """Values by the number of bars that are complete."""

    @cython.cfunc
    def value(self, end: cython.Py_ssize_t) -> object:
        """Return the value at `end` bars."""
        raise NotImplementedError

    def __getitem__(self, end: cython.Py_ssize_t) -> Any:
        return self.value(end)


class Tables(NamedTuple):
    """The tables of one indicator in one series: by the parameters of calls, and by how calls have spelled them."""

    by_parameters: dict[tuple[Any, ...], Any]
    calls: list[tuple[Any, ...]]
    found: list[Any]

    def get(self, args: tuple[Any, ...]) -> Any:
        """Return the table of a call, None where there is none; TypeError where a parameter cannot be a key."""
        table = self.by_parameters.get(args)
        if table is not None and len(self.calls) < MOST_CALLS:
            # Mostly the next call passes the very same objects; then it needs no hashes.
            self.found.append(table)
            self.calls.append(args)
        return table

    def add(self, args: tuple[Any, ...], table: Any) -> None:
        """Add the table of the calls with these parameters."""
        self.by_parameters[args] = table


@cython.cclass
class Finder:
    """Looks the values of an indicator up, however it is called; `answer` computes those that are not there.

    Parameters
    ----------
    answer : callable
        From the candles and the tuple of all parameters to the value.
    key : object
        Under which the memo of a series has the indicator's `Tables`.
    """

    _answer: object
    _key: object

    def __init__(self, answer: Callable[[Any, tuple[Any, ...]], Any], key: object) -> None:
        self._answer = answer
        self._key = key

    @cython.binding(False)
    def find(self, candles: object, args: tuple) -> Any:
        """Return the value of a call; `args` are all parameters behind the candles."""
        if type(candles) is _VIEW:
            table: Table = None
            try:
                if slot(candles, _FORMING) is False:
                    tables = memo_of(slot(candles, _SERIES)).get(self._key)
                    if tables is not None:
                        table = tables.get(args)
            except (AttributeError, TypeError):  # a slice of a view; a parameter that cannot be a key
                table = None
            if table is not None:
                return table.value(slot(candles, _END))
        return self._answer(candles, args)


prepare(memo_of, CandleView, _SERIES, _END, _FORMING)


def looked_up(call: Any, names: Any, defaults: Any, positional: int, key: object, forming: object) -> Any:
    """Return a function that looks up what it can, in as few steps as possible, and leaves all else to `call`.

    Parameters
    ----------
    call : function
        The same function in Python.
    names : tuple of str
        Its parameters behind the candles.
    defaults : dict
        Those of them that have a default.
    positional : int
        How many of them can be given by position.
    key, forming : object
        Under which the memo of a series has the indicator's `Tables` of completed bars, and of bars that form.
    """
    return quick(call, names, defaults, positional, key, forming)


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
    _numbers: cython.double[:, ::1]
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
        self._numbers = _side_by_side(count, fields)
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
        if row < 0 or row >= self._count:
            raise IndexError(f"a chunk of {self._count} rows has no row {row}")
        if self._numbers is None:
            value = element(self._field, row) if kind is None else named_row(kind, self._fields, row)
        elif kind is None:
            value = number(_FLOAT, self._numbers[row, 0])
        elif cython.compiled:
            value = numbers(kind, _FLOAT, cython.address(self._numbers[row, 0]), self._numbers.shape[1])
        else:
            value = numbers(kind, _FLOAT, self._numbers[row], self._numbers.shape[1])
        return value if self._finish is None else self._finish(value)


def _side_by_side(count: int, fields: list[Any]) -> Any:
    """Return the fields as the columns of one array; None where they are something else than series of floats."""
    if not fields or any(type(x) is not np.ndarray or x.dtype != np.float64 or x.ndim != 1 for x in fields):
        return None
    numbers = np.empty((count, len(fields)))
    for column, field in enumerate(fields):
        numbers[:, column] = field[:count]
    return numbers


@cython.cclass
class Values(Table):
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

    @cython.cfunc
    def value(self, end: cython.Py_ssize_t) -> object:
        """Return the value at `end` bars."""
        if end == self._latest_end:
            return self._latest
        chunk: Chunk = self.chunk(end)
        value = chunk.value(chunk.row(end))
        self._latest = value
        self._latest_end = end
        return value

    @cython.cfunc
    def chunk(self, end: cython.Py_ssize_t) -> Chunk:
        """Return the chunk that holds the value at `end` bars."""
        self._note(end)
        chunk: Chunk = self._chunk
        if chunk.row(end) < 0:
            chunk = self._before
            if chunk.row(end) < 0:
                chunk = self._next(end)
        return chunk

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
class Formed:
    """The value of a bar that is still forming, by the candles of which it is the last.

    Parameters
    ----------
    fewest : int
        How many candles there must be.
    states : Values or None
        What is remembered of the completed bars; None where the step needs nothing.
    make : callable
        Makes the `Step` that goes on from there; None where there is none.
    kind : type or None
        The NamedTuple of numbers that the value is.
    finish : callable or None
        Applied to the value.
    otherwise : callable
        From the candles to their value, where the step does not apply.
    """

    _fewest: cython.Py_ssize_t
    _states: Values
    _chunk: Chunk
    _chunk_end: cython.Py_ssize_t
    _make: object
    _step: Step
    _kind: object
    _finish: object
    _otherwise: object

    def __init__(self, fewest: int, states: Any, make: Any, kind: Any, finish: Any, otherwise: Any) -> None:
        self._fewest = fewest
        self._states = states
        self._chunk = None
        self._chunk_end = -1
        self._make = make
        self._step = None
        self._kind = kind
        self._finish = finish
        self._otherwise = otherwise

    def __getitem__(self, candles: Any) -> Any:
        end: cython.Py_ssize_t = slot(candles, _END)
        value = self._value(candles, end) if end >= self._fewest else None
        if value is None:
            return self._otherwise(candles)
        return value if self._finish is None else self._finish(value)

    @cython.cfunc
    def _value(self, candles: object, end: cython.Py_ssize_t) -> object:
        """Return the value when `end` rows are visible, the last of them forming; None where no step applies."""
        out = cython.declare(cython.double[8])
        applies: cython.bint
        chunk: Chunk = None
        if self._states is not None:
            chunk = self._before(end)
            if chunk._numbers is None:
                return None
        step: Step = self._made()
        if step is None:
            return None
        rows = rows_of(candles, end)
        if rows == cython.NULL if cython.compiled else rows is None:
            return None
        if chunk is None:
            applies = step.go_on(cython.NULL, rows, end - 1, out)
        elif cython.compiled:
            before = cython.address(chunk._numbers[chunk.row(end - 1), 0])
            applies = step.go_on(before, rows, end - 1, out)
        else:
            applies = step.go_on(chunk._numbers[chunk.row(end - 1)], rows, end - 1, out)
        if not applies:
            return None
        return number(_FLOAT, out[0]) if self._kind is None else numbers(self._kind, _FLOAT, out, step.size)

    @cython.cfunc
    def _before(self, end: cython.Py_ssize_t) -> Chunk:
        """Return the chunk of what is remembered before the last row; mostly the same bar has been asked for before."""
        chunk: Chunk = self._chunk
        if end != self._chunk_end:
            chunk = self._states.chunk(end - 1)
            self._chunk = chunk
            self._chunk_end = end
        return chunk

    @cython.cfunc
    def _made(self) -> Step:
        """Return the step, made when it is first needed: the parameters have been looked at by then."""
        if self._step is None and self._make is not None:
            self._step = self._make()
            self._make = None
        return self._step


@cython.cclass
class Beginnings(Table):
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

    @cython.cfunc
    def value(self, end: cython.Py_ssize_t) -> object:
        """Return the value at `end` bars."""
        hidden: cython.Py_ssize_t
        if end == self._latest_end:
            return self._latest
        fields: list = self._fields
        kind = self._kind
        hidden = self._rows - end
        if hidden < 0 or end < self._shortest or not fields:
            rows, fields, kind = self._reach(end)
            hidden = rows - end
            if end >= self._shortest:
                self._rows, self._fields, self._kind = rows, fields, kind
        part = all_but(hidden)
        value = fields[0][part] if kind is None else named_part(kind, fields, part)
        self._latest = value
        self._latest_end = end
        return value
