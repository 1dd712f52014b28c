# cython: auto_pickle=False, boundscheck=True
"""Tables of values that indicators have computed, and the way from a call to its table.

A call finds its table by its parameters and asks it for the value when `end` bars are complete. `Values` holds numbers,
computed for many bars ahead; `Prefixes` holds one pass over all bars, of which it shows the first `end`. For a partial
bar, one that is not complete, `PartialBarValues` advances the state that `Values` remembers of the bars before it.

Indices are checked here (``boundscheck``), and chunks refuse rows that they do not have: whatever callers do to the
attributes of a view, nothing is read out of range.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.indicators._kernels.recursions import Recursion
from livermore.market.view import CandleView

if not cython.compiled:
    warn_uncompiled()

    # The compiled ones are in the .pxd.

    def rows_of(view: CandleView, count: int) -> Any:
        """Return the values of a view of `count` candles, row after row; None where it is not what a series makes."""
        return np.asarray(view).reshape(-1) if view.shape == (count, 6) else None

    def memo_of(series: Any) -> dict[Any, Any]:
        """Return a series' memo."""
        return series.memo  # type: ignore[no-any-return]

    def named_tuple(kind: type, fields: list[Any]) -> Any:
        """Return a NamedTuple of these fields."""
        return tuple.__new__(kind, fields)

    def number(kind: type, x: float) -> Any:
        """Return a number as a numpy scalar."""
        return kind(x)

    def first_of(x: Any) -> Any:
        """Return what stands for a pointer to the first number of an array."""
        return x.reshape(-1)

    def prepare(memo: Any, view: type, series: Any, end: Any, forming: Any) -> None:
        """Tell the compiled callables where a view has its attributes, and what returns the memo of its series."""

    def make_fast(
        fallback: Any, find: Any, names: Any, defaults: Any, positional: int, key: object, partial_key: object
    ) -> Any:
        """Return the function in Python."""
        return fallback


_VIEW: Any = CandleView
_FLOAT: type = np.float64
# How many calls of an indicator are recognised by the very objects that they pass. Strategies pass constants, so few
# are enough; without this list all calls cost a tuple and its hash: 26 % of a gathering with 3 features.
MOST_CALLS = 16
# A call is recognised by its objects only if none of them can change: an array of one number, or an object with
# __index__, may have another value at the next call.
_IMMUTABLE = frozenset(
    (int, float, str, bool, type(None), *(x for x in np.sctypeDict.values() if issubclass(x, np.number | np.bool_)))
)

_SLOTS = CandleView.__dict__
prepare(memo_of, CandleView, _SLOTS["_series"], _SLOTS["end"], _SLOTS["forming"])


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
    """The tables of one indicator in one series: by the parameters of calls, and by the objects that calls passed."""

    by_parameters: dict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]
    calls: list[tuple[tuple[Any, ...], Any]]

    def get(self, args: tuple[Any, ...]) -> Any:
        """Return the table of a call, None where there is none; TypeError where a parameter cannot be a key."""
        i: cython.Py_ssize_t
        found = self.by_parameters.get(args)
        if found is None:
            return None
        known: tuple[Any, ...] = found[0]
        # 1, 1.0 and True are equal keys, but not all of them are parameters that an indicator accepts.
        for i in range(len(known)):
            if type(args[i]) is not type(known[i]):
                return None
        if len(self.calls) < MOST_CALLS:
            self.note(args, found[1])
        return found[1]

    def add(self, args: tuple[Any, ...], table: Any) -> None:
        """Add the table of the calls with these parameters."""
        self.by_parameters[args] = args, table

    def note(self, args: tuple[Any, ...], table: Any) -> None:
        """Remember the objects of a call: mostly the next call passes the same, and then needs no hash of them."""
        if len(self.calls) < MOST_CALLS and all([type(x) in _IMMUTABLE for x in args]):
            self.calls.append((args, table))


