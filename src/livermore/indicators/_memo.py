"""What turns a pass over candles into an indicator: windows, arguments, results, and the memo of a run.

An indicator is written as a *pass*: rows in, arrays of as many rows out, each value from the rows up to its own. Two
semantics follow from it, and both are looked up where the candles are a view of a run's series:

- ``sequential=True``: the pass over all the rows that are given;
- otherwise: the last value of the pass over the last W rows, W being the run's ``warm_up_candles``.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from livermore.candles._series import CandleSeries, CandleView, origin_of
from livermore.candles._window import indicator_window
from livermore.errors import IndicatorError
from livermore.indicators._kernels.lookup import lookup, spelled
from livermore.indicators._source import Series

P = ParamSpec("P")
R = TypeVar("R")

# Bars computed ahead of the one that is asked for: few at first, since a run may ask only once.
FIRST_CHUNK, LARGEST_CHUNK = 64, 4096
# Values kept behind the newest, for indicators of `candles[:-k]`.
KEPT = 64
# Windows computed side by side: about 32 of the usual length, so that what a pass holds of them fits the caches.
LANE_VALUES, FEWEST_LANES, MOST_LANES = 8_000, 8, 128


class Indicator(Protocol[P, R]):
    """An indicator: call it on candles; `compute` is its bare pass."""

    __name__: str
    compute: Callable[P, R]
    traits: "Traits[R]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the last value, or the whole series with ``sequential=True``."""


