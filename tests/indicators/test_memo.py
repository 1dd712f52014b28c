"""The framework of indicators: arguments, windows, lookups, errors."""

import threading
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livermore.indicators as ta
from livermore.errors import IndicatorError
from livermore.indicators._kernels import averages, rolling, trend, windows
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.testing import assert_causal, assert_memo_equals_direct, sample_markets

MARKET = sample_markets()["random"]


def series_of(candles: np.ndarray, window: int = 60) -> CandleSeries:
    return CandleSeries(candles, exchange="E", symbol="A-B", timeframe="1h", warm_up_candles=window)


def counting() -> tuple[Any, list[int]]:
    """An indicator, and the numbers of rows that its pass was given."""
    calls: list[int] = []

    @ta.indicator
    def body(candles: np.ndarray, scale: float = 1.0, sequential: bool = False) -> np.ndarray:
        calls.append(len(candles))
        return scale * (candles[:, 2] - candles[:, 1])

    return body, calls


def test_one_pass_serves_all_bars_of_a_sequential_indicator() -> None:
    body, calls = counting()
    series = series_of(MARKET)
    for end in range(1, len(MARKET) + 1):
        assert len(body(series.view(end), sequential=True)) == end
    assert calls == [len(MARKET)]


def test_a_windowed_value_is_computed_once() -> None:
    body, calls = counting()
    view = series_of(MARKET).view(100)
    assert body(view) == body(view) == MARKET[99, 2] - MARKET[99, 1]
    assert calls == [60]


