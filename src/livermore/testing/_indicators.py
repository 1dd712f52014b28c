"""Checks for indicators, the library's and your own.

They show that an indicator does not look ahead, and that values looked up in a session equal those of a direct call.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.typing import Rows

Arguments = Callable[[Rows], Mapping[str, Any]]

# Slices of a session's candles as strategies take them: empty, short, from the middle, a number of bars ago.
SLICES = {
    "before the last": slice(None, -1),
    "60 bars ago": slice(None, -60),
    "the last 60": slice(-60, None),
    "from row 30": slice(30, None),
    "inside": slice(1, -1),
    "none": slice(0, 0),
}
BAD_VALUES: tuple[Any, ...] = (0, -1, -100, 1.5, 300, True, None, "x", float("nan"), float("inf"), np.int64(-3), [9])

__all__ = ["IndicatorSuite", "assert_causal", "assert_memo_equals_direct", "sample_markets"]


def assert_causal(
    indicator: Callable[..., Any],
    candles: Rows | None = None,
    *,
    arguments: Arguments | None = None,
    window: int = 60,
) -> None:
    """Check that no value of an indicator depends on candles after its own.

    All candles after a row are replaced. Every value up to that row must stay the same to the bit: values of
    ``sequential=True``, on the plain array and looked up in a session, and the single value of other calls, also on
    slices of the session's candles such as ``candles[:-60]``. The first rows of the candles must give the first values.

    Parameters
    ----------
    indicator : callable
        A function of candles and, by keyword, ``sequential``; need not be made with `livermore.indicators.indicator`.
    candles : ndarray of shape (n, 6), optional
        Candles to try it on; by default `sample_markets`.
    arguments : callable, optional
        Returns further keyword arguments for given candles.
    window : int
        ``warm_up_candles`` of the session in which values are looked up.

    Raises
    ------
    AssertionError
        If a value depends on later candles. The message names field and row.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> assert_causal(ta.ema)
    >>> def peek(candles, sequential=False):
    ...     close = candles[:, 2]
    ...     return close - close.mean() if sequential else close[-1] - close.mean()
    >>> assert_causal(peek)
    Traceback (most recent call last):
    AssertionError: peek reads the future: row 0 changes from ... to ... when the candles after row ... change
    """
    arguments = arguments or (lambda candles: {})
    for market in sample_markets().values() if candles is None else [candles]:
        rng = np.random.default_rng(0)
        for row in _cuts(len(market)):
            changed = market.copy()
            changed[row + 1 :, 1:] *= rng.uniform(0.5, 2.0, (len(market) - row - 1, 5))
            if _has_sequential(indicator):
                _assert_sequential_causal(indicator, market, changed, row, arguments)
            _assert_lookup_causal(indicator, market, changed, row, arguments, window)


def assert_memo_equals_direct(
    indicator: Callable[..., Any],
    candles: Rows | None = None,
    *,
    arguments: Arguments | None = None,
    windows: tuple[int, ...] = (60, 0),
) -> None:
    """Check that an indicator gives the same in a session as on plain candles, to the bit.

    Tried are the session's candles, slices of them (also empty ones), and candles whose last bar is incomplete.

    Parameters
    ----------
    indicator : callable
        An indicator.
    candles : ndarray of shape (n, 6), optional
        Candles to try it on; by default `sample_markets`.
    arguments : callable, optional
        Returns further keyword arguments for given candles.
    windows : tuple of int
        Values of ``warm_up_candles``; 0 means all candles.

    Raises
    ------
    AssertionError
        If a value differs. The message names the call and the number of candles.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> assert_memo_equals_direct(ta.rsi)
    """
    arguments = arguments or (lambda candles: {})
    for market in sample_markets().values() if candles is None else [candles]:
        for window in windows:
            series = _series(market, window)
            for end in _ends(len(market), window):
                for rows in (slice(None), *SLICES.values()):
                    shown, plain = series.view(end)[rows], market[:end][rows]
                    _assert_same_calls(indicator, shown, plain, arguments, window)
                forming = _half_way(market[end - 1])
                plain = np.vstack([market[: end - 1], forming])
                _assert_same_calls(indicator, series.view_forming(end - 1, forming), plain, arguments, window)


def sample_markets() -> dict[str, Rows]:
    """Make three small markets that show common faults of indicators.

    Returns
    -------
    dict of str to ndarray of shape (n, 6)
        A random walk; one whose price stands still for a while, without volume; one with coarse prices and many ties.

    Examples
    --------
    >>> {name: len(market) for name, market in sample_markets().items()}
    {'random': 230, 'flat': 170, 'coarse': 150}
    """
    flat = _walk(2, 170, tick=0.01)
    flat[70:110, 1:5] = flat[70, 2]
    flat[70:100, 5] = 0.0
    return {"random": _walk(1, 230, tick=0.01), "flat": flat, "coarse": _walk(3, 150, tick=0.5)}


class IndicatorSuite:
    """Tests that every indicator should pass; inherit from it and define the fixture `indicator`.

    Attributes
    ----------
    shortest : int
        The smallest number of candles for which the indicator must return a value; the value may be NaN.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> @ta.indicator
    ... def body(candles, sequential=False):
    ...     return candles[:, 2] - candles[:, 1]
    >>> class TestBody(IndicatorSuite):
    ...     @pytest.fixture
    ...     def indicator(self):
    ...         return body
    """

    shortest: int = 1

    @pytest.fixture
    def indicator(self) -> Callable[..., Any]:
        """Return the indicator under test; override it."""
        raise NotImplementedError("an IndicatorSuite needs a fixture `indicator` that returns the indicator")

    def arguments(self, candles: Rows) -> Mapping[str, Any]:
        """Return further keyword arguments; override it for an indicator that needs some."""
        return {}

    def test_is_causal(self, indicator: Callable[..., Any]) -> None:
        """No value depends on later candles."""
        assert_causal(indicator, arguments=self.arguments)

    def test_memo_equals_direct_call(self, indicator: Callable[..., Any]) -> None:
        """A call in a session gives what a call on plain candles gives, on slices too."""
        assert_memo_equals_direct(indicator, arguments=self.arguments)

    def test_leaves_its_input_alone(self, indicator: Callable[..., Any]) -> None:
        """The candles are not changed, and the result does not share memory with them."""
        for market in sample_markets().values():
            before = market.copy()
            for call in _calls(indicator):
                for field in _fields(indicator(market, **self.arguments(market), **call)).values():
                    assert not np.may_share_memory(np.asarray(field), market), "the result is a view of the candles"
            np.testing.assert_array_equal(market, before, "the candles were written to")

    def test_answers_on_few_candles(self, indicator: Callable[..., Any]) -> None:
        """A short history gives a value; it may be NaN."""
        market = sample_markets()["random"]
        for rows in range(self.shortest, 14):
            for call in _calls(indicator):
                indicator(market[:rows], **self.arguments(market[:rows]), **call)

    def test_bad_parameters_are_refused_or_harmless(self, indicator: Callable[..., Any]) -> None:
        """A parameter of a wrong value or type gives an error, or a result with as many rows as the default gives.

        Other errors than ValueError (such as `IndicatorError`), TypeError and ArithmeticError fail: an IndexError, for
        instance, comes from rows that do not exist.
        """
        market = sample_markets()["random"]
        needed = self.arguments(market)
        for call in _calls(indicator):
            shapes = {name: np.shape(field) for name, field in _fields(indicator(market, **needed, **call)).items()}
            for parameter in _numbers(indicator, needed):
                for value in BAD_VALUES:
                    where = f"{_name(indicator)}({parameter}={value!r}, {call})"
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        try:
                            found = _fields(indicator(market, **{**needed, parameter: value}, **call))
                        except (ValueError, TypeError, ArithmeticError):
                            continue
                    assert {name: np.shape(field) for name, field in found.items()} == shapes, where

    def test_takes_any_layout(self, indicator: Callable[..., Any]) -> None:
        """Lists and arrays of another memory order or stride give the same values."""
        market = sample_markets()["random"]
        wide = np.zeros((2 * len(market), 8))
        wide[::2, 1:7] = market
        for call in _calls(indicator):
            call = {**self.arguments(market), **call}
            expected = _fields(indicator(market, **call))
            for other in (market.tolist(), np.asfortranarray(market), wide[::2, 1:7]):
                _assert_equal_fields(_fields(indicator(other, **call)), expected, _name(indicator))


def _assert_sequential_causal(
    indicator: Callable[..., Any], market: Rows, changed: Rows, row: int, arguments: Arguments
) -> None:
    whole = _fields(indicator(market, **arguments(market), sequential=True))
    other = _fields(indicator(changed, **arguments(changed), sequential=True))
    prefix = market[: row + 1]
    short = _fields(indicator(prefix, **arguments(prefix), sequential=True))
    enough = len(prefix) >= _shortest(indicator, arguments(prefix))
    for name, values in whole.items():
        _assert_unchanged(f"{_name(indicator)}{name}", values, other[name], row, len(market))
        # An indicator that needs more rows than these may answer NaN for all of them.
        if enough and not _all_missing(short[name]):
            _assert_unchanged(f"{_name(indicator)}{name}", short[name], values, row, len(market))


def _assert_unchanged(name: str, before: Any, after: Any, row: int, rows: int) -> None:
    """Check that the values up to a row are the same; a field may have fewer rows than the candles: the last ones."""
    missing = rows - len(after)
    stop = max(0, min(row + 1 - missing, len(before)))
    different = _different(before[:stop], after[:stop])
    if different is not None:
        raise AssertionError(
            f"{name} reads the future: row {different} changes from {before[different]} to {after[different]} "
            f"when the candles after row {row} change"
        )


def _assert_lookup_causal(
    indicator: Callable[..., Any],
    market: Rows,
    changed: Rows,
    row: int,
    arguments: Arguments,
    window: int,
) -> None:
    values = []
    for candles in (market, changed):
        view = _series(candles, window).view(row + 1)
        shown = [view, *(view[rows] for rows in SLICES.values())]
        calls = [(part, call) for part in shown for call in _calls(indicator)]
        values.append([_outcome(indicator, part, {**arguments(part), **call}) for part, call in calls])
    for before, after in zip(*values, strict=True):
        _assert_equal_fields(after, before, f"{_name(indicator)} in a session, row {row}, reads the future:")


def _assert_same_calls(
    indicator: Callable[..., Any], shown: Rows, plain: Rows, arguments: Arguments, window: int
) -> None:
    token = indicator_window.set(window)
    try:
        for call in _calls(indicator):
            expected = _outcome(indicator, plain, {**arguments(plain), **call})
            # Twice: computed, and looked up.
            for _ in range(2):
                actual = _outcome(indicator, shown, {**arguments(shown), **call})
                where = f"{_name(indicator)}({len(plain)} candles, {call}, window {window})"
                _assert_equal_fields(actual, expected, where)
    finally:
        indicator_window.reset(token)


def _outcome(indicator: Callable[..., Any], candles: Rows, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a result, or the kind of error."""
    with warnings.catch_warnings():
        if not len(candles):  # numpy warns of the mean of nothing
            warnings.simplefilter("ignore")
        try:
            return _fields(indicator(candles, **arguments))
        except (ValueError, IndexError, ArithmeticError) as error:
            return {"error": type(error).__name__}


