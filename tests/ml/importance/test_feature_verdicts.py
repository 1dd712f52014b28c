"""Judging features with the user's estimator: what helps is found, what is noise is left alone."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from livermore.errors import TrainingError
from livermore.ml.evidence import TrainingSide
from livermore.ml.importance import (
    FeatureScore,
    drop_column_importance,
    feature_clusters,
    feature_verdicts,
    permutation_importance,
    single_feature_importance,
)
from livermore.ml.tasks import Binary, Multiclass, Regression
from livermore.ml.validation import WalkForward

NAMES = [f"f{k}" for k in range(6)]
N = 900


def slow_features(n, random, memory=0.8):
    X = random.standard_normal((n, len(NAMES)))
    for i in range(1, n):
        X[i] = memory * X[i - 1] + np.sqrt(1 - memory**2) * X[i]
    return X


def side(seed, strength, task="binary", overlap=5, n=N):
    random = np.random.default_rng(seed)
    X = slow_features(n, random)
    outcome = strength * X[:, 0] + np.convolve(
        random.standard_normal(n + overlap - 1), np.ones(overlap) / overlap**0.5, "valid"
    )
    y = {
        "binary": (outcome > 0).astype(int),
        "multiclass": np.digitize(outcome, [-0.5, 0.5]) - 1,
        "regression": outcome,
    }[task]
    time = np.arange(n, dtype=np.int64) * 60
    return TrainingSide(X, y, time, time + 60 * overlap)


TASKS = [
    (Binary(), "binary", LogisticRegression()),
    (Multiclass(), "multiclass", LogisticRegression()),
    (Regression(), "regression", Ridge()),
]


@pytest.mark.parametrize(("task", "name", "estimator"), TASKS, ids=[name for _, name, _ in TASKS])
@pytest.mark.parametrize("method", [permutation_importance, drop_column_importance, single_feature_importance])
def test_every_method_finds_the_feature_that_carries_the_signal(method, task, name, estimator):
    scores = method(task, estimator, side(0, 1.0, name), NAMES)
    assert scores[0].features == ("f0",)
    assert scores[0].p_value < 1e-4
    assert scores[0].importance > 0 < scores[0].standard_error
    assert {score.features[0] for score in scores} == set(NAMES)
    assert feature_verdicts(scores)["f0"] == "helps"


def test_noise_is_left_alone():
    judged, p = [], []
    for seed in range(25):
        scores = permutation_importance(Binary(), LogisticRegression(), side(seed, 0.0, n=400), NAMES)
        judged += [verdict != "cannot tell" for verdict in feature_verdicts(scores).values()]
        p += [score.p_value for score in scores]
    assert np.mean(judged) <= 0.05
    # The raw p-values keep their level, too: the correction is not what saves them.
    assert np.mean(np.array(p) < 0.05) <= 0.08


def test_a_feature_that_misleads_hurts():
    data = side(1, 1.5, n=1200)
    # What the feature says turns round halfway: the model has learnt the opposite of what then is true.
    X = data.X.copy()
    X[600:, 0] *= -1
    turned = TrainingSide(X, data.y, data.time, data.label_time)
    halves = WalkForward(data.time, data.label_time, n_splits=1, first_train=0.5)
    scores = permutation_importance(Binary(), LogisticRegression(), turned, NAMES, splitter=halves)
    assert feature_verdicts(scores)["f0"] == "hurts"


def test_twins_share_their_credit_and_a_cluster_gives_it_back():
    data = side(2, 1.0)
    X = np.column_stack([data.X, data.X[:, 0] + 0.05 * np.random.default_rng(0).standard_normal(N)])
    twins = TrainingSide(X, data.y, data.time, data.label_time)
    names = [*NAMES, "twin"]
    tree = DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=0)
    clusters = feature_clusters(X)
    assert [0, 6] in clusters
    alone = {s.features: s.importance for s in permutation_importance(Binary(), tree, twins, names)}
    together = {s.features: s.importance for s in permutation_importance(Binary(), tree, twins, names, groups=clusters)}
    assert together["f0", "twin"] > max(alone[("f0",)], alone[("twin",)])
    judged = feature_verdicts(permutation_importance(Binary(), tree, twins, names, groups=clusters))
    assert judged["twin"] == judged["f0"] == "helps"


def test_results_repeat_and_do_not_depend_on_the_number_of_jobs():
    data = side(3, 0.5)
    first = permutation_importance(Binary(), LogisticRegression(), data, NAMES)
    assert first == permutation_importance(Binary(), LogisticRegression(), data, NAMES, n_jobs=2)


def test_a_search_is_judged_on_purged_inner_folds():
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3)
    assert permutation_importance(Binary(), search, side(4, 1.0, n=500), NAMES)[0].features == ("f0",)


def test_clusters_of_a_constant_of_missing_values_and_of_one_column():
    random = np.random.default_rng(0)
    a = random.standard_normal(300)
    X = np.column_stack([a, np.ones(300), -a, random.standard_normal(300)])
    X[::7, 3] = np.nan
    assert feature_clusters(X) == [[0, 2], [1], [3]]
    assert feature_clusters(X[:, :1]) == [[0]]


def test_one_feature_cannot_be_dropped_and_none_judged():
    data = side(0, 1.0)
    assert drop_column_importance(Binary(), LogisticRegression(), data.columns([0]), ["f0"]) == []
    assert feature_verdicts([]) == {}


def test_verdicts_are_corrected_for_the_number_of_features():
    scores = [FeatureScore((f"f{k}",), 0.01, 0.005, 0.03) for k in range(1)]
    assert feature_verdicts(scores) == {"f0": "helps"}
    scores += [FeatureScore((f"g{k}",), -0.01, 0.02, 0.6) for k in range(9)]
    assert set(feature_verdicts(scores).values()) == {"cannot tell"}


def test_a_side_of_one_class_says_so():
    data = side(0, 1.0)
    blank = TrainingSide(data.X, np.zeros(N, int), data.time, data.label_time)
    with pytest.raises(TrainingError, match="training rows of no fold hold two classes"):
        permutation_importance(Binary(), LogisticRegression(), blank, NAMES)