@cython.cclass
class Finder:
    """Looks up the values of an indicator; `answer` computes those that are not there.

    Parameters
    ----------
    answer : callable
        From the candles and the tuple of all other parameters to the value.
    key, partial_key : object
        Under which the memo of a series has the indicator's `Tables`, of completed and of partial bars.
    """

    _answer: Any
    _key: Any
    _partial_key: Any

    def __init__(self, answer: Callable[[Any, tuple[Any, ...]], Any], key: object, partial_key: object) -> None:
        self._answer = answer
        self._key = key
        self._partial_key = partial_key

    @cython.binding(False)
    def find(self, candles: Any, args: tuple[Any, ...]) -> Any:
        """Return the value of a call; `args` are all parameters after the candles."""
        if type(candles) is _VIEW:
            table: Any = None
            place: Any = None
            try:
                forming = candles.forming
                place = candles if forming else candles.end
                tables = memo_of(candles._series).get(self._partial_key if forming else self._key)
                if tables is not None:
                    table = tables.get(args)
            except (AttributeError, TypeError):  # a slice of a view; a parameter that cannot be a key
                table = None
            if table is not None:
                return table[place]
        return self._answer(candles, args)


def fast_callable(
    fallback: Any,
    find: Any,
    names: tuple[str, ...],
    defaults: dict[str, Any],
    positional: int,
    key: object,
    partial_key: object,
) -> Any:
    """Return a callable that looks values up without calling Python; where nothing is compiled, `fallback`.

    Parameters
    ----------
    fallback : callable
        Gets the calls that do not fit the signature.
    find : callable
        From the candles and the tuple of all other parameters to the value: `Finder.find`.
    names : tuple of str
        The parameters after the candles.
    defaults : dict
        Those of them that have a default.
    positional : int
        How many of them can be given by position.
    key, partial_key : object
        As in `Finder`.
    """
    return make_fast(fallback, find, names, defaults, positional, key, partial_key)


# After so many reads of a chunk the step between reads is estimated again.
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
    _fields: list[Any]
    _kind: Any
    _finish: Any

    def __init__(
        self, first: int, step: int, count: int, fields: list[Any], kind: Any = None, finish: Any = None
    ) -> None:
        self._first = first
        self._step = step
        self._count = count
        self._numbers = _side_by_side(count, fields)
        self._fields = fields
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
    def ends_before(self, end: cython.Py_ssize_t) -> cython.bint:
        """Tell whether a bar is later than all the rows."""
        return end >= self._first + self._step * self._count

    @cython.ccall
    def value(self, row: cython.Py_ssize_t) -> object:
        """Return what callers get for a row."""
        kind = self._kind
        numbers: cython.double[:, ::1] = self._numbers
        if row < 0 or row >= self._count:
            raise IndexError(f"a chunk of {self._count} rows has no row {row}")
        if numbers is None:
            values = [field[row] for field in self._fields]
            value = values[0] if kind is None else named_tuple(kind, values)
        elif kind is None:
            value = number(_FLOAT, numbers[row, 0])
        else:
            value = named_tuple(kind, [number(_FLOAT, numbers[row, k]) for k in range(numbers.shape[1])])
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
    """Values by the number of bars.

    Parameters
    ----------
    compute_chunk : callable
        From the bar whose value is asked for, the step that all bars asked for have been apart (0 where none has been
        seen yet) and the number of values that were asked of the last chunk, to a chunk that begins with that bar.
    """

    _compute_chunk: Any
    _chunk: Chunk
    _before: Chunk
    _latest: Any
    _latest_end: cython.Py_ssize_t
    _highest: cython.Py_ssize_t
    _stride: cython.Py_ssize_t
    _asked: cython.Py_ssize_t

    def __init__(self, compute_chunk: Callable[[int, int, int], Chunk]) -> None:
        self._compute_chunk = compute_chunk
        self._chunk = self._before = Chunk(0, 1, 0, [])
        self._latest = None
        self._latest_end = self._highest = -1
        self._stride = self._asked = 0

    @cython.cfunc
    def value(self, end: cython.Py_ssize_t) -> object:
        """Return the value at `end` bars."""
        # Several callers often ask for the same bar, and the same object serves them all.
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
        # The chunk before the newest is kept for callers that look some bars back.
        if chunk.row(end) < 0:
            chunk = self._before
            if chunk.row(end) < 0:
                chunk = self._next(end)
        return chunk

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note(self, end: cython.Py_ssize_t) -> cython.void:
        """Note how far apart the bars are that callers ask for: the greatest common divisor of their distances."""
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
        """Compute the chunk that begins with `end`."""
        chunk: Chunk = self._compute_chunk(end, self._stride, self._asked)
        if self._asked > ENOUGH and self._chunk.ends_before(end):
            self._stride = 0
        self._asked = 0
        self._before = self._chunk
        self._chunk = chunk
        return chunk