def _assert_equal_fields(actual: Mapping[str, Any], expected: Mapping[str, Any], where: str) -> None:
    assert actual.keys() == expected.keys(), f"{where}: {list(actual)} instead of {list(expected)}"
    for name, value in expected.items():
        got = actual[name]
        assert np.shape(got) == np.shape(value), f"{where}{name}: shape {np.shape(got)} instead of {np.shape(value)}"
        different = _different(np.atleast_1d(np.asarray(got)), np.atleast_1d(np.asarray(value)))
        assert different is None, f"{where}{name}: {got} instead of {value}, first at {different}"


def _different(a: Any, b: Any) -> int | None:
    """Return the first row at which two series differ; NaN equals NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype == object or b.dtype == object:
        same = np.array([x is y or x == y or (x != x and y != y) for x, y in zip(a, b, strict=True)], dtype=bool)
    else:
        same = (a == b) | ((a != a) & (b != b))
    return None if same.all() else int(np.argmin(same))


def _shortest(indicator: Callable[..., Any], arguments: Mapping[str, Any]) -> int:
    """Return the number of rows from which on an indicator's values equal those of longer histories, if it says so."""
    spec = getattr(indicator, "spec", None)
    if spec is None or spec.min_rows is None:
        return 0
    bound = spec.signature.bind(None, **arguments)
    bound.apply_defaults()
    return int(spec.min_rows(**dict(list(bound.arguments.items())[1:])))


