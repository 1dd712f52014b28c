"""The information of samples of several symbols: design effect over symbols, uniqueness over time."""

import numpy as np
import pytest

from livermore.errors import DatasetError
from livermore.ml.labels import (
    LabelWindows,
    average_uniqueness,
    effective_sample_size,
    pooled_sample_size,
    pooled_uniqueness,
    symbol_correlation,
)

HOUR = 3600


def panel(times: int, symbols: int, rho: float, seed: int = 0, bars: int = 1):
    """Outcomes of symbols with a common factor, each the mean over the bars of its label."""
    random = np.random.default_rng(seed)
    n = times + bars - 1
    shocks = np.sqrt(rho) * random.normal(size=(n, 1)) + np.sqrt(1 - rho) * random.normal(size=(n, symbols))
    outcome = np.mean([shocks[k : k + times] for k in range(bars)], axis=0).ravel()
    time, symbol = np.repeat(HOUR * np.arange(times), symbols), np.tile(np.arange(symbols), times)
    return LabelWindows.of(time, time + bars * HOUR), symbol, outcome


@pytest.mark.parametrize("symbols", [10, 50])
@pytest.mark.parametrize("rho", [0.0, 0.1, 0.5, 0.9])
def test_the_design_effect_over_symbols(symbols, rho):
    true = 400 * symbols / (1 + (symbols - 1) * rho)
    found = [pooled_sample_size(*panel(400, symbols, rho, seed)) for seed in range(5)]
    assert np.mean(found) == pytest.approx(true, rel=0.15)


def test_the_variance_of_the_mean_is_that_of_so_many_samples():
    sets = [panel(100, 20, 0.3, seed) for seed in range(400)]
    variance = np.var([outcome.mean() for *_, outcome in sets])
    assert np.mean([pooled_sample_size(*of) for of in sets[:20]]) == pytest.approx(1 / variance, rel=0.25)


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_labels_that_overlap_in_time_count_once(rho):
    found = np.mean([pooled_sample_size(*panel(600, 10, rho, seed, bars=12)) for seed in range(8)])
    assert found == pytest.approx(50 * 10 / (1 + 9 * rho), rel=0.35)


def test_one_symbol_is_what_it_was_to_the_bit():
    windows, _, outcome = panel(300, 1, 0.0, bars=7)
    expected = effective_sample_size(windows)
    assert pooled_sample_size(windows, None, outcome) == expected
    assert pooled_sample_size(windows, np.full(300, "BTC-USDT"), outcome) == expected


def test_without_symbols_all_share_one_clock():
    windows, _, outcome = panel(100, 8, 0.0)
    assert pooled_sample_size(windows, None, outcome) == pytest.approx(100)


def test_symbols_that_are_copies_are_one_also_where_some_are_missing():
    windows, symbol, outcome = panel(200, 10, 1.0)
    assert pooled_sample_size(windows, symbol, outcome) == pytest.approx(200)
    kept = np.flatnonzero(np.random.default_rng(0).random(outcome.size) < 0.4)
    assert pooled_sample_size(windows.take(kept), symbol[kept], outcome[kept]) == pytest.approx(200, rel=0.05)


def test_base_rates_that_differ_are_no_correlation_and_hide_none():
    windows, symbol, outcome = panel(400, 10, 0.5)
    shifted = outcome + 3.0 * symbol
    assert symbol_correlation(windows, symbol, shifted) == pytest.approx(symbol_correlation(windows, symbol, outcome))


def test_signals_that_are_not_synchronous_still_move_together():
    """Symbols whose signals come some minutes apart, with labels of a day over the same shocks."""
    windows, symbol, outcome = panel(400, 10, 0.8)
    late = np.random.default_rng(1).integers(0, HOUR // 10, outcome.size)
    moved = LabelWindows(windows.start + late, windows.end + late)
    assert symbol_correlation(moved, symbol, outcome) > 0.7


def test_classes_count_together():
    windows, symbol, outcome = panel(500, 10, 0.8)
    bins = np.digitize(outcome, [-0.5, 0.5])
    one_hot = np.column_stack([bins == k for k in range(3)])
    assert 0.2 < symbol_correlation(windows, symbol, one_hot) < 0.8


def test_nothing_constant_values_and_symbols_that_never_meet():
    none = LabelWindows.of(np.empty(0, dtype=int), np.empty(0, dtype=int))
    assert pooled_sample_size(none, np.empty(0), np.empty(0)) == 0
    windows, symbol, outcome = panel(50, 2, 0.5)
    assert symbol_correlation(windows, symbol, np.full(100, 0.1)) == 0.0
    apart = np.where(np.arange(100) < 50, 0, 1)
    assert symbol_correlation(windows.take(np.arange(0, 100, 2)), apart[::2], outcome[::2]) == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_must_be_finite_and_as_many_as_samples(bad):
    windows, symbol, outcome = panel(50, 2, 0.5)
    with pytest.raises(DatasetError, match="finite"):
        pooled_sample_size(windows, symbol, np.where(np.arange(100) == 3, bad, outcome))
    with pytest.raises(DatasetError, match="99 values"):
        pooled_sample_size(windows, symbol, outcome[:99])


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_weights_add_up_to_the_independent_samples_of_a_complete_panel(rho):
    given = panel(400, 20, rho, bars=4)
    assert pooled_uniqueness(*given).sum() == pytest.approx(pooled_sample_size(*given), rel=0.02)


def test_weights_of_one_symbol_are_its_average_uniqueness_to_the_bit():
    windows, symbol, outcome = panel(300, 1, 0.0, bars=7)
    for given in (None, symbol):
        np.testing.assert_array_equal(pooled_uniqueness(windows, given, outcome), average_uniqueness(windows))


def test_a_symbol_that_trades_alone_loses_nothing_to_those_of_other_times():
    windows, symbol, outcome = panel(200, 10, 1.0)
    alone = LabelWindows.of(HOUR * np.arange(300, 320), HOUR * np.arange(301, 321))
    both = LabelWindows.of(np.append(windows.start, alone.start), np.append(windows.end, alone.end))
    values = np.append(outcome, np.random.default_rng(1).normal(size=20))
    found = pooled_uniqueness(both, np.append(symbol, np.full(20, 10)), values)
    np.testing.assert_allclose(found[-20:], 1.0)
    np.testing.assert_allclose(found[:-20], 0.1)