@dataclass(frozen=True, eq=False)
class Traits(Generic[R]):
    """What the framework knows of an indicator; see `indicator` for the meaning."""

    name: str
    compute: Callable[..., R]
    signature: inspect.Signature
    series_ok: bool
    windowed: bool
    window_series: bool
    lanes: bool
    memory: Callable[..., int] | None
    ends: Callable[..., Any] | None
    shortest: Callable[..., int] | None
    last: Callable[[Any], Any] | None
    finish: Callable[[Any], Any] | None
    sequential_at: int
    sequential_default: bool

    def is_sequential(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a call asks for the whole series; `args` are those behind the candles."""
        if "sequential" in kwargs:
            return bool(kwargs["sequential"])
        if 0 <= self.sequential_at < len(args):
            return bool(args[self.sequential_at])
        return self.sequential_default

    def value(self, result: Any) -> Any:
        """Return the last value of what a pass returned."""
        if self.last is not None:
            return self.last(result)
        value = _each(result, lambda field: field[-1])
        return value if self.finish is None else self.finish(value)

    def at(self, result: Any, row: int) -> Any:
        """Return the value of one row of what a pass returned."""
        if isinstance(result, tuple):
            value: Any = tuple.__new__(type(result), [field[row] for field in result])
        else:
            value = result[row]
        return value if self.finish is None else self.finish(value)

    def values(self, result: Any, first: int, stop: int) -> list[Any]:
        """Return the values of rows first to stop - 1 of what a pass returned."""
        if isinstance(result, tuple):
            # What the class's own _make does, less a call of Python for each row.
            make = partial(tuple.__new__, type(result))
            rows = map(make, zip(*(field[first:stop] for field in result), strict=True))
        else:
            rows = iter(result[first:stop])
        return list(rows if self.finish is None else map(self.finish, rows))


@overload
def indicator(compute: Callable[P, R]) -> Indicator[P, R]: ...
@overload
def indicator(
    *,
    series_ok: bool = ...,
    windowed: bool = ...,
    window_series: bool = ...,
    lanes: bool = ...,
    memory: Callable[..., int] | None = ...,
    ends: Callable[..., Any] | None = ...,
    shortest: Callable[..., int] | None = ...,
    last: Callable[[Any], Any] | None = ...,
    finish: Callable[[Any], Any] | None = ...,
) -> Callable[[Callable[P, R]], Indicator[P, R]]: ...
def indicator(
    compute: Callable[P, R] | None = None,
    *,
    series_ok: bool = False,
    windowed: bool = True,
    window_series: bool = False,
    lanes: bool = False,
    memory: Callable[..., int] | None = None,
    ends: Callable[..., Any] | None = None,
    shortest: Callable[..., int] | None = None,
    last: Callable[[Any], Any] | None = None,
    finish: Callable[[Any], Any] | None = None,
) -> Indicator[P, R] | Callable[[Callable[P, R]], Indicator[P, R]]:
    """Make an indicator of a pass over candles.

    The pass is a function of candles, shape (n, 6), and of its own parameters, the last of them ``sequential``, which
    it can ignore. It returns an array of n rows, or a NamedTuple of such arrays. Its row t must not depend on rows
    behind t; `livermore.testing.IndicatorSuite` checks that, and what the options below promise.

    Called in a backtest, the indicator computes many bars at once and looks the others up. Without options that is so
    for ``sequential=True``; the windows of other calls are computed one by one, and remembered.

    Parameters
    ----------
    compute : callable
        The pass.
    series_ok : bool
        Whether a series of values, shape (n,), may stand in for the candles.
    windowed : bool
        Whether a call that is not sequential sees the window alone, and not all rows.
    window_series : bool
        Whether a series, too, is cut to the window.
    lanes : bool
        Whether the pass also takes candles of shape (n, 6, m), m windows side by side, and returns arrays of shape
        (n, m), each lane to the bit what the window alone would give. Elementwise numpy does; so do the kernels.
    memory : callable, optional
        From the parameters (as keywords) to the number of rows that the last value depends on, bit for bit; for passes
        without recursion or running sums. Their windows need no computation of their own.
    ends : callable, optional
        A faster way to what `lanes` gives: from candles, the number of rows in a window and the parameters (as
        keywords) to the last row of the pass over each window, in the shape in which the pass returns its rows; or to
        None where it does not apply.
    shortest : callable, optional
        From the parameters to the number of rows below which the pass answers otherwise than the first rows of a longer
        pass (all NaN, or an error).
    last : callable, optional
        From what the pass returned to the value of a call that is not sequential, where that is not the last row.
    finish : callable, optional
        Applied to each value of a call that is not sequential.

    Returns
    -------
    Indicator
        The function that users call, with the pass as its attribute `compute`.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> @ta.indicator
    ... def body(candles, scale=1.0, sequential=False):
    ...     return scale * (candles[:, 2] - candles[:, 1])
    >>> candles = np.array([[0, 10, 11, 12, 9, 5], [60_000, 11, 13, 13, 11, 7]], dtype=float)
    >>> print(body(candles, scale=2))
    4.0
    >>> body(candles, sequential=True)
    array([1., 2.])
    """
    if compute is None:
        options = dict(locals())
        del options["compute"]
        return lambda compute: indicator(compute, **options)
    signature = inspect.signature(compute)
    names = list(signature.parameters)[1:]
    traits = Traits(
        name=compute.__name__,
        compute=compute,
        signature=signature,
        series_ok=series_ok,
        windowed=windowed,
        window_series=window_series,
        lanes=lanes,
        memory=memory,
        ends=ends,
        shortest=shortest,
        last=last,
        finish=finish,
        sequential_at=names.index("sequential") if "sequential" in names else -1,
        sequential_default="sequential" in names and signature.parameters["sequential"].default is True,
    )
    return _callable(compute, traits)


def _callable(compute: Callable[P, R], traits: Traits[R]) -> Indicator[P, R]:
    """Return the function that users call: a lookup if it can be, else `_answer`."""
    call = lookup(compute, partial(_answer, traits))
    call.__name__, call.__qualname__ = compute.__name__, compute.__qualname__
    call.__module__, call.__doc__ = compute.__module__, compute.__doc__
    call.__wrapped__ = compute  # type: ignore[attr-defined]
    indicator = cast(Indicator[P, R], call)
    indicator.compute = compute
    indicator.traits = traits
    return indicator


def _answer(traits: Traits[Any], candles: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make the table that a view's values come from, or compute the one value of other arrays."""
    origin = _origin(candles)
    if origin is None:
        return _direct(traits, np.asarray(candles, dtype=np.float64), indicator_window.get(), args, kwargs)
    series, start, end, settled = origin
    if settled:
        whole = traits.is_sequential(args, kwargs) or not traits.windowed
        if start == 0 or (not whole and 0 < series.warm_up_candles <= end - start):
            try:
                table = _table(traits, series, args, kwargs)
            except TypeError:  # a parameter that cannot be a key, or no parameter at all: the pass itself will tell
                pass
            else:
                return table[end]
    return _direct(traits, candles.view(np.ndarray), series.warm_up_candles, args, kwargs)


def _origin(candles: Any) -> tuple[CandleSeries, int, int, bool] | None:
    """Return the series, the interval of rows, and whether all of them are completed bars; None for other arrays."""
    if not isinstance(candles, CandleView):
        return None
    if hasattr(candles, "series") and hasattr(candles, "end"):
        return candles.series, 0, candles.end, not candles.forming
    found = origin_of(candles)
    return None if found is None else (*found, found[2] <= found[0].revealed)


def _direct(
    traits: Traits[Any], rows: npt.NDArray[Any], window: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Compute from the rows themselves."""
    if rows.ndim != 2 or not len(rows):
        _check_rows(traits, rows)
    if traits.is_sequential(args, kwargs):
        return traits.compute(rows, *args, **kwargs)
    if 0 < window < len(rows) and traits.windowed and (rows.ndim == 2 or traits.window_series):
        rows = rows[-window:]
    return traits.value(traits.compute(rows, *args, **kwargs))


def _check_rows(traits: Traits[Any], rows: npt.NDArray[Any]) -> None:
    if rows.ndim not in (1, 2):
        raise IndicatorError(f"{traits.name}: candles have shape {rows.shape}; they must be rows of 6 columns")
    if rows.ndim == 1 and not traits.series_ok:
        raise IndicatorError(
            f"{traits.name} needs candles, shape (n, 6), and got a series of shape {rows.shape}; "
            "pass the candles, and choose the column with source_type where there is one"
        )
    if not len(rows):
        raise IndicatorError(f"{traits.name}: there are no candles; give it at least one row")


def _table(traits: Traits[Any], series: CandleSeries, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the table of a call's parameters, however the call spells them."""
    spelling = spelled(traits.compute, args, kwargs)
    table = series.memo.get(spelling)
    if table is None:
        bound = traits.signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        params = dict(list(bound.arguments.items())[1:])
        sequential = bool(params.get("sequential", False))
        key = (traits.compute, sequential, *((name, v) for name, v in params.items() if name != "sequential"))
        table = series.memo.get(key)
        if table is None:
            make = _Prefixes if sequential else _Windows
            table = series.memo[key] = make(traits, series, params)
        series.memo[spelling] = table
    return table


class _Prefixes(dict[int, Any]):
    """Results of ``sequential=True`` by the number of bars: read-only beginnings of one pass over all bars."""

    __slots__ = ("_params", "_result", "_rows", "_series", "_shortest", "_traits")

    def __init__(self, traits: Traits[Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._traits = traits
        self._series = series
        self._params = params
        self._shortest = _shortest(traits, params)
        self._rows = 0
        self._result: Any = None

    def __missing__(self, end: int) -> Any:
        if end < self._shortest:
            return _frozen(self._traits.compute(self._series.bars[:end], **self._params))
        if end > self._rows:
            rows = max(end, self._series.size)
            self._result = _frozen(self._traits.compute(self._series.bars[:rows], **self._params))
            self._rows = rows
        result, hidden = self._result, self._rows - end
        if isinstance(result, tuple):
            # As the class's own _make does, less a call of Python.
            prefix = tuple.__new__(type(result), [field[: len(field) - hidden] for field in result])
        else:
            prefix = result[: len(result) - hidden]
        self.clear()
        self[end] = prefix
        return prefix


class _Windows(dict[int, Any]):
    """Values of calls that are not sequential by the number of bars: the newest, and some ahead of them.

    Arrays are computed for many bars ahead; they are turned into the values that callers get in blocks, which are the
    larger the fewer bars the callers skip.
    """

    __slots__ = ("_block", "_chunk", "_first", "_made", "_params", "_result", "_series", "_stop", "_traits")

    def __init__(self, traits: Traits[Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._traits = traits
        self._series = series
        self._params = params
        self._chunk = FIRST_CHUNK
        self._block = 1
        # The arrays reach from `_first` bars to fewer than `_stop`; up to `_made` callers have been.
        self._first = self._stop = self._made = 0
        self._result: Any = None

    def __missing__(self, end: int) -> Any:
        made, first = self._made, self._first
        if end < first or self._traits.last is not None:  # a look far back, or nothing that has rows
            value = self[end] = self._alone(end)
            return value
        if end >= self._stop:
            self._reach(end)
            first = end
        if len(self) > 2 * KEPT:
            for old in [key for key in self if key < end - KEPT]:
                del self[old]
        if made <= end < made + self._block:
            return self._make(end)
        if end >= made:
            self._made, self._block = end + 1, 1
        value = self[end] = self._traits.at(self._result, end - first)
        return value

    def _make(self, end: int) -> Any:
        """Make the next block of values."""
        self._block = min(2 * self._block, LARGEST_CHUNK)
        self._made = stop = min(end + self._block, self._stop)
        values = self._traits.values(self._result, end - self._first, stop - self._first)
        self.update(zip(range(end, stop), values, strict=True))
        return values[0]

    def _reach(self, end: int) -> None:
        """Compute arrays from `end` bars on."""
        self._result, count = self._compute(end, max(end, min(self._series.size, end + self._chunk - 1)))
        self._first, self._stop = end, end + count
        self._chunk = min(2 * self._chunk, LARGEST_CHUNK)

    def _alone(self, end: int) -> Any:
        """Compute the value at `end` bars from its window."""
        window = self._series.warm_up_candles if self._traits.windowed else 0
        start = end - window if 0 < window < end else 0
        return self._traits.value(self._traits.compute(self._series.bars[start:end], **self._params))

    def _compute(self, end: int, most: int) -> tuple[Any, int]:
        """Return the rows at `end` bars and, where that is cheap, at all up to `most`; and how many they are."""
        traits, params, bars = self._traits, self._params, self._series.bars
        window = self._series.warm_up_candles if traits.windowed else 0
        if end < _shortest(traits, params):
            return _tail(traits.compute(bars[end - window if 0 < window < end else 0 : end], **params), 1), 1
        if not 0 < window < end:
            most = min(most, window or most)
            return _tail(traits.compute(bars[:most], **params), most - end + 1), most - end + 1
        count = most - end + 1
        memory = traits.memory(**params) if traits.memory is not None else window + 1
        if memory <= window:
            return _tail(traits.compute(bars[end - memory : most], **params), count), count
        if traits.ends is not None:
            result = traits.ends(bars[end - window : most], window, **params)
            if result is not None:
                return result, count
        if traits.lanes:
            return _abreast(traits, bars[end - window : most], window, params), count
        return _tail(traits.compute(bars[end - window : end], **params), 1), 1


def _tail(result: Any, rows: int) -> Any:
    """Return the last rows of what a pass returned."""
    return _each(result, lambda field: field[len(field) - rows :])


def _shortest(traits: Traits[Any], params: dict[str, Any]) -> int:
    return 0 if traits.shortest is None else traits.shortest(**params)


def _abreast(traits: Traits[Any], bars: Series, window: int, params: dict[str, Any]) -> Any:
    """Return the last rows of the pass over all windows of `window` rows in `bars`, many windows in one pass."""
    columns = np.ascontiguousarray(bars.T)
    count = len(bars) - window + 1
    lanes = max(FEWEST_LANES, min(MOST_LANES, LANE_VALUES // window))
    step = columns.itemsize
    parts: list[Any] = []
    for first in range(0, count, lanes):
        shape = (window, columns.shape[0], min(lanes, count - first))
        strides = (step, columns.strides[0], step)
        windows = as_strided(columns[:, first:], shape=shape, strides=strides, writeable=False)
        parts.append(_each(traits.compute(windows, **params), lambda field: field[-1]))
    if isinstance(parts[0], tuple):
        return cast(Any, parts[0])._make(map(np.concatenate, zip(*parts, strict=True)))
    return np.concatenate(parts)


def _each(result: Any, part: Callable[[Any], Any]) -> Any:
    """Take a part of a series, or of each field of a NamedTuple."""
    if isinstance(result, tuple):
        return cast(Any, result)._make(map(part, result))
    return part(result)


def _frozen(result: Any) -> Any:
    """Make what a pass returned read-only: it is shown to every caller."""
    for field in result if isinstance(result, tuple) else (result,):
        if isinstance(field, np.ndarray):
            field.setflags(write=False)
    return result
