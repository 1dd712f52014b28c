"""Tables of an indicator's values on a series: which values are computed when one is asked for.

How many bars are computed ahead depends on what callers do. The first time it is one. Callers that ask for most bars
get more, up to `LARGEST_CHUNK`; callers that rarely ask get one at a time. Where bars asked for are a number of bars
apart, such as every fourth bar, those between are not computed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

import numpy as np
from numpy.lib.stride_tricks import as_strided

from livermore.errors import IndicatorError
from livermore.indicators._kernels.cache import Chunk, PartialBarValues, Prefixes, Values
from livermore.indicators._kernels.recursions import Recursion
from livermore.indicators._rolling import Windows, last_states, last_values
from livermore.indicators._source import Series
from livermore.indicators._spec import IndicatorSpec, each
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView

# Values computed in the first chunk; each further chunk has twice as many, up to the largest.
FIRST_CHUNK, LARGEST_CHUNK = 32, 2048
# Where callers read less than this share of a chunk, the next ones are smaller.
LEAST_USE = 1 / 128
# Windows in one batched pass: about 32 of the usual length, so that the arrays of a pass fit the processor's cache.
LANE_VALUES, FEWEST_LANES, MOST_LANES = 8_000, 8, 128


class Table(Protocol):
    """Values by the number of completed bars, or by the candles that end with a partial bar."""

    def __getitem__(self, place: Any, /) -> Any:
        """Return the value."""


def table(spec: IndicatorSpec[Any], series: CandleSeries, args: tuple[Any, ...]) -> Table:
    """Make the table of a call's parameters; `args` are all of them."""
    params = spec.named(args)
    if spec.is_sequential(args):
        return Prefixes(_WholeSeries(spec, series, params).compute, spec.fewest_rows(params))
    return Values(_Ahead(spec, series, params).compute_chunk)


def partial_bar_table(spec: IndicatorSpec[Any], series: CandleSeries, args: tuple[Any, ...]) -> Table:
    """Make the table of a call's parameters for partial bars."""
    params, sequential = spec.named(args), spec.is_sequential(args)
    window = series.warm_up_candles if spec.windowed and not sequential else 0
    back = 0 if sequential or spec.min_rows or spec.last else spec.rows_back(params)
    is_enough = back > 0 and (window == 0 or back < window)
    recomputed = Recomputed(
        partial(spec.compute, **params), back if is_enough else window, None if sequential else spec.value
    )
    recursion = None if sequential or not spec.windowed else _recursion(spec, params, window)
    if recursion is None:
        return recomputed
    states, fewest = None, recursion.seed_rows
    if recursion.needs_state:
        # The state of a window without its last row, which is the partial bar.
        states, fewest = Values(_StatesAhead(recursion, series, window - 1).compute_chunk), window
    elif not is_enough:
        return recomputed
    return PartialBarValues(fewest, states, recursion, spec.kind, spec.finish, recomputed.__getitem__)


def check_end(end: int, series: CandleSeries) -> None:
    """Refuse a number of bars that a series does not have, such as that of a view whose attributes were changed."""
    if not 0 < end <= series.size:
        raise IndicatorError(f"there is no bar {end} among the {series.size} of {series.symbol}, {series.timeframe}")


def _recursion(spec: IndicatorSpec[Any], params: dict[str, Any], window: int) -> Recursion | None:
    """Return the recursion of an indicator; None where it has none for these parameters and windows."""
    if spec.recursion is None or (recursion := spec.recursion(**params)) is None:
        return None
    fewest = max(recursion.seed_rows, spec.fewest_rows(params), 2) if recursion.needs_state else 0
    return recursion if window >= fewest else None


class Recomputed:
    """The value of a partial bar, by the candles of which it is the last: the pass over the last rows, made each time.

    Parameters
    ----------
    compute : callable
        The pass, with its parameters.
    rows : int
        Of how many candles at most; 0 for all.
    value : callable or None
        From the result of the pass to the value of the call; None for the result itself.
    """

    def __init__(self, compute: Callable[..., Any], rows: int, value: Callable[[Any], Any] | None) -> None:
        self._compute = compute
        self._rows = rows
        self._value = value

    def __getitem__(self, candles: CandleView) -> Any:
        rows = candles.view(np.ndarray)
        result = self._compute(rows[-self._rows :] if self._rows else rows)
        return result if self._value is None else self._value(result)


