"""Trades that earn are told from those that do not, and from those of which nothing can be told."""

import math

import numpy as np
import pytest

from livermore.sanity import TradedAmounts, break_even_cost, cost_curve, pays


def trades(gross, fee=0.0, every=3600, held=1800, together=1):
    n = len(gross)
    opened = np.repeat(every * np.arange(math.ceil(n / together)), together)[:n]
    size = np.full(n, 50.0)
    return TradedAmounts(opened, opened + held, size, 2 * size, size * np.asarray(gross), size * fee)


def noise(seed, n=300, scale=0.01):
    return scale * np.random.default_rng(seed).standard_normal(n)


def test_a_mean_above_zero_pays_and_one_below_does_not():
    assert pays(trades(noise(1) + 0.003))["pays"] == "yes"
    lost = pays(trades(noise(1) - 0.003))
    assert lost["pays"] == "no"
    assert "It does not pay" in lost["text"]


def test_fees_count():
    found = pays(trades(noise(2) + 0.003, fee=0.006))
    assert found["pays"] == "no"
    assert found["net_return"] == pytest.approx(np.mean(noise(2)) - 0.003)


def test_noise_seldom_pays():
    found = [pays(trades(noise(seed)))["pays"] for seed in range(200)]
    # A rate of 5 % gives more than 18 of 200 in 1 of 100 such tests.
    assert found.count("yes") <= 18
    assert found.count("no") <= 18


def test_trades_that_overlap_are_not_counted_as_independent():
    """Forty trades a day on one factor: their common luck is no evidence."""
    said = []
    for seed in range(100):
        random = np.random.default_rng([3, seed])
        factor = np.repeat(0.01 * random.standard_normal(25), 12)
        said.append(pays(trades(factor, every=3600, held=12 * 3600))["pays"])
    # A rate of 5 % gives more than 10 of 100 in 1 of 100 such tests; the naive test would say yes in a third.
    assert said.count("yes") <= 10


def test_symbols_of_one_moment_are_summed():
    said = []
    for seed in range(100):
        factor = np.repeat(0.01 * np.random.default_rng([4, seed]).standard_normal(60), 10)
        said.append(pays(trades(factor, together=10))["pays"])
    assert said.count("yes") <= 10


def test_too_few_trades_tell_nothing():
    for n in (0, 1, 2, 7):
        found = pays(trades(noise(5, n) + 0.01))
        assert found["pays"] == "cannot tell"
        assert found["p_value"] == 1.0
        assert math.isnan(found["interval"][0])
    assert pays(trades([]))["text"] == "There is no trade out of sample."


def test_nine_trades_have_no_interval_of_their_costs_and_one_is_no_plural():
    opened, ones = 3600.0 * np.arange(10), np.ones(10)
    ten = TradedAmounts(opened, opened + 1800, ones, 2 * ones, 0.01 * np.cos(opened), 0 * ones)
    nine, one = (TradedAmounts(*(values[:n] for values in list(vars(ten).values())[:6])) for n in (9, 1))
    assert np.isfinite(break_even_cost(ten)).all()
    assert np.isnan(break_even_cost(nine)).tolist() == [False, True, True]
    assert np.isnan(cost_curve(nine)[0]["low"])
    assert "1 trade out of sample brings" in pays(one)["text"]


def many_symbols(common, times=80, symbols=40, seed=6):
    """Trades of forty symbols at the same times, each ten times long: each with its own luck, or all with the same."""
    random = np.random.default_rng(seed)
    luck = random.standard_normal((times, 1 if common else symbols)) * np.ones((times, symbols))
    one = trades((0.01 + 0.01 * luck).ravel(), every=3600, held=10 * 3600, together=symbols)
    return TradedAmounts(**{**vars(one), "symbol": np.tile(np.arange(symbols), times)})


def test_symbols_that_move_alone_are_not_too_few():
    """In eighty hours there are eight trades of ten hours after one another; of forty symbols there are more."""
    assert pays(many_symbols(common=False))["pays"] == "yes"
    assert math.isnan(pays(many_symbols(common=True))["interval"][0])
