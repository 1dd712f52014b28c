"""Tables of an indicator's values on a run's series: what is computed when a value is asked for.

How many bars are computed ahead depends on what callers do: one at first, more where they ask for most of them, none
where they rarely ask; and if the bars they ask for are all a number of bars apart, none of those between.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.lib.stride_tricks import as_strided

from livermore.errors import IndicatorError
from livermore.indicators._ends import Windows
from livermore.indicators._kernels.cache import Beginnings, Chunk, Formed, Values
from livermore.indicators._source import Series
from livermore.indicators._spec import IndicatorSpec, each
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView

# Values computed at once: the first time that it is more than one, and at most; and the share of them that callers
# ask for below which fewer are computed.
FIRST_CHUNK, LARGEST_CHUNK, LEAST_USE = 32, 2048, 1 / 128
# Windows computed side by side: about 32 of the usual length, so that what a pass holds of them fits the caches.
LANE_VALUES, FEWEST_LANES, MOST_LANES = 8_000, 8, 128


def table(spec: IndicatorSpec[Any], series: CandleSeries, args: tuple[Any, ...]) -> Values | Beginnings:
    """Make the table of a call's parameters; `args` are all of them."""
    params = spec.named(args)
    if params.get("sequential", False):
        return Beginnings(_Whole(spec, series, params).reach, min_rows(spec, params))
    return Values(_Ahead(spec, series, params).reach)


def forming_table(spec: IndicatorSpec[Any], series: CandleSeries, args: tuple[Any, ...]) -> "Formed | Anew":
    """Make the table of a call's parameters for bars that form."""
    params, sequential, forming = spec.named(args), spec.is_sequential(args), spec.forming
    window = series.warm_up_candles if spec.windowed and not sequential else 0
    lookback = 0 if sequential else _lookback(spec, params)
    is_enough = lookback > 0 and (window == 0 or lookback < window)
    rows = lookback if is_enough else window
    anew = Anew(partial(spec.compute, **params), rows, None if sequential else spec.value)
    if forming is None or sequential or not spec.windowed:
        return anew
    step = partial(forming.step, **params)
    if forming.state is not None and window > 1:
        states = Values(_Remembered(forming.state, series, params).reach)
        return Formed(window, states, step, forming.kind, spec.finish, anew.__getitem__)
    if forming.state is None and is_enough:
        return Formed(lookback, None, step, forming.kind, spec.finish, anew.__getitem__)
    return anew


def check_end(end: int, series: CandleSeries) -> None:
    """Refuse a number of bars that a series does not have, such as that of a view whose attributes were changed."""
    if not 0 < end <= series.size:
        raise IndicatorError(f"there is no bar {end} among the {series.size} of {series.symbol}, {series.timeframe}")


def min_rows(spec: IndicatorSpec[Any], params: dict[str, Any]) -> int:
    """Return the number of rows below which a pass gives something else than the beginning of a longer one."""
    return 0 if spec.min_rows is None else spec.min_rows(**params)


def _lookback(spec: IndicatorSpec[Any], params: dict[str, Any]) -> int:
    """Return how many rows the last value depends on; 0 where it is not known, or where fewer rows are too few."""
    if spec.lookback is None or spec.min_rows is not None or spec.last is not None:
        return 0
    return spec.lookback(**params)


