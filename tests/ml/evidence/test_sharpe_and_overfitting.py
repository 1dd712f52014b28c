"""Sharpe ratios and backtest overfitting: the worked examples of the papers, and purgedcv where it is installed."""

import math

import numpy as np
import pytest
from scipy.signal import lfilter

from livermore.errors import DatasetError
from livermore.ml.evidence import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
    probability_of_backtest_overfitting,
    sharpe_evidence,
    sharpe_moments,
)

YEAR = 250**0.5


def test_the_deflated_sharpe_ratios_paper_example():
    # Bailey and López de Prado (2014): annual 2.5, five years of days, skewness -3, kurtosis 10, variance 1/2.
    assert expected_maximum_sharpe(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe_ratio(2.5 / YEAR, 1250, -3, 10, trials=100, variance=0.5 / 250) == pytest.approx(
        0.9004, abs=5e-5
    )
    assert deflated_sharpe_ratio(2.5 / YEAR, 1250, -3, 10, trials=46, variance=0.5 / 250) == pytest.approx(
        0.9505, abs=5e-5
    )
    assert deflated_sharpe_ratio(2.5 / YEAR, 1250, 0, 3, trials=88, variance=0.5 / 250) == pytest.approx(
        0.9505, abs=5e-4
    )


@pytest.mark.parametrize(("per_year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_minimum_track_records_of_the_paper(per_year, years):
    # Bailey and López de Prado (2012): annual Sharpe ratio 2 against 1 at 95 %, daily, weekly and monthly returns.
    length = minimum_track_record_length(2 / per_year**0.5, benchmark=1 / per_year**0.5)
    assert length / per_year == pytest.approx(years, abs=0.005)


def test_five_years_bear_forty_five_trials():
    assert minimum_backtest_length(45) == pytest.approx(5.0, abs=0.01)


def test_the_probabilistic_sharpe_ratio_is_the_t_test_for_small_normal_ratios():
    assert probabilistic_sharpe_ratio(0.0, 100) == 0.5
    assert probabilistic_sharpe_ratio(0.164485 / 2, 401) == pytest.approx(0.95, abs=0.001)


def test_the_expected_maximum_is_that_of_simulated_noise():
    best = np.random.default_rng(0).standard_normal((4000, 50)).max(axis=1)
    assert expected_maximum_sharpe(50) == pytest.approx(best.mean(), abs=0.03)


def test_fat_left_tails_lower_the_probability():
    assert probabilistic_sharpe_ratio(0.1, 250, skewness=-2, kurtosis=9) < probabilistic_sharpe_ratio(0.1, 250)


def test_moments_feed_the_ratio():
    returns = np.random.default_rng(0).normal(0.001, 0.01, 500)
    sharpe, n, skewness, kurtosis = sharpe_moments(returns)
    assert (sharpe, n) == (pytest.approx(returns.mean() / returns.std()), 500)
    assert abs(skewness) < 0.3
    assert kurtosis == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sharpe_moments([1, 1, 1, 1]), "not all equal"),
        (lambda: expected_maximum_sharpe(0), "trials must be 1 or more; it is 0"),
        (lambda: probabilistic_sharpe_ratio(1, 10, skewness=5), "No series has skewness 5"),
        (lambda: probability_of_backtest_overfitting(np.ones((50, 1))), "at least two trials"),
        (lambda: probability_of_backtest_overfitting(np.ones((50, 3)), 5), "n_blocks must be even"),
    ],
)
def test_what_cannot_be_computed(call, message):
    with pytest.raises(DatasetError, match=message):
        call()


def test_choosing_among_noise_is_overfitting_half_the_time_and_an_edge_is_not():
    random = np.random.default_rng(3)
    noise = [probability_of_backtest_overfitting(random.normal(size=(300, 10)), 8).probability for _ in range(30)]
    assert 0.4 < np.mean(noise) < 0.65
    edge = random.normal(size=(300, 10)) + np.r_[0.4, np.zeros(9)]
    assert probability_of_backtest_overfitting(edge, 8).probability < 0.02


def test_a_trial_that_wins_early_and_loses_late_is_overfitting():
    returns = np.tile([[0.01, 0.02], [-0.005, 0.01]], (50, 1))
    returns = np.column_stack([np.r_[returns[:50, 0] + 0.1, returns[50:, 0] - 0.1], returns[:, 1]])
    assert probability_of_backtest_overfitting(returns, 2).probability == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_overfitting_agrees_with_purgedcv(seed):
    purgedcv = pytest.importorskip("purgedcv", reason="purgedcv is not installed: pip install purgedcv")
    # An even number: of an odd one the median itself counts half here.
    returns = np.random.default_rng(seed).normal(0.02 * seed, 1, size=(240, 8))
    theirs = purgedcv.probability_of_backtest_overfitting(returns.T, n_splits=8)
    assert probability_of_backtest_overfitting(returns, 8).probability == pytest.approx(theirs.pbo)


def test_fewer_than_two_trials_expect_no_negative_maximum():
    assert expected_maximum_sharpe(1.05) == 0.0
    assert deflated_sharpe_ratio(0.1, 250, 0, 3, 1.05, 0.004) == probabilistic_sharpe_ratio(0.1, 250)


def test_the_median_counts_half_so_that_noise_has_probability_one_half():
    rng = np.random.default_rng(0)
    for m in (3, 5):
        found = [probability_of_backtest_overfitting(rng.normal(size=(200, m)), 6).probability for _ in range(150)]
        assert abs(np.mean(found) - 0.5) < 4 * np.std(found) / math.sqrt(150)


@pytest.mark.parametrize("memory", [0.0, 0.2, 0.5])
def test_the_probabilistic_ratio_keeps_its_level_with_dependent_returns(memory):
    rng, n_sets, above = np.random.default_rng(1), 400, 0
    for _ in range(n_sets):
        returns = lfilter([1.0], [1.0, -memory], rng.normal(size=350))[100:]
        above += sharpe_evidence(returns)["probabilistic"] > 0.95
    assert above / n_sets <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / n_sets)


def test_more_trials_and_dependence_make_a_ratio_less_certain():
    returns = np.random.default_rng(2).normal(0.001, 0.01, 500)
    one, many = sharpe_evidence(returns), sharpe_evidence(returns, trials=50)
    assert many["deflated"] < one["deflated"] == one["probabilistic"]
    assert "50 trials" in many["text"]
    repeated = sharpe_evidence(np.repeat(returns, 5))
    assert repeated["dependence"] > 2
    assert sharpe_evidence(-returns)["minimum_track_record"] == math.inf


@pytest.mark.parametrize("returns", [[], [0.1] * 100, [0.0, 0.1] * 5, [math.nan] * 50, [[0.1, 0.2]] * 50])
def test_without_a_sharpe_ratio_there_is_no_evidence(returns):
    assert sharpe_evidence(returns) is None