class Sizes:
    """How many values to compute at once."""

    def __init__(self) -> None:
        self._size = 0

    def next(self, asked: int) -> int:
        """Return the next number, when `asked` of the last values were asked for."""
        if self._size <= 1:
            self._size = FIRST_CHUNK if self._size and asked else 1
        elif asked < self._size * LEAST_USE:
            self._size = max(self._size // 4, 1)
        else:
            self._size = min(4 * self._size, LARGEST_CHUNK)
        return self._size


class _Ahead:
    """Computes the values of calls that are not sequential."""

    def __init__(self, spec: IndicatorSpec[Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._spec = spec
        self._series = series
        self._params = params
        self._window = series.warm_up_candles if spec.windowed else 0
        self._back = spec.rows_back(params) or self._window + 1
        self._recursion = _recursion(spec, params, self._window)
        self._sizes = Sizes()

    def compute_chunk(self, end: int, step: int, asked: int) -> Chunk:
        """Compute a chunk that begins with `end`."""
        step, count = _extent(self._series, self._sizes, end, step, asked)
        if self._spec.last is not None:  # the pass returns one value, not rows
            return Chunk(end, 1, 1, [[self._spec.value(self._alone(end))]])
        fields, kind = taken_apart(self._rows(end, step, count))
        return Chunk(end, step, min(len(field) for field in fields), fields, kind, self._spec.finish)

    def _alone(self, end: int) -> Any:
        """Return the pass over the window of one bar."""
        start = end - self._window if 0 < self._window < end else 0
        return self._spec.compute(self._series.bars[start:end], **self._params)

    def _rows(self, end: int, step: int, count: int) -> Any:
        """Return the rows at `end` bars and, where that is cheap, at `count` bars, `step` apart."""
        spec, params, bars, window = self._spec, self._params, self._series.bars, self._window
        if end < spec.fewest_rows(params):
            return each(self._alone(end), lambda field: field[-1:])
        if not 0 < window < end:
            stop = min(end + (count - 1) * step, window or self._series.size)
            return _every(spec.compute(bars[: max(stop, end)], **params), end - 1, step)
        stop = end + (count - 1) * step
        if self._back <= window:
            return _every(spec.compute(bars[end - self._back : stop], **params), self._back - 1, step)
        rows, windows = bars[end - window : stop], Windows(window, step)
        values = None if self._recursion is None else last_values(self._recursion, rows, windows)
        if values is not None:
            return values[0] if spec.kind is None else cast(Any, spec.kind)._make(values)
        if spec.batched:
            return _batched(spec, rows, windows, params)
        return each(self._alone(end), lambda field: field[-1:])


class _StatesAhead:
    """Computes the states of a recursion at the end of windows."""

    def __init__(self, recursion: Recursion, series: CandleSeries, window: int) -> None:
        self._recursion = recursion
        self._series = series
        self._window = window
        self._sizes = Sizes()

    def compute_chunk(self, end: int, step: int, asked: int) -> Chunk:
        """Compute a chunk that begins with `end`."""
        step, count = _extent(self._series, self._sizes, end, step, asked)
        bars = self._series.bars[end - self._window : end + (count - 1) * step]
        states = last_states(self._recursion, bars, Windows(self._window, step))
        return Chunk(end, 1, 1, [[None]]) if states is None else Chunk(end, step, count, list(states))


class _WholeSeries:
    """Computes the values of sequential calls: a pass over all bars, read-only since it is shown to every caller."""

    def __init__(self, spec: IndicatorSpec[Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._spec = spec
        self._series = series
        self._params = params
        self._fewest = spec.fewest_rows(params)

    def compute(self, end: int) -> tuple[int, list[Any], type | None]:
        """Compute the pass over all bars, or over `end` bars where a longer pass does not begin with the same rows."""
        check_end(end, self._series)
        rows = end if end < self._fewest else self._series.size
        fields, kind = taken_apart(self._spec.compute(self._series.bars[:rows], **self._params))
        for field in fields:
            if isinstance(field, np.ndarray):
                field.setflags(write=False)
        return rows, fields, kind


def _extent(series: CandleSeries, sizes: Sizes, end: int, step: int, asked: int) -> tuple[int, int]:
    """Return how far apart the bars of the next chunk are, and how many of them the series has and callers may want."""
    check_end(end, series)
    step = max(step, 1)
    return step, min(sizes.next(asked), (series.size - end) // step + 1)


def taken_apart(result: Any) -> tuple[list[Any], type | None]:
    """Return the arrays of a pass's result, and its class if it is a NamedTuple."""
    if isinstance(result, tuple):
        return list(result), type(result)
    return [result], None


def _every(result: Any, first: int, step: int) -> Any:
    """Return every `step`-th row of what a pass returned, from row `first` on."""
    return each(result, lambda field: field[first::step])


def _batched(spec: IndicatorSpec[Any], bars: Series, windows: Windows, params: dict[str, Any]) -> Any:
    """Return the last rows of the pass over all windows in `bars`, many windows in one pass."""
    columns = np.ascontiguousarray(bars.T)
    count = windows.count(len(bars))
    lanes = max(FEWEST_LANES, min(MOST_LANES, LANE_VALUES // windows.rows))
    step = columns.itemsize
    parts: list[Any] = []
    for first in range(0, count, lanes):
        shape = (windows.rows, columns.shape[0], min(lanes, count - first))
        strides = (step, columns.strides[0], windows.step * step)
        side_by_side = as_strided(columns[:, first * windows.step :], shape=shape, strides=strides, writeable=False)
        parts.append(each(spec.compute(side_by_side, **params), lambda field: field[-1]))
    if isinstance(parts[0], tuple):
        return cast(Any, parts[0])._make(map(np.concatenate, zip(*parts, strict=True)))
    return np.concatenate(parts)