def _all_missing(values: Any) -> bool:
    return all(v is None or v != v for v in np.asarray(values).tolist())


def _fields(result: Any) -> dict[str, Any]:
    """Return the parts of a result by name: those of a NamedTuple, or the one value."""
    if isinstance(result, tuple):
        return {f".{name}": value for name, value in zip(result._fields, result, strict=True)}  # type: ignore[attr-defined]
    return {"": result}


def _calls(indicator: Callable[..., Any]) -> list[dict[str, bool]]:
    return [{"sequential": True}, {"sequential": False}] if _has_sequential(indicator) else [{}]


def _numbers(indicator: Callable[..., Any], needed: Mapping[str, Any]) -> list[str]:
    """Return the names of the parameters whose default is a number."""
    parameters = inspect.signature(indicator).parameters
    return [
        name
        for name, parameter in parameters.items()
        if name not in needed and isinstance(parameter.default, int | float) and not isinstance(parameter.default, bool)
    ]


def _has_sequential(indicator: Callable[..., Any]) -> bool:
    return "sequential" in inspect.signature(indicator).parameters


def _name(indicator: Callable[..., Any]) -> str:
    return str(getattr(indicator, "__name__", indicator))


def _series(candles: Rows, window: int) -> CandleSeries:
    return CandleSeries(candles, exchange="Sandbox", symbol="BTC-USDT", timeframe="1h", warm_up_candles=window)


