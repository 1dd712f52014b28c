"""A planted edge is found, to the size it has; pure noise is not."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore.research import train_model

MakeSamples = Callable[..., Any]
QUIET: dict[str, Any] = {"verbose": False, "importance": False, "impact": False, "evidence": False}
N = 6000
TEST = 1200
# Standard error of an AUC near 0.5 with as many positives as negatives (Hanley and McNeil 1982): 1/sqrt(3 n).
AUC_ERROR = 1 / math.sqrt(3 * TEST)


def best_auc(edge: float) -> float:
    """The AUC of the best possible score, edge · x, for the label edge · x + e > 0 with x and e standard normal.

    By simulation with its own seed: no closed form is needed, and its error is a tenth of the bound below.
    """
    rng = np.random.default_rng(99)
    x, e = rng.standard_normal((2, 400_000))
    ranks = np.argsort(np.argsort(x)) + 1
    won = edge * x + e > 0
    n = int(won.sum())
    return float((ranks[won].sum() - n * (n + 1) / 2) / (n * (len(x) - n)))


@pytest.mark.parametrize("edge", [0.2, 0.5])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_auc_of_a_planted_edge_is_the_best_there_is(edge: float, seed: int, make_samples: MakeSamples) -> None:
    samples = make_samples(n=N, edge=edge, features=5, seed=seed)
    found = train_model(samples, LogisticRegression(), **QUIET)["metrics"]["roc_auc"]
    assert found == pytest.approx(best_auc(edge), abs=3 * AUC_ERROR)
    assert found > 0.5 + 2 * AUC_ERROR


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("estimator", [LogisticRegression(), HistGradientBoostingClassifier(max_iter=20)])
def test_nothing_is_found_in_noise(seed: int, estimator: Any, make_samples: MakeSamples) -> None:
    samples = make_samples(n=N, edge=0.0, features=8, seed=seed)
    metrics = train_model(samples, estimator, **QUIET)["metrics"]
    assert metrics["roc_auc"] == pytest.approx(0.5, abs=3 * AUC_ERROR)
    assert abs(metrics["mcc"]) < 3 / math.sqrt(TEST)


def test_a_planted_regression_edge_has_its_rank_correlation(make_samples: MakeSamples) -> None:
    samples = make_samples("regression", n=N, edge=0.5, seed=1)
    metrics = train_model(samples, LinearRegression(), "regression", **QUIET)["metrics"]
    pearson = 0.5 / math.sqrt(1.25)
    assert metrics["spearman"] == pytest.approx(6 / math.pi * math.asin(pearson / 2), abs=3 / math.sqrt(TEST))
    assert metrics["r2"] == pytest.approx(pearson**2, abs=3 * 2 * pearson / math.sqrt(TEST))
    noise = train_model(make_samples("regression", n=N, edge=0.0), LinearRegression(), "regression", **QUIET)["metrics"]
    assert abs(noise["spearman"]) < 3 / math.sqrt(TEST)


def test_importance_puts_the_planted_feature_first_in_all_tasks(make_samples: MakeSamples) -> None:
    for task, estimator in (
        ("binary", LogisticRegression()),
        ("multiclass", LogisticRegression()),
        ("regression", LinearRegression()),
    ):
        result = train_model(
            make_samples(task, n=600, features=5, seed=2), estimator, task, verbose=False, evidence=False
        )
        table = result["feature_importance"]
        assert min(table["consensus_ranks"], key=table["consensus_ranks"].get) == "signal"
        worst = max(result["feature_impact"], key=lambda row: abs(row["delta"]))
        assert worst["feature"] == "signal"


def test_labels_that_overlap_flatter_an_unpurged_split() -> None:
    """The reason for purging: with labels of 200 bars, the last training labels are made of the test side's returns."""
    gains = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        returns = rng.standard_normal(900)
        future = np.convolve(returns, np.ones(200), mode="valid")[1:701]
        samples = [
            {
                "time": i,
                "features": {"time_like": i / 700},
                "label": {"name": "up", "value": bool(future[i] > 0)},
                "label_time": i + 200,
            }
            for i in range(700)
        ]
        accuracy = []
        for purge in (False, True):
            try:
                from sklearn.neighbors import KNeighborsClassifier

                found = train_model(samples, KNeighborsClassifier(5), test_ratio=0.1, purge=purge, **QUIET)
                accuracy.append(found["metrics"]["accuracy"])
            except ValueError:  # a single class on one of the sides: nothing to compare
                break
        if len(accuracy) == 2:
            gains.append(accuracy[0] - accuracy[1])
    assert len(gains) > 15
    assert norm.sf(np.mean(gains) / (np.std(gains) / math.sqrt(len(gains)))) < 0.05
