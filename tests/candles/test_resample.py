"""Resampling against a row-by-row definition, on clocks, gaps and sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import TIMEFRAMES, combine, resample, synthetic_candles, timeframe_minutes, timeframe_ms
from livermore.errors import CandleError, TimeframeError


def minutes_at(indices, seed=0):
    """Candles at the given minutes since 1970, with volumes of very different size."""
    rng = np.random.default_rng(seed)
    n = len(indices)
    walk = 100 + np.cumsum(rng.normal(size=n + 1))
    open_, close = walk[:-1], walk[1:]
    high = np.maximum(open_, close) + rng.random(n)
    low = np.minimum(open_, close) - rng.random(n)
    volume = rng.random(n) * 10 ** rng.uniform(-4, 6, n)
    return np.column_stack([60_000.0 * np.asarray(indices), open_, close, high, low, volume])


def by_definition(rows, timeframe):
    """Every bucket, one at a time, each aggregated from a slice as a strategy's engine would."""
    length = timeframe_ms(timeframe)
    buckets = {}
    for index, row in enumerate(rows):
        buckets.setdefault(row[0] // length * length, []).append(index)
    return np.array([combine(rows[i[0] : i[-1] + 1], start) for start, i in buckets.items()])


sparse_minutes = st.lists(st.integers(0, 4000), min_size=1, max_size=300, unique=True).map(sorted)


@settings(max_examples=60, deadline=None)
@given(sparse_minutes, st.sampled_from(["1m", "3m", "5m", "15m", "45m", "1h", "4h", "1D"]), st.integers(0, 99))
def test_equals_the_definition_bit_for_bit(indices, timeframe, seed):
    rows = minutes_at(indices, seed)
    assert np.array_equal(resample(rows, timeframe, keep_incomplete=True), by_definition(rows, timeframe))


@settings(max_examples=40, deadline=None)
@given(sparse_minutes, st.sampled_from(["5m", "15m", "1h", "1D"]))
def test_only_the_last_bar_can_be_incomplete(indices, timeframe):
    rows = minutes_at(indices)
    every = resample(rows, timeframe, keep_incomplete=True)
    complete = resample(rows, timeframe)
    is_over = every[-1, 0] + timeframe_ms(timeframe) <= rows[-1, 0] + 60_000
    assert np.array_equal(complete, every if is_over else every[:-1])


@pytest.mark.parametrize("timeframe", list(TIMEFRAMES))
def test_dense_rows_sum_as_numpy_sums_a_slice(timeframe):
    n = timeframe_minutes(timeframe)
    rows = minutes_at(np.arange(3 * n))
    bars = resample(rows, timeframe)
    assert len(bars) == 3
    assert bars[:, 5].tolist() == [rows[i * n : (i + 1) * n, 5].sum() for i in range(3)]


def test_bars_align_to_the_clock_and_keep_an_incomplete_first_bar():
    bars = resample(minutes_at(range(7, 21)), "5m")
    assert bars[:, 0].tolist() == [5 * 60_000, 10 * 60_000, 15 * 60_000]


def test_a_missing_last_minute_is_complete_once_time_has_passed():
    rows = minutes_at([0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert resample(rows, "5m")[:, 0].tolist() == [0]
    assert resample(rows, "5m", until=10 * 60_000)[:, 0].tolist() == [0, 300_000]
    assert resample(rows, "5m", until=5 * 60_000 - 1).shape == (0, 6)


def test_weeks_start_on_the_epochs_weekday_as_in_jesse():
    assert resample(minutes_at([10_080 * 3 + 5]), "1W", keep_incomplete=True)[0, 0] == 10_080 * 3 * 60_000


def test_no_rows_give_no_bars():
    assert resample(np.empty((0, 6)), "1h").shape == (0, 6)


def test_a_minute_of_a_minute_is_a_copy():
    rows = minutes_at(range(5))
    bars = resample(rows, "1m")
    assert np.array_equal(bars, rows)
    assert not np.shares_memory(bars, rows)


def test_unknown_timeframes_are_refused_with_the_nearest_name():
    with pytest.raises(TimeframeError, match=r"unknown timeframe '15min'; did you mean '15m'\?"):
        timeframe_minutes("15min")
    with pytest.raises(TimeframeError, match=r"unknown timeframe 5; .*Timeframes: 1m, 3m"):
        resample(minutes_at([0]), 5)


def test_candles_that_are_not_in_order_are_refused() -> None:
    """Bars were made of them all the same, or of none."""
    rows = synthetic_candles(20, seed=1)
    for wrong in (rows[::-1], rows[[0, 1, 1, 2]], np.full((3, 6), np.nan)):
        with pytest.raises(CandleError, match="the time is not after that of the row above it"):
            resample(wrong, "5m")
    with pytest.raises(CandleError, match="rows of 6 columns"):
        resample(rows[:, :5], "5m")
