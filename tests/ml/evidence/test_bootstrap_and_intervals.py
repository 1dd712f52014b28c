"""The stationary bootstrap, and intervals whose coverage is measured on series with known truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.evidence import (
    automatic_block_length,
    block_length_for,
    long_run_test,
    resample,
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


def test_a_seed_makes_intervals_repeatable():
    x = np.random.default_rng(0).standard_normal(100)
    first, again = (resample(lambda w: w @ x / w.sum(axis=1), 100, 5.0).interval() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("width", [1, 10])
def test_the_interval_of_a_mean_covers_it(width):
    random, n = np.random.default_rng(width), 200
    time = np.arange(n)
    windows = LabelWindows.of(time, time + width)
    hits = []
    for _ in range(300):
        x = moving_sum(n, width, random)
        low, high = resample(lambda w, x=x: w @ x / n, n, block_length_for(x, windows), n_resamples=300).interval()
        hits.append(low <= 0 <= high)
    assert 0.92 <= np.mean(hits) <= 0.985


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
    found = resample(lambda w: np.full(len(w), np.nan), 50, 2.0, n_resamples=50)
    assert all(np.isnan(found.interval()))
    assert np.isnan(found.standard_error)
    assert found.p_value() == 1.0


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


def test_nothing_cannot_be_resampled():
    with pytest.raises(DatasetError, match="no samples to resample"):
        resample(lambda w: w.sum(axis=1), 0, 1.0)
    with pytest.raises(DatasetError, match=r"blocks of length 1 or more; n is 5, block_length 0\.5"):
        stationary_bootstrap(5, 1, 0.5)