@cython.cclass
class PartialBarValues:
    """The value of a partial bar, by the candles of which it is the last.

    Parameters
    ----------
    fewest : int
        How many candles there must be.
    states : Values or None
        States of the recursion at the completed bars; None where it needs none.
    recursion : Recursion
        Advances the state by the partial bar.
    kind : type or None
        The NamedTuple of numbers that the value is.
    finish : callable or None
        Applied to the value.
    recompute : callable
        From the candles to their value, where the recursion does not apply.
    """

    _fewest: cython.Py_ssize_t
    _states: Values
    _recursion: Recursion
    _kind: Any
    _finish: Any
    _recompute: Any
    # One state and one value, in the first of as many lanes as recursions have.
    _state: cython.double[:, ::1]
    _value: cython.double[:, ::1]

    def __init__(self, fewest: int, states: Any, recursion: Any, kind: Any, finish: Any, recompute: Any) -> None:
        self._fewest = max(fewest, 1)
        self._states = states
        self._recursion = recursion
        self._kind = kind
        self._finish = finish
        self._recompute = recompute
        self._state = np.zeros((recursion.states, 16))
        self._value = np.zeros((recursion.size, 16))

    def __getitem__(self, candles: Any) -> Any:
        end: cython.Py_ssize_t = candles.end
        if end < self._fewest or not self._compute(candles, end):
            return self._recompute(candles)
        if self._kind is None:
            value = number(_FLOAT, self._value[0, 0])
        else:
            value = named_tuple(self._kind, [number(_FLOAT, self._value[k, 0]) for k in range(self._value.shape[0])])
        return value if self._finish is None else self._finish(value)

    @cython.cfunc
    def _compute(self, candles: Any, end: cython.Py_ssize_t) -> cython.bint:
        """Compute the value when `end` rows are visible, the last of them partial; return False if that fails."""
        k: cython.Py_ssize_t
        row: cython.Py_ssize_t
        rows = rows_of(candles, end)
        if rows == cython.NULL if cython.compiled else rows is None:
            return False
        # The state is copied: while a bar is partial, each of its values starts from the same completed bars.
        if self._states is not None:
            chunk: Chunk = self._states.chunk(end - 1)
            row = chunk.row(end - 1)
            if chunk._numbers is None or row < 0:
                return False
            for k in range(self._recursion.states):
                self._state[k, 0] = chunk._numbers[row, k]
        self._recursion.update(first_of(self._state), rows, end - 1)
        self._recursion.value(first_of(self._state), 16, first_of(self._value))
        if self._recursion.nan_reaches_back:
            for k in range(self._value.shape[0]):
                if self._value[k, 0] != self._value[k, 0]:
                    return False
        return True


@cython.cclass
class Prefixes(Table):
    """The first `end` rows of a pass.

    Parameters
    ----------
    compute : callable
        From the number of bars to that of the rows computed, at least as many, a list of their arrays and the class
        of the NamedTuple that they are, or None.
    min_rows : int
        Below so many rows the pass gives something else than the beginning of a longer one.
    """

    _compute: Any
    _min_rows: cython.Py_ssize_t
    _rows: cython.Py_ssize_t
    _fields: list[Any]
    _kind: Any
    _latest: Any
    _latest_end: cython.Py_ssize_t

    def __init__(self, compute: Callable[[int], tuple[int, list[Any], Any]], min_rows: int) -> None:
        self._compute = compute
        self._min_rows = max(min_rows, 1)
        self._rows = 0
        self._fields = []
        self._kind = None
        self._latest = None
        self._latest_end = -1

    @cython.cfunc
    def value(self, end: cython.Py_ssize_t) -> object:
        """Return the value at `end` bars."""
        if end == self._latest_end:
            return self._latest
        fields: list[Any] = self._fields
        kind = self._kind
        rows: cython.Py_ssize_t = self._rows
        if end > rows or end < self._min_rows or not fields:
            rows, fields, kind = self._compute(end)
            if end >= self._min_rows:
                self._rows, self._fields, self._kind = rows, fields, kind
        # What is cut off is counted from the end, since a field may have fewer elements than there are rows.
        parts = [field[: len(field) - (rows - end)] for field in fields]
        value = parts[0] if kind is None else named_tuple(kind, parts)
        self._latest = value
        self._latest_end = end
        return value
