"""The four-method table: against scikit-learn done by hand, and at the edges."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.feature_selection import RFE, f_classif, f_regression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.svm import SVC, SVR

from livermore.ml.importance import consensus_table
from livermore.ml.sizes import time_blocked_rows
from livermore.ml.tasks import TASKS


def data(task: str, n: int = 240, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 4))
    signal = X[:, 2] - 0.5 * X[:, 0] + 0.7 * rng.standard_normal(n)
    return X, {
        "binary": (signal > 0).astype(int),
        "multiclass": np.sign(np.round(signal / 1.5)).astype(int),
        "regression": 0.01 * signal,
    }[task]


@pytest.mark.parametrize("task", TASKS)
def test_table_is_what_scikit_learn_gives_step_by_step(task: str) -> None:
    X, y = data(task)
    found = consensus_table(X, y, list("abcd"), TASKS[task].proxies)
    regression = task == "regression"
    target = (y - y.mean()) / y.std() if regression else y
    linear, rbf = (SVR(kernel="linear"), SVR()) if regression else (SVC(kernel="linear"), SVC())
    scoring = "r2" if regression else "accuracy"

    def score(Z: Any) -> float:
        return float(cross_val_score(rbf, Z, target, cv=TimeSeriesSplit(5), scoring=scoring).mean())

    assert found["rfe_ranking"] == RFE(linear, n_features_to_select=1).fit(X, target).ranking_.tolist()
    np.testing.assert_allclose(found["anova_f_values"], (f_regression if regression else f_classif)(X, y)[0], rtol=1e-9)
    np.testing.assert_allclose(found["correlations"], [abs(np.corrcoef(x, y)[0, 1]) for x in X.T], rtol=1e-9)
    # One fold tests 40 samples, so a prediction more or less moves the mean accuracy by 1/200.
    tolerance = 2e-3 if regression else 3 / 200
    assert found["cv_baseline"] == pytest.approx(score(X), abs=tolerance)
    for k, name in enumerate("abcd"):
        assert found["cv_scores_without_feature"][name] == pytest.approx(score(np.delete(X, k, axis=1)), abs=tolerance)
        impact = found["cv_baseline"] - found["cv_scores_without_feature"][name]
        assert found["cv_impacts"][name] == impact


def test_consensus_is_the_mean_of_the_four_ranks() -> None:
    X, y = data("binary")
    found = consensus_table(X, y, list("abcd"), TASKS["binary"].proxies)
    columns = [
        np.array(found["rfe_ranking"]),
        -np.array(found["anova_f_values"]),
        -np.array(found["correlations"]),
        -np.array([found["cv_impacts"][name] for name in "abcd"]),
    ]
    expected = np.mean([rankdata(column) for column in columns], axis=0)
    assert list(found["consensus_ranks"].values()) == expected.tolist()
    assert found["_order"] == np.argsort(expected, kind="stable").tolist()
    assert found["_order"][0] == 2


def test_regression_ranks_do_not_depend_on_the_labels_scale() -> None:
    X, y = data("regression")
    small, large = (consensus_table(X, y * scale, list("abcd"), TASKS["regression"].proxies) for scale in (1e-4, 1e4))
    assert small["cv_baseline"] > 0.3  # the tube of an unscaled target would swallow it all
    # The solver stops within 1e-3 of the optimality conditions, on a target of unit scale: no score is finer than that.
    assert small["cv_impacts"] == pytest.approx(large["cv_impacts"], abs=1e-3)
    assert small["_order"] == large["_order"]


def test_constant_features_rank_last_without_a_warning() -> None:
    X, y = data("binary")
    X[:, 1] = 0.0
    found = consensus_table(X, y, list("abcd"), TASKS["binary"].proxies)
    assert math.isnan(found["anova_f_values"][1])
    assert math.isnan(found["correlations"][1])
    assert found["_order"][0] == 2
    assert not any(math.isnan(rank) for rank in found["consensus_ranks"].values())


def test_a_single_feature_has_rank_one() -> None:
    X, y = data("binary")
    found = consensus_table(X[:, 2:3], y, ["c"], TASKS["binary"].proxies)
    assert found["rfe_ranking"] == [1.0]
    assert found["consensus_ranks"] == {"c": 1.0}
    assert found["cv_impacts"]["c"] > 0.1


def test_missing_values_count_as_the_median() -> None:
    X, y = data("binary")
    X[::5, 0] = math.nan
    filled = X.copy()
    filled[::5, 0] = np.nanmedian(X[:, 0])
    names, proxies = list("abcd"), TASKS["binary"].proxies
    assert consensus_table(X, y, names, proxies) == consensus_table(filled, y, names, proxies)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_very_few_samples_do_not_stop_it(n: int) -> None:
    X = np.arange(2.0 * n).reshape(n, 2) % 5
    found = consensus_table(X, np.arange(n) % 2, ["a", "b"], TASKS["binary"].proxies)
    assert sorted(found["_order"]) == [0, 1]


def test_a_class_that_only_late_folds_know_does_not_stop_it() -> None:
    X, _ = data("binary")
    y = np.zeros(len(X), dtype=int)
    y[150:] = 1
    y[-3:] = 2
    found = consensus_table(X, y, list("abcd"), TASKS["multiclass"].proxies)
    assert math.isfinite(found["cv_baseline"])


def test_scores_of_many_samples_are_those_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = data("binary")
    every = consensus_table(X, y, list("abcd"), TASKS["binary"].proxies)
    monkeypatch.setattr("livermore.ml.sizes.SCORED", len(X))
    assert consensus_table(X, y, list("abcd"), TASKS["binary"].proxies) == every
    monkeypatch.setattr("livermore.ml.sizes.SCORED", len(X) // 2)
    rows = time_blocked_rows(y, len(X) // 2)
    some, subset = (
        consensus_table(features, target, list("abcd"), TASKS["binary"].proxies)
        for features, target in ((X, y), (X[rows], y[rows]))
    )
    assert some["cv_baseline"] == subset["cv_baseline"] != every["cv_baseline"]
    assert some["cv_impacts"] == subset["cv_impacts"]
    assert some["anova_f_values"] == every["anova_f_values"]