def _half_way(bar: Rows) -> Rows:
    """Return a bar as it may have looked before it was complete."""
    time, opening, close, high, low, volume = bar
    return np.array([time, opening, (opening + close) / 2, (opening + high) / 2, (opening + low) / 2, volume / 3])


def _cuts(rows: int) -> Iterator[int]:
    """Rows after which the candles are changed."""
    yield from sorted({0, 1, rows // 5, rows // 2, 3 * rows // 4, rows - 2})


def _ends(rows: int, window: int) -> list[int]:
    """Numbers of candles at which values are looked up, in the order of a session."""
    around = range(max(1, window - 1), min(rows, window + 4))
    return sorted({1, 2, 3, 5, 8, 14, 15, 16, 21, *around, *range(30, rows, 23), rows})


def _walk(seed: int, rows: int, *, tick: float) -> Rows:
    rng = np.random.default_rng(seed)
    close = 100 + np.cumsum(rng.normal(0, 0.6, rows))
    opening = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opening, close) + rng.exponential(0.3, rows)
    low = np.minimum(opening, close) - rng.exponential(0.3, rows)
    prices = np.round(np.column_stack([opening, close, high, low]) / tick) * tick
    time = 1_650_000_000_000.0 + 3_600_000 * np.arange(rows)
    return np.column_stack([time, prices, rng.uniform(1, 100, rows)])