@pytest.mark.parametrize(
    "call", [((2.0,), {}), ((), {"scale": 2.0}), ((2.0, False), {}), ((), {"sequential": False, "scale": 2.0})]
)
def test_all_spellings_of_a_call_share_one_table(call: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    body, calls = counting()
    view = series_of(MARKET).view(100)
    body(view, 2.0)
    args, kwargs = call
    assert body(view, *args, **kwargs) == 2 * (MARKET[99, 2] - MARKET[99, 1])
    assert len(calls) == 1


def test_a_looked_up_series_cannot_be_written_to() -> None:
    values = ta.ema(series_of(MARKET).view(50), sequential=True)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1.0


def test_slices_of_a_view_are_looked_up() -> None:
    body, calls = counting()
    series = series_of(MARKET)
    view = series.view(150)
    body(view)
    for start, stop in ((0, -1), (0, -1), (20, -1), (90, 150)):
        assert (
            body(view[start:stop])
            == MARKET[view[start:stop].shape[0] + start - 1, 2] - MARKET[stop - 1 if stop > 0 else 148, 1]
        )
    # One for the view, one for [:-1], found again as [20:-1]; [90:150] is the view's own window.
    assert calls == [60, 60]


def test_a_slice_shorter_than_the_window_is_computed_from_itself() -> None:
    view = series_of(MARKET).view(150)
    assert ta.ema(view[120:], 5) == ta.ema(MARKET[120:150], 5)
    assert ta.ema(view[120:], 5) != ta.ema(view, 5)


def test_a_forming_bar_is_computed_anew_each_time_it_changes() -> None:
    series = series_of(MARKET)
    for close in (101.0, 102.0, 101.0):
        row = MARKET[100].copy()
        row[2] = close
        expected = ta.sma(np.vstack([MARKET[41:100], row]), 5)
        view = series.view_forming(100, row)
        assert ta.sma(view, 5) == expected
        assert ta.sma(view[1:], 5) == expected
    assert ta.sma(series.view(101), 5) == ta.sma(MARKET[41:101], 5)


def test_a_forming_bar_does_not_show_the_completed_one() -> None:
    series = series_of(MARKET)
    ta.sma(series.view(99), 1)
    row = MARKET[100].copy()
    row[2] = 1.0
    view = series.view_forming(100, row)
    assert ta.sma(view, 1) == ta.sma(view[50:], 1) == 1.0
    assert ta.sma(view, 1, sequential=True)[-1] == 1.0


@pytest.mark.parametrize("name", ["ema", "sma", "rsi", "supertrend", "donchian", "ichimoku_cloud", "squeeze_momentum"])
def test_a_series_that_grows_gives_what_a_finished_one_gives(name: str) -> None:
    indicator = getattr(ta, name)
    finished, growing = series_of(MARKET), series_of(MARKET[:1].copy())
    for end in range(1, 140):
        if end > 1:
            growing.append(MARKET[end - 1])
        assert repr(
            indicator(growing.view(end), sequential=False) if name != "ichimoku_cloud" else indicator(growing.view(end))
        ) == repr(
            indicator(finished.view(end), sequential=False)
            if name != "ichimoku_cloud"
            else indicator(finished.view(end))
        )


def test_looking_far_back_is_right() -> None:
    series = series_of(MARKET)
    for end in (200, 100, 201, 101, 90, 202, 230):
        assert ta.ema(series.view(end), 9) == ta.ema(MARKET[end - 60 : end], 9)


def test_window_of_plain_arrays() -> None:
    assert ta.ema(MARKET, 9) == ta.ema(MARKET, 9, sequential=True)[-1]  # 230 rows are fewer than 240
    token = indicator_window.set(100)
    try:
        assert ta.ema(MARKET, 9) == ta.ema(MARKET[-100:], 9, sequential=True)[-1]
        assert ta.ema(MARKET[:, 2], 9) == ta.ema(MARKET[:, 2], 9, sequential=True)[-1]  # a series is not cut,
        assert ta.ma(MARKET[:, 2], 9, 1) == ta.ma(MARKET[-100:, 2], 9, 1, sequential=True)[-1]  # but by ma
        assert np.isnan(ta.ema(MARKET, 101))
    finally:
        indicator_window.reset(token)


def test_arithmetic_on_views_gives_plain_arrays() -> None:
    view = series_of(MARKET).view(120)
    assert ta.ema(view[:, 2] * 2, 9) == ta.ema(MARKET[:120, 2] * 2, 9)
    assert type(ta.ema(view, 9, sequential=True)) is np.ndarray
    assert type(ta.ema(view.copy(), 9, sequential=True)) is np.ndarray


def test_a_benchmark_cannot_be_a_key_and_is_computed_directly() -> None:
    other = MARKET * 1.01
    view, twin = series_of(MARKET).view(150), series_of(other).view(150)
    assert ta.beta(view, twin, 7) == ta.beta(MARKET[90:150], other[:150], 7)


def test_values_are_numpy_floats_and_named_tuples() -> None:
    view = series_of(MARKET).view(100)
    for candles in (view, MARKET[:100]):
        assert type(ta.rsi(candles)) is np.float64
        assert type(ta.macd(candles)) is type(ta.macd(MARKET, sequential=True))
        assert type(ta.macd(candles).hist) is np.float64
        assert ta.cfo(candles[:5]) is None


def test_two_threads_share_a_series() -> None:
    bars = np.tile(MARKET, (20, 1))
    bars[:, 0] = np.arange(len(bars)) * 60_000.0
    series = series_of(bars, 60)
    view = series.view(4000)
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(ta.adx(view))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [ta.adx(series.bars[3940:4000])] * 4


class Pair(NamedTuple):
    first: Any
    second: Any


def test_a_users_own_indicator_with_lanes_and_fields() -> None:
    @ta.indicator(batched=True)
    def pair(candles: np.ndarray, sequential: bool = False) -> Pair:
        return Pair(candles[:, 2] * 2, candles[:, 3] - candles[:, 4])

    assert_causal(pair)
    assert_memo_equals_direct(pair)


def test_a_pass_that_reads_the_future_is_found_out() -> None:
    @ta.indicator
    def peek(candles: np.ndarray, sequential: bool = False) -> np.ndarray:
        return candles[:, 2] - candles[-1, 2]

    with pytest.raises(AssertionError, match=r"peek reads the future: row \d+ changes from"):
        assert_causal(peek)


def test_a_pass_whose_lanes_mix_is_found_out() -> None:
    @ta.indicator(batched=True)
    def mixed(candles: np.ndarray, sequential: bool = False) -> np.ndarray:
        return candles[:, 2] - candles[:, 2].mean() if candles.ndim == 3 else candles[:, 2]

    with pytest.raises(AssertionError, match="mixed"):
        assert_memo_equals_direct(mixed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ta.ema(MARKET, source_type="clse"), r"source_type='clse' is unknown \(did you mean 'close'\?\)"),
        (lambda: ta.atr(MARKET[:, 2]), r"atr needs candles, shape \(n, 6\), and got a series"),
        (lambda: ta.ema(np.zeros((2, 3, 4))), r"ema: candles have shape \(2, 3, 4\)"),
        (lambda: ta.ma(MARKET, matype=7), "matype=7 is unknown; choose one of: 0, 1, 2"),
        (lambda: ta.ma(MARKET[:, 2], matype=24), "matype=24 averages by volume: it needs candles"),
        (lambda: ta.zscore(MARKET, devtype=3), "devtype=3 is unknown; choose 0"),
        (lambda: ta.pivot(MARKET, mode=5), "mode=5 is unknown"),
        (lambda: ta.hull_suit(MARKET, mode_switch="x"), "mode_switch='x' is unknown"),
        (lambda: ta.hurst_exponent(MARKET, method=3), "method=3 is unknown"),
        (lambda: ta.ema(series_of(MARKET).view(9), source_type="x"), "source_type='x' is unknown"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, message: str) -> None:
    with pytest.raises(IndicatorError, match=message):
        call()


def test_a_wrong_argument_is_a_type_error() -> None:
    for candles in (MARKET, series_of(MARKET).view(50)):
        with pytest.raises(TypeError, match="perod"):
            ta.ema(candles, perod=5)


def test_there_is_no_such_indicator() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        ta.no_such  # noqa: B018 -- the access is the test


numbers = st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(numbers, st.integers(1, 20))
def test_rolling_extremes_are_numpys(values: list[float], period: int) -> None:
    x = np.array(values)
    for ours, numpys in ((rolling.highest, np.max), (rolling.lowest, np.min)):
        expected = [numpys(x[i - period + 1 : i + 1]) if i >= period - 1 else np.nan for i in range(len(x))]
        np.testing.assert_array_equal(ours(x, period), expected)


@settings(max_examples=60, deadline=None)
@given(numbers, st.integers(1, 20))
def test_windows_are_numpys(values: list[float], period: int) -> None:
    x = np.array(values)
    for ours, numpys in ((windows.average, np.mean), (windows.deviation, np.std)):
        expected = [numpys(x[i - period + 1 : i + 1]) if i >= period - 1 else np.nan for i in range(len(x))]
        np.testing.assert_allclose(ours(x, period), expected, rtol=1e-9, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(numbers, st.integers(1, 12))
def test_one_lane_is_computed_as_many_are(values: list[float], period: int) -> None:
    x = np.array(values)
    twice, weights = np.column_stack([x, -x]), np.sqrt(np.arange(1.0, period + 1))
    for kernel, parameter in ((windows.weighted, weights), (rolling.highest, period), (rolling.lowest, period)):
        alone = [kernel(lane, parameter) for lane in (x, -x)]
        np.testing.assert_array_equal(np.column_stack(alone), kernel(twice, parameter))


@settings(max_examples=40, deadline=None)
@given(numbers, st.integers(1, 12), st.integers(1, 60))
def test_recursions_are_stable_under_prefixes(values: list[float], period: int, rows: int) -> None:
    x = np.array(values)
    for kernel in (averages.ema, averages.wilder, averages.smma, rolling.mean, trend.relative_strength):
        np.testing.assert_array_equal(kernel(x, period)[:rows], kernel(x[:rows], period))