class Anew:
    """The value of a bar that is still forming, by the candles of which it is the last: the pass, made each time.

    Parameters
    ----------
    compute : callable
        The pass, with its parameters.
    rows : int
        Of how many candles at most; 0 for all.
    value : callable or None
        What becomes of its result.
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
        self._sizes = Sizes()

    def reach(self, end: int, step: int, asked: int) -> Chunk:
        """Compute a chunk that begins with `end`."""
        check_end(end, self._series)
        step = max(step, 1)
        most = min(self._sizes.next(asked), (self._series.size - end) // step + 1)
        if self._spec.last is not None:  # there are no rows, but values
            return Chunk(end, 1, 1, [[self._spec.value(self._alone(end))]])
        result = self._rows(end, step, max(most, 1))
        fields, kind = taken_apart(result)
        return Chunk(end, step, min(len(field) for field in fields), fields, kind, self._spec.finish)

    def _alone(self, end: int) -> Any:
        """Return the pass over the window of one bar."""
        start = end - self._window if 0 < self._window < end else 0
        return self._spec.compute(self._series.bars[start:end], **self._params)

    def _rows(self, end: int, step: int, count: int) -> Any:
        """Return the rows at `end` bars and, where that is cheap, at `count` bars, `step` apart."""
        spec, params, bars, window = self._spec, self._params, self._series.bars, self._window
        if end < min_rows(spec, params):
            return each(self._alone(end), lambda field: field[-1:])
        if not 0 < window < end:
            stop = min(end + (count - 1) * step, window or self._series.size)
            return _every(spec.compute(bars[: max(stop, end)], **params), end - 1, step)
        stop = end + (count - 1) * step
        memory = max(spec.lookback(**params), 1) if spec.lookback is not None else window + 1
        if memory <= window:
            return _every(spec.compute(bars[end - memory : stop], **params), memory - 1, step)
        rows = bars[end - window : stop]
        result = spec.ends(rows, Windows(window, step), **params) if spec.ends is not None else None
        if result is not None:
            return result
        if spec.batched:
            return _abreast(spec, rows, Windows(window, step), params)
        return _every(self._alone(end), window - 1, 1)


class _Remembered:
    """Computes what is remembered of windows that lack their last row."""

    def __init__(self, state: Callable[..., Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._state = state
        self._series = series
        self._params = params
        self._window = series.warm_up_candles - 1
        self._sizes = Sizes()

    def reach(self, end: int, step: int, asked: int) -> Chunk:
        """Compute a chunk that begins with `end`."""
        check_end(end, self._series)
        step = max(step, 1)
        count = max(min(self._sizes.next(asked), (self._series.size - end) // step + 1), 1)
        bars = self._series.bars[end - self._window : end + (count - 1) * step]
        result = self._state(bars, Windows(self._window, step), **self._params)
        if result is None:
            return Chunk(end, 1, 1, [[None]])
        return Chunk(end, step, count, *taken_apart(result))


class _Whole:
    """Computes the values of sequential calls: a pass over all bars, read-only since it is shown to every caller."""

    def __init__(self, spec: IndicatorSpec[Any], series: CandleSeries, params: dict[str, Any]) -> None:
        self._spec = spec
        self._series = series
        self._params = params
        self._shortest = min_rows(spec, params)

    def reach(self, end: int) -> tuple[int, list[Any], Any]:
        """Compute the pass over as many bars as there are, or over `end` bars where a longer one does not tell."""
        check_end(end, self._series)
        rows = end if end < self._shortest else max(end, self._series.size)
        fields, kind = taken_apart(self._spec.compute(self._series.bars[:rows], **self._params))
        for field in fields:
            if isinstance(field, np.ndarray):
                field.setflags(write=False)
        return rows, fields, kind


def taken_apart(result: Any) -> tuple[list[Any], type | None]:
    """Return the arrays of a pass's result, and its class if it is a NamedTuple."""
    if isinstance(result, tuple):
        return list(result), type(result)
    return [result], None


def _every(result: Any, first: int, step: int) -> Any:
    """Return every `step`-th row of what a pass returned, from row `first` on."""
    return each(result, lambda field: field[first::step])


def _abreast(spec: IndicatorSpec[Any], bars: Series, windows: Windows, params: dict[str, Any]) -> Any:
    """Return the last rows of the pass over all windows in `bars`, many windows in one pass."""
    columns = np.ascontiguousarray(bars.T)
    count = windows.among(len(bars))
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
