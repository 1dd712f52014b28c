"""The data sets of `benchmarks/honesty.py` are what they claim to be: nulls hold nothing, edges what is said."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

SETS = 60


def t_statistic(values):
    return np.mean(values) / (np.std(values, ddof=1) / np.sqrt(len(values)))


def test_the_same_seed_draws_the_same_set_and_every_null_can_be_drawn(simulations):
    for name, null in simulations("nulls").NULLS.items():
        one, same, other = (null.draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert np.array_equal(one.X, same.X), name
        assert one.labels == same.labels, name
        assert one.labels != other.labels, name
        assert np.isfinite(one.X).all(), name
        assert one.label_time is None or (one.label_time > one.time).all(), name


@pytest.mark.parametrize(
    "name",
    [
        "own noise, n = 500",
        "price levels, n = 500",
        "technical indicators, n = 500",
        "GJR-GARCH, sign, n = 1,000",
        "pooled 50 × 40",
        "signals in bursts, n = 1,000",
        "hours of the day, n = 2,000",
        "labels over 1 to 200 bars, n = 1,000",
        "martingale barriers, no fee, n = 5,000",
    ],
)
def test_no_rule_earns_on_a_null(simulations, name):
    """A rule that knows a sample's features earns nothing on average: always in, or in by the sign of a feature."""
    null = simulations("nulls").NULLS[name]
    sets = [null.draw(np.random.default_rng([7, seed])) for seed in range(SETS)]
    always = [data.payoff.mean() for data in sets]
    # Features are compared with a constant: with their mean over the set they would know the future.
    middle = np.median(sets[0].X[:, 0])
    by_sign = [np.mean(data.payoff * np.sign(data.X[:, 0] - middle)) for data in sets[1:]]
    assert abs(t_statistic(always)) < 3.5
    assert abs(t_statistic(by_sign)) < 3.5


def test_the_fee_is_all_that_martingale_barriers_cost(simulations):
    nulls = simulations("nulls")
    free, paid = (nulls.barriers(np.random.default_rng(3), 5000, cost) for cost in (0.0, 0.0004))
    assert np.allclose(free.payoff - paid.payoff, 0.0004)
    assert free.labels == paid.labels


def test_volatility_predicts_the_barriers_label_and_nothing_predicts_its_payoff(simulations):
    nulls = simulations("nulls")
    areas, correlations = [], []
    for seed in range(20):
        data = nulls.barriers(np.random.default_rng([5, seed]), 5000, 0.0)
        areas.append(roc_auc_score(data.labels, data.X[:, 2]))
        correlations.append(np.corrcoef(data.X[:, 2], data.payoff)[0, 1])
    assert np.mean(areas) > 0.6
    assert abs(t_statistic(correlations)) < 3.5


def test_labels_over_ten_bars_know_nothing_of_those_ten_bars_later(simulations):
    noise = simulations("series").overlapping(200_000, 10, np.random.default_rng(0))
    assert noise.std() == pytest.approx(1.0, abs=0.02)
    assert np.corrcoef(noise[:-9], noise[9:])[0, 1] == pytest.approx(0.1, abs=0.02)
    assert np.corrcoef(noise[:-10], noise[10:])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_memories_and_rates_are_those_that_are_named(simulations):
    series, nulls = simulations("series"), simulations("nulls")
    slow = series.autoregressive(200_000, np.array([0.0, 0.97]), np.random.default_rng(1))
    assert np.corrcoef(slow[:-1, 1], slow[1:, 1])[0, 1] == pytest.approx(0.97, abs=0.005)
    assert slow.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.1)
    rates = [np.mean(nulls.few_positives(np.random.default_rng(s), 5000, 0.0).labels) for s in range(20)]
    assert np.mean(rates) == pytest.approx(0.02, abs=0.004)
    rare = np.concatenate([nulls.rare_class(np.random.default_rng(s), 2000).labels for s in range(20)])
    assert np.mean(rare == 1) == pytest.approx(0.02, abs=0.005)


def test_symbols_of_a_pool_share_four_fifths_of_their_outcome(simulations):
    data = simulations("nulls").pooled(np.random.default_rng(2), 200, says_when_known=True)
    outcomes = data.payoff.reshape(200, 50)
    correlation = np.corrcoef(outcomes.T)[np.triu_indices(50, 1)]
    assert correlation.mean() == pytest.approx(0.8, abs=0.15)
    assert np.unique(data.time).size == 200


def test_volatility_clusters_and_rises_after_losses_in_gjr_returns(simulations):
    returns = simulations("series").gjr_returns(100_000, np.random.default_rng(4))
    squares = returns**2
    assert np.corrcoef(squares[:-1], squares[1:])[0, 1] > 0.05
    assert np.mean(squares[1:][returns[:-1] < 0]) > np.mean(squares[1:][returns[:-1] > 0])
    assert abs(t_statistic(returns)) < 3.5


def test_indicators_at_a_bar_do_not_change_when_later_prices_do(simulations):
    series = simulations("series")
    price = 100 * np.exp(series.random_walk(900, 0.01, np.random.default_rng(6)))
    other = price.copy()
    other[700:] *= 1.5
    for features in (series.technical, series.price_levels, series.price_distances):
        assert np.allclose(features(price)[400:700], features(other)[400:700], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("area", [0.55, 0.65])
def test_a_planted_edge_has_the_size_that_is_asked_for(simulations, area):
    drawn = simulations("planted").planted(np.random.default_rng(8), 500, area)
    best = drawn.X[:, :4].mean(axis=1)
    assert roc_auc_score(drawn.outcome > 0, best) == pytest.approx(area, abs=0.015)
    assert np.mean(drawn.outcome > 0) == pytest.approx(0.5, abs=0.03)


def test_a_planted_edge_has_the_base_rate_that_is_asked_for(simulations):
    drawn = simulations("planted").planted(np.random.default_rng(9), 500, 0.65, rate=0.02)
    assert np.mean(drawn.outcome > 0) == pytest.approx(0.02, abs=0.005)
