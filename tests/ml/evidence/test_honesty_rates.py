"""Small versions of `benchmarks/honesty.py`: noise is no edge, an edge is found, intervals hold the truth.

Each bound is what a rate within the promise exceeds in fewer than 2 of 100 such tests (binomial).
"""

import numpy as np
import pytest

SETS = 20


def drawn(simulations, part, name, sets=SETS):
    runs = simulations("runs")
    cell = next(cell for cell in simulations("parts").PARTS[part]() if cell.name == name)
    return [runs.simulate(cell, seed) for seed in range(sets)]


def count(rows, key):
    return sum(bool(row[key]) for row in rows if row.get(key) is not None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["own noise, n = 500", "own noise, multiclass, n = 500", "own noise, regression, n = 500"]
)
def test_noise_is_seldom_called_an_edge(simulations, name):
    rows = drawn(simulations, "nulls", name)
    # With a rate of 5 %, more than three of twenty in 1.6 of 100 tests.
    assert count(rows, "predicts") <= 3
    assert count(rows, "edge") <= 3


@pytest.mark.slow
def test_features_of_noise_are_left_alone_where_a_fixed_band_would_judge_them(simulations):
    rows = drawn(simulations, "features", "features: own noise, n = 500")
    assert count(rows, "any helps") <= 3
    assert np.mean([row["by impact"] for row in rows]) > 0.2


@pytest.mark.slow
def test_choosing_among_ten_models_does_not_make_noise_an_edge(simulations):
    # With a rate of 5 %, more than two of ten in 1.2 of 100 tests.
    assert count(drawn(simulations, "choice", "best of ten models, n = 500", 10), "predicts") <= 2


@pytest.mark.slow
def test_an_edge_is_found_and_the_intervals_hold_its_true_size(simulations):
    rows = drawn(simulations, "signal", "AUC 0.65, n = 2,000 (bound 100.0%)")
    # A power of 75 % finds fewer than eleven of twenty in 1.4 of 100 tests.
    assert count(rows, "predicts") >= 11
    # With a rate of 4 %, more than two of twenty in 4 of 1,000 tests.
    assert count(rows, "no edge") <= 2
    covered = drawn(simulations, "coverage", "intervals: AUC .60, n = 2,000")
    for metric in ("roc_auc", "accuracy", "brier", "mcc"):
        # Coverage of 92 % stays at 15 of 20 or above in 99 of 100 such tests; 75 % would not in 4 of 10.
        assert count(covered, f"holds {metric}") >= 15, metric


def test_labels_that_overlap_flatter_folds_that_are_not_purged(simulations):
    rows = drawn(simulations, "leak", "long labels, slow features", 6)
    assert np.mean([row["shuffled"] for row in rows]) > 0.9
    assert abs(np.mean([row["purged"] for row in rows]) - 0.5) < 0.15
