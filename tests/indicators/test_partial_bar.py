"""The value of a partial bar, from the state before it or recomputed, is that of the pass over its window."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.errors import IndicatorError
from livermore.indicators import _cached_values, _memo
from livermore.indicators._kernels import cache, recursions
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.testing import sample_markets
from livermore.testing._kernels import uncompiled

MARKETS = sample_markets()
periods = st.one_of(st.integers(0, 16), st.sampled_from([18, 19, 20, 21, 39, 40, 41]))
small = st.integers(0, 5)
sources = st.sampled_from(["close", "open", "high", "low", "volume", "hl2", "hlc3", "ohlc4"])
factors = st.one_of(st.integers(0, 4), st.floats(-2, 5))
PARAMETERS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "ema": {"period": st.one_of(periods, st.floats(0.5, 30)), "source_type": sources},
    "sma": {"period": periods, "source_type": sources},
    "atr": {"period": periods},
    "rsi": {"period": periods, "source_type": sources},
    "srsi": {"period": periods, "period_stoch": small, "k": small, "d": small, "source_type": sources},
    "adx": {"period": periods},
    "macd": {"fast_period": periods, "slow_period": periods, "signal_period": periods, "source_type": sources},
    "keltner": {"period": periods, "multiplier": factors, "matype": st.sampled_from([1, 1, 0]), "source_type": sources},
    "bollinger_bands": {"period": periods, "devup": factors, "devdn": factors, "source_type": sources},
    "supertrend": {"period": periods, "factor": factors},
    "donchian": {"period": periods},
    "stoch": {"fastk_period": periods, "slowk_period": small, "slowd_period": small},
    "stochf": {"fastk_period": periods, "fastd_period": small},
    # Without steps of their own: few rows of the window, all of it, all there are, not the last row.
    "wma": {"period": st.integers(1, 25)},
    "kama": {"period": st.integers(1, 15)},
    "obv": {},
    "pivot": {},
    "cfo": {"period": st.integers(1, 25)},
}


PLAIN, PLAIN_CACHE = uncompiled(recursions), uncompiled(cache)


def series_of(candles: np.ndarray, window: int) -> CandleSeries:
    return CandleSeries(candles, exchange="E", symbol="A-B", timeframe="4h", warm_up_candles=window)


def outcome(call: Any) -> str:
    """What a call returns, to the bit, or the kind of its error."""
    try:
        with np.errstate(all="ignore"):
            return repr(call())
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError) as error:
        return type(error).__name__


def direct(indicator: Any, rows: np.ndarray, window: int, params: dict[str, Any]) -> str:
    token = indicator_window.set(window)
    try:
        return outcome(lambda: indicator(rows, **params))
    finally:
        indicator_window.reset(token)


def assert_same(indicator: Any, market: np.ndarray, window: int, params: dict[str, Any], draw: Any) -> None:
    series, end = series_of(market, window), draw(st.integers(1, 70))
    for gap in draw(st.lists(st.integers(0, 9), min_size=1, max_size=6)):
        end = min(end + gap, len(market) - 1)
        row = market[end] * [1, *draw(st.tuples(*[st.sampled_from([1.0, 0.98, 1.003])] * 5))]
        expected = direct(indicator, np.vstack([market[:end], row]), window, params)
        # The first call is resolved in Python, the second is noted, the third finds it at once.
        for _ in range(3):
            assert outcome(lambda row=row, end=end: indicator(series.view_forming(end, row), **params)) == expected


@pytest.mark.parametrize("name", PARAMETERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_forming_value_is_that_of_its_window(name: str, data: st.DataObject) -> None:
    market = MARKETS[data.draw(st.sampled_from(["random", "flat", "coarse"]))].copy()
    if data.draw(st.booleans()):
        market[data.draw(st.integers(0, 80)), data.draw(st.integers(1, 5))] = np.nan
    window = data.draw(st.sampled_from([40, 40, 40, 0, 1, 2, 3, 20, 60]))
    params = data.draw(st.fixed_dictionaries(PARAMETERS[name]))
    assert_same(getattr(ta, name), market, window, params, data.draw)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the same indicator with the same steps run as Python."""
    for name in ("Chunk", "PartialBarValues", "Prefixes", "Values"):
        monkeypatch.setattr(_cached_values, name, getattr(PLAIN_CACHE, name))

    def make(name: str) -> Any:
        spec = getattr(ta, name).spec

        def recursion(**params: Any) -> Any:
            compiled = spec.recursion(**params)
            return getattr(PLAIN, type(compiled).__name__)(**compiled.params)

        return _memo._callable(spec.compute, dataclasses.replace(spec, recursion=recursion))

    return make


STEPS = [name for name in PARAMETERS if getattr(ta, name).spec.recursion is not None]


@pytest.mark.parametrize("name", STEPS)
def test_the_same_steps_in_python(name: str, plain: Any) -> None:
    market, window = MARKETS["coarse"], 60
    indicator, series = plain(name), series_of(market, window)
    for end in range(58, 110):
        row = market[end] * [1, 1, 0.99, 1.01, 0.98, 2]
        expected = direct(indicator, np.vstack([market[:end], row]), window, {})
        assert outcome(lambda row=row, end=end: indicator(series.view_forming(end, row))) == expected


def test_steps_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an indicator has a step, no partial bar is recomputed."""

    def refuse(self: Any, candles: Any) -> Any:
        raise AssertionError("recomputed")

    monkeypatch.setattr(_cached_values.Recomputed, "__getitem__", refuse)
    series, market = series_of(synthetic_candles(400, seed=3), 60), synthetic_candles(400, seed=3)
    for name in STEPS:
        for end in range(59, 90):
            getattr(ta, name)(series.view_forming(end, market[end]))


def test_an_old_view_of_a_series_that_has_grown_keeps_its_rows() -> None:
    market = MARKETS["random"]
    series = series_of(market[:80].copy(), 60)
    view = series.view_forming(79, market[79] * 1.5)
    expected = {name: repr(getattr(ta, name)(view)) for name in STEPS}
    for row in market[80:200]:
        series.append(row)
    series.view(150)
    for name in STEPS:
        assert repr(getattr(ta, name)(view)) == expected[name]


def test_what_a_pass_refuses_is_refused_of_forming_bars() -> None:
    market = MARKETS["random"]
    view = series_of(market, 60).view_forming(100, market[100])
    for call, message in (
        (lambda: ta.ema(view, 9, "clse"), "source_type='clse' is unknown"),
        (lambda: ta.macd(view, source_type="x"), "source_type='x' is unknown"),
        (lambda: ta.stoch(view, slowk_matype=24), "matype=24 averages by volume"),
        (lambda: ta.stochf(view, fastd_matype=29), "matype=29 averages by volume"),
    ):
        for _ in range(3):
            with pytest.raises(IndicatorError, match=message):
                call()
    for call in (lambda: ta.ema(view, "9"), lambda: ta.atr(view, 1.5), lambda: ta.sma(view, [9])):
        for _ in range(3):
            with pytest.raises(TypeError):
                call()
    with pytest.raises(TypeError, match="perod"):
        ta.ema(view, perod=9)


def test_a_sequential_call_ends_with_the_forming_bar() -> None:
    market = MARKETS["random"]
    series = series_of(market, 60)
    for end in (70, 71, 80):
        row = market[end] * [1, 1, 1.01, 1.02, 0.9, 1]
        expected = ta.ema(np.vstack([market[:end], row]), 9, sequential=True)
        for _ in range(3):
            np.testing.assert_array_equal(ta.ema(series.view_forming(end, row), 9, sequential=True), expected)
