"""The decorator `indicator`, and how a call of an indicator gets its value.

An indicator is written as a *pass*: a function from rows to arrays of as many rows, each value from the rows up to its
own. It is called in two ways. In a session, where the candles are a view of a series, the values of both come from
tables that are computed for many bars at once and cached in the series:

- ``sequential=True``: the pass over all the rows that are given;
- otherwise: the last value of the pass over the last W rows, W being the session's ``warm_up_candles``.
"""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt

from livermore.errors import IndicatorError
from livermore.indicators._cached_values import Table, partial_bar_table, table
from livermore.indicators._dispatch import indicator_callable
from livermore.indicators._kernels.cache import Tables
from livermore.indicators._kernels.recursions import Recursion
from livermore.indicators._parameters import ParameterCheck, ParameterError
from livermore.indicators._spec import IndicatorSpec, each
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView, origin_of

P = ParamSpec("P")
R = TypeVar("R")


class Indicator(Protocol[P, R]):
    """An indicator: call it on candles; `compute` is its bare pass.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.indicators import sma
    >>> candles = synthetic_candles(100, seed=1)
    >>> bool(sma(candles, 20) == sma(candles, 20, sequential=True)[-1] == sma.compute(candles, 20)[-1])
    True
    >>> sma.__name__
    'sma'
    """

    __name__: str
    compute: Callable[P, R]
    spec: "IndicatorSpec[R]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the last value, or the whole series with ``sequential=True``."""


