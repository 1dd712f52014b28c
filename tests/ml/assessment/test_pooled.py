"""The evidence of samples of many symbols with a common factor."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.ml.assessment import assess_predictions
from livermore.ml.evidence import payoff_test
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Prediction, task_named
from livermore.ml.validation import LabelledSamples
from livermore.research import train_model

HOUR = 3600


def factor(random, times, symbols, rho):
    return np.sqrt(rho) * random.normal(size=(times, 1)) + np.sqrt(1 - rho) * random.normal(size=(times, symbols))


def samples(times, symbols, rho, seed=0, strength=0.5):
    random = np.random.default_rng(seed)
    x, noise = factor(random, times, symbols, rho), factor(random, times, symbols, rho)
    return [
        {
            "time": HOUR * t,
            "features": {"x": x[t, s]},
            "label": {"name": "win", "value": bool(strength * x[t, s] + noise[t, s] > 0)},
            "label_time": HOUR * (t + 1),
            "exchange": "Sandbox",
            "symbol": f"S{s}-USDT",
        }
        for t in range(times)
        for s in range(symbols)
    ]


def trained(rows):
    return train_model(rows, LogisticRegression(), importance=False, judge_features=False, impact=False, verbose=False)


def test_independent_symbols_are_counted_each_and_a_common_factor_is_not():
    alone, together = (trained(samples(120, 20, rho))["verdict"] for rho in (0.0, 0.9))
    n = alone["details"]["predicts"]["n"]
    assert n == together["details"]["predicts"]["n"]
    assert alone["n_effective"] > 0.75 * n
    # The labels of symbols that correlate at 0.9 agree less often than that.
    assert n / 20 <= together["n_effective"] < n / 6
    assert f"carry the information of {alone['n_effective']:,.0f} independent ones" in alone["text"]


def test_one_symbol_is_as_before_with_its_name_and_without():
    rows = samples(200, 1, 0.0)
    nameless = [{key: value for key, value in row.items() if key not in ("exchange", "symbol")} for row in rows]
    assert trained(rows)["verdict"] == trained(nameless)["verdict"]


def test_one_symbol_on_two_exchanges_is_two_markets():
    rows = samples(150, 2, 0.0)
    one_name = [row | {"symbol": "BTC-USDT", "exchange": row["symbol"]} for row in rows]
    assert trained(rows)["verdict"]["n_effective"] == trained(one_name)["verdict"]["n_effective"]


@pytest.mark.parametrize("rho", [0.1, 0.9])
def test_intervals_of_metrics_cover(rho):
    def assessed(seed):
        random = np.random.default_rng(seed)
        x, noise = (factor(random, 60, 10, rho).ravel() for _ in range(2))
        y, p = (0.4 * x + noise > 0).astype(int), 1 / (1 + np.exp(-0.8 * x))
        time = np.repeat(HOUR * np.arange(60), 10)
        of = LabelledSamples(x[:, None], y, time, time + HOUR, market=np.tile(np.arange(10), 60))
        return assess_predictions(
            task_named("binary"), of, Prediction((p > 0.5).astype(int), np.column_stack([1 - p, p]), np.array([0, 1]))
        )

    found = [assessed(seed) for seed in range(60)]
    for name in ("accuracy", "brier"):
        true = np.mean([of.metrics[name] for of in found])
        given = [of.intervals[name] for of in found if np.isfinite(of.intervals[name][0])]
        assert len(given) > 45
        # 95 % less three standard errors; intervals for independent samples cover a half at 0.9.
        assert np.mean([low <= true <= high for low, high in given]) > 0.86


def test_signals_of_many_symbols_at_few_times_are_enough_where_they_are_independent():
    random, times, symbols = np.random.default_rng(0), 9, 40
    time, market = np.repeat(HOUR * np.arange(times), symbols), np.tile(np.arange(symbols), times)
    windows, taken = LabelWindows.of(time, time + HOUR), np.ones(time.size, dtype=bool)
    independent = 0.01 + 0.02 * random.normal(size=time.size)
    common = 0.01 + 0.02 * np.repeat(random.normal(size=times), symbols)
    assert not payoff_test(independent, taken, windows, market).thin
    assert payoff_test(independent, taken, windows).thin
    assert payoff_test(common, taken, windows, market).thin
