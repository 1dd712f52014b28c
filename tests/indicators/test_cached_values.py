"""Looked up or one step on from what is remembered, values are those of a direct call, whatever callers ask for."""

import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.errors import IndicatorError
from livermore.indicators import _cached_values
from livermore.indicators._kernels.cache import Chunk, Values
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.testing import sample_markets

WINDOW = 60
CANDLES = synthetic_candles(1_200, seed=8)
NAMES = ["ema", "sma", "atr", "rsi", "adx", "srsi", "macd", "keltner", "bollinger_bands", "supertrend"]
OTHERS = ["donchian", "stoch", "kama", "dema", "pivot", "vwap"]


@pytest.fixture(autouse=True)
def _window() -> Any:
    token = indicator_window.set(WINDOW)
    yield
    indicator_window.reset(token)


def series_of(candles: np.ndarray, window: int = WINDOW) -> CandleSeries:
    return CandleSeries(candles, exchange="E", symbol="A-B", timeframe="15m", warm_up_candles=window)


def asked(steps: list[int]) -> list[int]:
    """Bars that callers ask for, from their distances; later ones repeat them."""
    ends = itertools.accumulate(itertools.chain([WINDOW + 2], itertools.cycle(steps)))
    return [min(max(end, 1), len(CANDLES)) for end in itertools.islice(ends, 150)]


@pytest.mark.parametrize("name", NAMES + OTHERS)
@settings(max_examples=8, deadline=None)
@given(steps=st.lists(st.integers(-3, 12), min_size=1, max_size=5))
def test_any_pattern_of_asking(name: str, steps: list[int]) -> None:
    indicator, series = getattr(ta, name), series_of(CANDLES)
    for end in asked(steps):
        assert repr(indicator(series.view(end))) == repr(indicator(CANDLES[:end].copy()))


changes = st.tuples(*[st.floats(0.9, 1.1)] * 4)
FORMING = [
    *((name, {}) for name in [*NAMES, *OTHERS]),
    ("ema", {"period": 60, "source_type": "hl2"}),
    ("ema", {"period": 61}),
    ("sma", {"period": 59, "source_type": "ohlc4"}),
    ("sma", {"period": 60}),
    ("atr", {"period": 1}),
    ("atr", {"period": 60}),
    ("rsi", {"period": 1, "source_type": "volume"}),
    ("rsi", {"period": 59}),
    ("macd", {"fast_period": 3, "slow_period": 70}),
    ("keltner", {"matype": 0}),
    ("keltner", {"multiplier": 1.5, "source_type": "hlc3"}),
    ("bollinger_bands", {"devtype": 1}),
    ("bollinger_bands", {"period": 2, "devup": 1, "devdn": 3}),
    ("donchian", {"period": 70}),
    ("adx", {"period": 1}),
    ("adx", {"period": 29}),
    ("supertrend", {"period": 1, "factor": 0.5}),
    ("supertrend", {"period": 59, "factor": 0.1}),
    ("supertrend", {"period": 60}),
]


@pytest.mark.parametrize(("name", "params"), FORMING, ids=str)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_bar_that_forms(name: str, params: dict[str, Any], data: st.DataObject) -> None:
    market = sample_markets()[data.draw(st.sampled_from(["random", "flat", "coarse"]))]
    indicator, series, end = getattr(ta, name), series_of(market), 50
    for gap, (close, high, low, volume) in data.draw(st.lists(st.tuples(st.integers(0, 9), changes), max_size=12)):
        end += gap
        row = market[end] * [1, 1, close, high, low, volume]
        direct = indicator(np.vstack([market[:end], row]), **params)
        assert repr(indicator(series.view_forming(end, row), **params)) == repr(direct)
        # What is known of a bar while it forms leaves the completed ones alone.
        assert repr(indicator(series.view(end), **params)) == repr(indicator(market[:end].copy(), **params))


def test_a_forming_price_that_is_no_number() -> None:
    market = sample_markets()["random"]
    row = market[100].copy()
    row[2] = np.nan
    for name in ("sma", "bollinger_bands", "rsi", "ema"):
        indicator = getattr(ta, name)
        direct = indicator(np.vstack([market[:100], row]))
        assert repr(indicator(series_of(market).view_forming(100, row))) == repr(direct)


def test_values_between_the_bars_asked_for_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []
    plain = _cached_values._Ahead._rows

    def rows(self: Any, end: int, step: int, count: int) -> Any:
        made.append((step, count))
        return plain(self, end, step, count)

    monkeypatch.setattr(_cached_values._Ahead, "_rows", rows)
    series = series_of(CANDLES)
    for end in range(100, 1_200, 6):
        ta.adx(series.view(end))
    assert made == [(1, 1), (6, 32), (6, 128), (6, 23)]


def test_few_values_are_computed_for_those_who_rarely_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = _cached_values.Sizes()
    assert [sizes.next(1), sizes.next(1), sizes.next(32), sizes.next(128)] == [1, 32, 128, 512]
    assert [sizes.next(1) for _ in range(3)] == [128, 512, 128]


class Pair(NamedTuple):
    first: Any
    second: Any


def test_values_of_a_table() -> None:
    asked_for: list[tuple[int, int, int]] = []

    def reach(end: int, step: int, count: int) -> Chunk:
        asked_for.append((end, step, count))
        step = max(step, 1)
        ends = np.arange(end, end + 3 * step, step)
        return Chunk(end, step, 3, [ends * 10.0, -ends], Pair, tuple)

    values = Values(reach)
    for end in (5, 5, 6, 7, 5, 9, 7, 30, 9):
        assert values[end] == (end * 10.0, -end)
    assert type(values[9]) is tuple
    assert asked_for[0] == (5, 0, 1)
    assert [end for end, _, _ in asked_for] == [5, 9, 30]


@pytest.mark.parametrize("sequential", [False, True])
def test_two_calls_that_differ_in_a_parameter_differ(sequential: bool) -> None:
    view = series_of(CANDLES).view(400)
    for calls in (
        [((9,), {}), ((10,), {}), ((), {}), ((9, "open"), {}), ((), {"source_type": "open"}), ((9.0,), {})],
        [((9,), {"source_type": "high"}), ((), {"period": 9}), ((9, "close"), {})],
    ):
        for args, kwargs in calls * 2:
            found = ta.ema(view, *args, sequential=sequential, **kwargs)
            direct = ta.ema(CANDLES[:400].copy(), *args, sequential=sequential, **kwargs)
            np.testing.assert_array_equal(found, direct)


def test_parameters_that_are_given_by_name_alone() -> None:
    @ta.indicator
    def scaled(candles: np.ndarray, *, by: float, plus: float = 0.5) -> np.ndarray:
        return candles[:, 2] * by + plus

    view = series_of(CANDLES).view(300)
    for candles in (view, view, CANDLES[:300]):
        assert scaled(candles, by=2) == CANDLES[299, 2] * 2 + 0.5
        assert scaled(candles, plus=1, by=3) == CANDLES[299, 2] * 3 + 1
        with pytest.raises(TypeError, match="by"):
            scaled(candles)
        with pytest.raises(TypeError, match="positional"):
            scaled(candles, 2)


def test_parameters_without_a_name_are_refused() -> None:
    with pytest.raises(IndicatorError, match=r"scaled: the parameter '\*factors: float' cannot be given by name"):

        @ta.indicator
        def scaled(candles: np.ndarray, *factors: float) -> np.ndarray:
            return candles[:, 2] * np.prod(factors)
