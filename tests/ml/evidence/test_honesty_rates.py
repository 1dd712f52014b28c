"""Small versions of `benchmarks/honesty.py`: noise is no edge, an edge is found, intervals hold the truth.

Each bound is what a rate within the promise exceeds in fewer than 3 of 100 such tests (binomial); seeds are fixed.
"""

import functools
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from livermore.ml.evidence import forward_evidence, forward_test
from livermore.ml.parallel import FitExecutor
from livermore.ml.split import SplitPart
from livermore.ml.tasks import task_named

pytestmark = pytest.mark.slow


@pytest.fixture
def drawn(simulations):
    """Simulate the first sets of a cell of the benchmark."""
    runs, parts = simulations("runs"), simulations("parts").PARTS

    def simulate(part, name, sets):
        cell = next(cell for cell in parts[part]() if cell.name.startswith(name))
        return [runs.simulate(cell, seed) for seed in range(sets)]

    return simulate


def count(rows, key):
    return sum(bool(row[key]) for row in rows if row.get(key) is not None)


@pytest.mark.parametrize(
    "name",
    [
        "own noise, n = 500",
        "own noise, regression, n = 500",
        "price levels, n = 500",
        "log price alone, n = 500",
        "technical indicators, n = 500",
    ],
)
def test_where_nothing_can_be_predicted_it_is_seldom_said(drawn, name):
    rows = drawn("nulls", name, 20)
    # With a rate of 5 %, more than three of twenty in 1.6 of 100 tests.
    assert count(rows, "predicts") <= 3
    assert count(rows, "edge") <= 3


def test_a_base_rate_that_wanders_is_seldom_taken_for_skill(simulations):
    null = simulations("nulls").NULLS["memory .999, n = 1,000"]
    task, claimed = task_named("binary"), 0
    for seed in range(80):
        data = null.draw(np.random.default_rng([30, seed]))
        samples = SplitPart(data, task.encode(data.labels), data.X).samples(None, 0.0)
        # Threads of the linear algebra would only wait for one another.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = forward_evidence(task, null.estimator(), samples, n_blocks=6, executor=FitExecutor())
        claimed += forward_test(found.scores).p <= 0.05
    # With a rate of 5 %, more than eight of 80 in 2.1 of 100 tests. With the slow mean of predictions they are ten.
    assert claimed <= 8


def test_a_label_that_volatility_predicts_does_not_pay(simulations):
    runs, nulls, parts = simulations("runs"), simulations("nulls"), simulations("parts")
    null = nulls.Null(functools.partial(nulls.barriers, n=2000, cost=0.0), promise=None)
    cell = runs.Cell("barriers", functools.partial(parts.null_set, null), ())
    rows = [runs.simulate(cell, seed) for seed in range(10)]
    # With a rate of 5 %, more than two of ten in 1.2 of 100 tests.
    assert count(rows, "pays") <= 2
    assert count(rows, "edge") <= 2


def test_features_of_noise_are_left_alone_where_a_fixed_band_would_judge_them(drawn):
    rows = drawn("features", "features: technical indicators, n = 500", 10)
    assert count(rows, "any helps") <= 2
    assert np.mean([row["by impact"] for row in rows]) > 0.2


def test_many_looks_at_the_same_days_do_not_add_up_to_an_edge(simulations):
    runs, parts = simulations("runs"), simulations("parts")
    cell = runs.Cell("looks", functools.partial(parts.fresh_looks, 300, 8), ())
    # With a rate of 5 %, more than one of five in 2.3 of 100 tests; were each look judged alone, a third would be.
    assert count([runs.simulate(cell, seed) for seed in range(5)], "standing") <= 1


def test_choosing_among_ten_models_does_not_make_noise_an_edge(drawn):
    assert count(drawn("choice", "best of ten models, n = 500", 4), "predicts") <= 1


def test_an_edge_is_found_and_the_intervals_hold_its_true_size(drawn):
    rows = drawn("signal", "AUC 0.65, n = 2,000", 10)
    # A power of 95 % finds fewer than eight of ten in 1.2 of 100 tests.
    assert count(rows, "predicts") >= 8
    # With a rate of 4 %, more than two of ten in 6 of 1,000 tests.
    assert count(rows, "no edge") <= 2
    covered = drawn("coverage", "intervals: AUC .60, n = 2,000", 12)
    for metric in ("roc_auc", "accuracy", "brier", "mcc"):
        # Coverage of 92 % holds fewer than nine of twelve in 1.6 of 100 tests.
        assert count(covered, f"holds {metric}") >= 9, metric


def test_labels_that_overlap_flatter_folds_that_are_not_purged(drawn):
    rows = drawn("leak", "long labels, slow features", 6)
    assert np.mean([row["shuffled"] for row in rows]) > 0.9
    assert abs(np.mean([row["purged"] for row in rows]) - 0.5) < 0.15