@overload
def indicator(compute: Callable[P, R]) -> Indicator[P, R]: ...
@overload
def indicator(
    *,
    series_ok: bool = ...,
    windowed: bool = ...,
    window_series: bool = ...,
    batched: bool = ...,
    lookback: Callable[..., int] | None = ...,
    recursion: Callable[..., Recursion | None] | None = ...,
    min_rows: Callable[..., int] | None = ...,
    last: Callable[[Any], Any] | None = ...,
    finish: Callable[[Any], Any] | None = ...,
) -> Callable[[Callable[P, R]], Indicator[P, R]]: ...
def indicator(
    compute: Callable[P, R] | None = None,
    *,
    series_ok: bool = False,
    windowed: bool = True,
    window_series: bool = False,
    batched: bool = False,
    lookback: Callable[..., int] | None = None,
    recursion: Callable[..., Recursion | None] | None = None,
    min_rows: Callable[..., int] | None = None,
    last: Callable[[Any], Any] | None = None,
    finish: Callable[[Any], Any] | None = None,
) -> Indicator[P, R] | Callable[[Callable[P, R]], Indicator[P, R]]:
    """Make an indicator of a pass over candles.

    The pass is a function of candles, shape (n, 6), and of its own parameters, the last of them ``sequential``, which
    the pass can ignore. It returns an array of n rows, or a NamedTuple of such arrays. Its row t must not depend on
    rows after t (no look-ahead); `livermore.testing.IndicatorSuite` checks that, and what the options below promise.

    In a backtest, a call with ``sequential=True`` computes all bars in one pass; later calls look their rows up. Other
    calls return the last value of the pass over the last ``warm_up_candles`` rows. Without options these windows are
    computed one by one, and remembered; `batched` and `lookback` state what allows to compute many at once.

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
    batched : bool
        Whether the pass also takes candles of shape (n, 6, m), m windows side by side, and returns arrays of shape
        (n, m), each column equal to the bit to the result for that window alone. Elementwise numpy operations do.
    lookback : callable, optional
        From the parameters (as keywords) to the number of rows that the last value depends on, to the bit: for passes
        without recursion or running sums. One pass over the series then gives the values of all windows.
    recursion : callable, optional
        From the parameters (as keywords) to a `livermore.indicators._kernels.recursions.Recursion`, which computes the
        values of windows faster than the pass, and those of partial bars from the state before them; None where there
        is none for these parameters. For livermore's own indicators.
    min_rows : callable, optional
        From the parameters to the number of rows below which the pass returns something else than the first rows of a
        longer pass (all NaN, or an error).
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
    names = tuple(signature.parameters)[1:]
    spec = IndicatorSpec(
        name=compute.__name__,
        compute=compute,
        signature=signature,
        names=names,
        check=ParameterCheck(compute, signature),
        series_ok=series_ok,
        windowed=windowed,
        window_series=window_series,
        batched=batched,
        lookback=lookback,
        recursion=recursion,
        min_rows=min_rows,
        last=last,
        finish=finish,
        sequential_at=names.index("sequential") if "sequential" in names else -1,
    )
    return _callable(compute, spec)


def _callable(compute: Callable[P, R], spec: IndicatorSpec[R]) -> Indicator[P, R]:
    """Return the function that users call: a lookup if it can be, else `_answer`."""
    call = indicator_callable(compute, spec.signature, partial(_answer, spec), spec, spec.partial_key)
    indicator = cast(Indicator[P, R], call)
    indicator.compute = compute
    indicator.spec = spec
    return indicator


def _answer(spec: IndicatorSpec[Any], candles: Any, args: tuple[Any, ...]) -> Any:
    """Return the value of a call that no table has yet; the table is made where the candles are of a series."""
    checked = spec.check(args)
    origin = _origin(candles)
    if origin is None:
        return _direct(spec, _as_array(spec, candles), indicator_window.get(), checked)
    series, start, end, is_partial = origin
    if is_partial and start == 0:
        table = _table(spec, series, args, checked, is_partial)
        if table is not None:
            return table[candles]
    elif not is_partial and start < end:
        whole = spec.is_sequential(checked) or not spec.windowed
        if start == 0 or (not whole and 0 < series.warm_up_candles <= end - start):
            table = _table(spec, series, args, checked, is_partial)
            if table is not None:
                return table[end]
    return _direct(spec, candles.view(np.ndarray), series.warm_up_candles, checked)


def _origin(candles: Any) -> tuple[CandleSeries, int, int, bool] | None:
    """Return the series, the interval of rows, and whether the last is of a partial bar; None for other arrays."""
    if not isinstance(candles, CandleView):
        return None
    if hasattr(candles, "_series") and hasattr(candles, "forming"):
        return candles._series, 0, candles.end, candles.forming
    found = origin_of(candles)
    if found is None:
        return None
    series, start, end = found
    # A slice that ends with a partial bar has no table: it is computed from its rows.
    return (series, start, end, False) if end <= series.revealed else (series, 0, 0, False)


def _table(
    spec: IndicatorSpec[Any], series: CandleSeries, passed: tuple[Any, ...], args: tuple[Any, ...], partial: bool
) -> Table | None:
    """Return the table of a call, made if need be; None where a parameter cannot be a key.

    `passed` are the parameters before they were checked: the next call mostly passes the same objects.
    """
    key = spec.partial_key if partial else spec
    tables = series.memo.get(key)
    if tables is None:
        tables = series.memo[key] = Tables({}, [])
    try:
        found = tables.get(args)
    except TypeError:
        return None
    if found is None:
        found = (partial_bar_table if partial else table)(spec, series, args)
        tables.add(args, found)
    tables.note(passed, found)
    return cast(Table, found)


def _as_array(spec: IndicatorSpec[Any], candles: Any) -> npt.NDArray[np.float64]:
    """Return candles of any kind as an array of float64."""
    try:
        return np.asarray(candles, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{spec.name}: these are no candles, rows of 6 numbers: {error}") from None


def _direct(spec: IndicatorSpec[Any], rows: npt.NDArray[Any], window: int, args: tuple[Any, ...]) -> Any:
    """Compute from the rows themselves."""
    if rows.ndim != 2 or rows.shape[1] != 6 or not len(rows):
        _check_rows(spec, rows)
        if not len(rows):
            return _no_rows(spec, rows, args)
    if spec.is_sequential(args):
        return spec.compute(rows, **spec.named(args))
    if 0 < window < len(rows) and spec.windowed and (rows.ndim == 2 or spec.window_series):
        rows = rows[-window:]
    return spec.value(spec.compute(rows, **spec.named(args)))


def _check_rows(spec: IndicatorSpec[Any], rows: npt.NDArray[Any]) -> None:
    if rows.ndim not in (1, 2) or (rows.ndim == 2 and rows.shape[1] != 6):
        raise IndicatorError(f"{spec.name}: candles have shape {rows.shape}; they must be rows of 6 columns")
    if rows.ndim == 1 and not spec.series_ok:
        raise IndicatorError(
            f"{spec.name} needs candles, shape (n, 6), and got a series of shape {rows.shape}; "
            "pass the candles, and choose the column with source_type where there is one"
        )


def _no_rows(spec: IndicatorSpec[Any], rows: npt.NDArray[Any], args: tuple[Any, ...]) -> Any:
    """Return the value of no candles at all: NaN, or a series without rows.

    A pass over one row of NaN shows which fields the result has, and refuses wrong parameters.
    """
    args = tuple(_row_of_nan(x) if isinstance(x, np.ndarray) else x for x in args)
    with np.errstate(all="ignore"):
        result = spec.compute(_row_of_nan(rows), **spec.named(args))
    if spec.is_sequential(args):
        return each(result, lambda field: field[:0])
    if spec.last is not None:
        return each(spec.last(result), lambda value: math.nan if isinstance(value, float) else value)
    return spec.value(each(result, _nan_like))


def _row_of_nan(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one row of the same width."""
    return np.full((1, *rows.shape[1:]), np.nan)


def _nan_like(field: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a row of NaN where the type of a series has one, else its first row."""
    return np.full_like(field[:1], np.nan) if field.dtype.kind == "f" else field[:1]
