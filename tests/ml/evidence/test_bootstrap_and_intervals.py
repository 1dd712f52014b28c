"""The stationary bootstrap, and intervals whose coverage is measured on series with known truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.evidence import (
    automatic_block_length,
    block_length_for,
    estimate_all,
    independent_samples,
    long_run_test,
    share_interval,
    stationary_bootstrap,
    stationary_weights,
    wilson_interval,
)
from livermore.ml.labels import LabelWindows


def moving_sum(n, width, random):
    return np.convolve(random.standard_normal(n + width - 1), np.ones(width) / np.sqrt(width), "valid")


@given(st.integers(2, 60), st.integers(1, 5), st.floats(1, 30), st.integers(0, 2**32 - 1))
def test_resamples_are_rows_and_weights_count_them(n, b, length, seed):
    rows = stationary_bootstrap(n, b, length, seed)
    assert rows.shape == (b, n)
    assert rows.min() >= 0
    assert rows.max() < n
    weights = np.concatenate(list(stationary_weights(n, b, length, seed)))
    assert np.all(weights.sum(axis=1) == n)


def test_blocks_have_the_mean_length_asked_for():
    rows = stationary_bootstrap(1000, 200, 12.0, 0)
    jumps = np.mean(np.diff(rows, axis=1) % 1000 != 1)
    assert 1 / jumps == pytest.approx(12, rel=0.05)


def test_weights_come_in_batches_that_fit_memory_and_add_up():
    batches = list(stationary_weights(1_500_000, 3, 50, 0))
    assert [len(batch) for batch in batches] == [1, 1, 1]


def test_the_block_length_grows_with_memory():
    random = np.random.default_rng(0)
    lengths = [np.median([automatic_block_length(moving_sum(800, w, random)) for _ in range(20)]) for w in (1, 5, 20)]
    assert lengths[0] < 3 < lengths[1] < lengths[2]


def test_the_block_length_of_an_autoregression_is_near_its_optimum():
    # For an AR(1) with parameter r the optimum is (2 r / (1 - r^2))^(2/3) n^(1/3) (Politis and White 2004, section 4).
    random, r, n = np.random.default_rng(0), 0.6, 2000
    found = []
    for _ in range(30):
        x = np.zeros(n)
        for i, shock in enumerate(random.standard_normal(n - 1)):
            x[i + 1] = r * x[i] + shock
        found.append(automatic_block_length(x))
    assert np.median(found) == pytest.approx((2 * r / (1 - r**2)) ** (2 / 3) * n ** (1 / 3), rel=0.25)


def test_known_overlap_is_a_floor_for_the_block_length():
    time = np.arange(300)
    noise = np.random.default_rng(0).standard_normal(300)
    assert block_length_for(noise, LabelWindows.of(time, time + 1)) < 12
    assert block_length_for(noise, LabelWindows.of(time, time + 20)) > 35
    assert block_length_for(noise[:5]) <= 5 / 3


@pytest.mark.parametrize("series", [np.zeros(50), np.ones(3), [1.0]])
def test_a_series_without_variation_has_blocks_of_one(series):
    assert automatic_block_length(series) == 1.0


@pytest.mark.parametrize("width", [1, 10])
def test_the_interval_of_a_mean_covers_it(width):
    random, n = np.random.default_rng(width), 200
    time = np.arange(n)
    windows = LabelWindows.of(time, time + width)
    hits = []
    for _ in range(300):
        x = moving_sum(n, width, random)
        independent = independent_samples(x > 0, windows)
        low, high = estimate_all({"": lambda w, x=x: w @ x / w.sum(axis=1)}, windows, independent)[""].interval
        if not np.isnan(low):
            hits.append(low <= 0 <= high)
    # Of labels that overlap by ten bars, 200 samples often carry too little information for an interval, and where
    # they are given one it is wide.
    assert len(hits) > (250 if width == 1 else 100)
    assert 0.92 <= np.mean(hits) <= (0.985 if width == 1 else 1.0)


@pytest.mark.parametrize("width", [1, 10])
def test_the_long_run_test_keeps_its_level_under_overlap(width):
    random, n = np.random.default_rng(width), 300
    time = np.arange(n)
    windows = LabelWindows.of(time, time + width)
    p = [long_run_test(moving_sum(n, width, random), windows)[2] for _ in range(400)]
    naive = [abs(x.mean()) / x.std() * n**0.5 > 1.96 for x in (moving_sum(n, width, random) for _ in range(400))]
    assert 0.015 <= np.mean(np.array(p) < 0.05) <= 0.08
    assert width == 1 or np.mean(naive) > 0.4


def test_an_undefined_figure_has_no_interval():
    windows = LabelWindows.of(np.arange(50), np.arange(50) + 1)
    found = estimate_all({"": lambda w: np.full(len(w), np.nan)}, windows, 50.0)[""]
    assert all(np.isnan(found.interval))
    assert np.isnan(found.standard_error)


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.0, np.inf), (-np.inf, 1.0), (-1.0, 1.0)])
def test_intervals_stay_within_the_range_of_their_metric_and_hold_it(bounds):
    x, windows = np.random.default_rng(0).random(60), LabelWindows.of(np.arange(60), np.arange(60) + 1)
    found = estimate_all({"m": lambda w: w @ x / w.sum(axis=1)}, windows, 30.0, {"m": bounds})["m"]
    low, high = found.interval
    assert bounds[0] < low < found.value < high < bounds[1]


@pytest.mark.parametrize("figure", [lambda w: np.ones(len(w)), lambda w: np.zeros(len(w))], ids=["best", "worst"])
def test_a_perfect_figure_has_no_interval_of_zero_width(figure):
    windows = LabelWindows.of(np.arange(100), np.arange(100) + 1)
    found = estimate_all({"m": figure}, windows, 50.0, {"m": (0.0, 1.0)})["m"]
    assert all(np.isnan(found.interval))


def test_a_share_is_as_certain_as_its_independent_samples():
    random, time = np.random.default_rng(1), np.arange(1000)
    windows = LabelWindows.of(time, time + 1)
    alone, clustered = random.random(1000) < 0.3, np.repeat(random.random(20) < 0.3, 50)
    assert independent_samples(alone, windows) > 200
    assert independent_samples(clustered, windows) < 20
    everything = np.ones(1000, dtype=bool)
    (low, high), independent = share_interval(alone, everything, windows)
    assert low < alone.mean() < high < low + 0.08
    assert independent > 700
    assert np.isnan(share_interval(clustered, everything, windows)[0][0])
    assert np.isnan(share_interval(alone, np.zeros(1000, dtype=bool), windows)[0][0])


@pytest.mark.parametrize("n", [5, 20, 100])
def test_wilson_covers_where_the_normal_interval_does_not(n):
    random, rate = np.random.default_rng(n), 0.1
    counts = random.binomial(n, rate, 4000)
    covered = np.mean([low <= rate <= high for low, high in (wilson_interval(c / n, n) for c in counts)])
    assert covered > 0.9


def test_wilson_of_the_textbook_and_of_nothing():
    # Newcombe, Statistics in Medicine 1998, table I: 81 of 263.
    assert wilson_interval(81 / 263, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson_interval(float("nan"), 0.0) == (0.0, 1.0)


def test_blocks_need_a_length():
    with pytest.raises(DatasetError, match=r"blocks of length 1 or more; n is 5, block_length 0\.5"):
        stationary_bootstrap(5, 1, 0.5)
