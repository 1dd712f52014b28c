"""Verdicts on features: gated by the model, by clusters, and confirmed by refits."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from livermore.ml.evidence import forward_evidence, forward_test
from livermore.ml.importance import FeatureScore, judge_features, permutation_importance, unjudged_features
from livermore.ml.importance._judging import judged_cluster
from livermore.ml.tasks import Binary, Multiclass, Regression
from livermore.ml.validation import LabelledSamples

NAMES = ["signal", "twin", "slow", "noise"]


def samples(seed, strength=1.0, n=900, task="binary"):
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, 4))
    X[:, 1] = X[:, 0] + 0.2 * X[:, 1]
    for i in range(1, n):
        X[i, 2] = 0.9 * X[i - 1, 2] + 0.4 * X[i, 2]
    outcome = strength * X[:, 0] + random.standard_normal(n)
    y = {"binary": outcome > 0, "multiclass": np.digitize(outcome, [-0.5, 0.5]), "regression": outcome}[task]
    time = 60 * np.arange(n, dtype=np.int64)
    return LabelledSamples(X, y if task == "regression" else y.astype(int), time, time + 60)


def usual_indicators(seed, n=1000):
    """Indicators of a random walk, and whether it is higher ten bars later: nothing can be predicted."""
    random = np.random.default_rng(seed)
    price = np.cumsum(random.standard_normal(n + 110))
    at = np.arange(100, n + 100)
    momenta = [price[at] - price[at - k] for k in (3, 10, 14, 30)]
    means = [price[at] - np.array([price[i - k : i].mean() for i in at]) for k in (10, 20, 50)]
    y = (price[at + 10] > price[at]).astype(int)
    time = 60 * np.arange(n, dtype=np.int64)
    return LabelledSamples(np.column_stack(momenta + means), y, time, time + 600), [f"i{k}" for k in range(7)]


@pytest.mark.parametrize(
    ("task", "name", "estimator"),
    [
        (Binary(), "binary", LogisticRegression()),
        (Multiclass(), "multiclass", LogisticRegression()),
        (Regression(), "regression", Ridge()),
    ],
    ids=["binary", "multiclass", "regression"],
)
def test_correlated_features_are_judged_as_one(task, name, estimator):
    found = judge_features(task, estimator, samples(0, task=name), NAMES, skilled=True)
    assert found.verdicts == {"signal": "helps", "twin": "helps", "slow": "cannot tell", "noise": "cannot tell"}
    first = found.clusters[0]
    assert first.features == ("signal", "twin")
    assert first.shuffled.importance > 0
    assert first.left_out is not None
    assert first.left_out.importance > 0
    assert [cluster.left_out for cluster in found.clusters[1:]] == [None] * 2
    assert found.note == ""


def test_a_model_that_is_not_shown_to_predict_has_no_features_that_help_and_costs_no_fits():
    class NeverFitted(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            raise AssertionError("fitted")

    found = judge_features(Binary(), NeverFitted(), samples(0), NAMES, skilled=False)
    assert found == unjudged_features(NAMES)
    assert set(found.verdicts.values()) == {"cannot tell"}
    assert "not judged" in found.note


def test_what_shuffling_alone_finds_is_not_enough():
    """Without a gate, shuffling says that some indicator of a random walk helps in a third of the sets and more."""
    by_shuffling, by_both, gated = [], [], []
    for seed in range(12):
        data, names = usual_indicators(seed)
        tree = DecisionTreeClassifier(max_depth=4, random_state=0)
        scores = permutation_importance(Binary(), tree, data, names)
        by_shuffling.append(any(score.p_value < 0.01 and score.importance > 0 for score in scores))
        by_both.append("helps" in judge_features(Binary(), tree, data, names, skilled=True).verdicts.values())
        skilled = forward_test(forward_evidence(Binary(), tree, data, n_blocks=6).scores).p <= 0.05
        found = judge_features(Binary(), tree, data, names, skilled=skilled)
        gated.append("helps" in found.verdicts.values())
    assert sum(by_shuffling) >= 2
    assert sum(by_both) <= 1
    assert sum(gated) <= 2


def test_the_only_cluster_is_compared_with_a_constant():
    data = samples(0).columns([0, 1])
    found = judge_features(Binary(), LogisticRegression(), data, NAMES[:2], skilled=True)
    assert found.verdicts == {"signal": "helps", "twin": "helps"}


@pytest.mark.parametrize(
    ("shuffled", "left_out", "verdict"),
    [
        ((0.02, 1e-6), (0.01, 0.01), "helps"),
        ((-0.02, 1e-6), (-0.01, 0.01), "hurts"),
        ((0.02, 1e-6), (-0.01, 0.01), "cannot tell"),
        ((0.02, 1e-6), (0.01, 0.06), "cannot tell"),
        ((0.02, 1e-6), None, "cannot tell"),
    ],
)
def test_both_ways_must_agree(shuffled, left_out, verdict):
    scores = [None if way is None else FeatureScore(("rsi",), way[0], 0.005, way[1]) for way in (shuffled, left_out)]
    assert judged_cluster(*scores).verdict == verdict


def test_the_verdicts_are_the_same_on_any_number_of_workers_and_fit_only_what_shuffling_found():
    data = samples(2)
    alone, shared = (
        judge_features(Binary(), LogisticRegression(), data, NAMES, skilled=True, n_jobs=jobs) for jobs in (1, 2)
    )
    assert alone == shared


def test_too_few_samples_to_fit_folds_are_said():
    data = samples(0, n=30)
    one_class = LabelledSamples(data.X, np.zeros(30, dtype=int), data.time, data.label_time)
    found = judge_features(Binary(), LogisticRegression(), one_class, NAMES, skilled=True)
    assert found.note.startswith("The features could not be judged")
    assert set(found.verdicts.values()) == {"cannot tell"}


def test_rows_are_plain_values():
    (first, *rest) = judge_features(Binary(), LogisticRegression(), samples(0), NAMES, skilled=True).clusters
    assert first.row()["feature"] == "signal, twin"
    assert first.row()["verdict"] == "helps"
    assert rest[0].row()["left_out"] is None
