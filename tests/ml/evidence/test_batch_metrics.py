"""Weighted metrics against scikit-learn and scipy on the resamples themselves."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from livermore.ml.evidence import BATCH_METRICS, METRIC_BOUNDS, stationary_bootstrap, weighted_auc
from livermore.ml.tasks import Prediction

N = 60


def resampled(seed):
    rows = stationary_bootstrap(N, 25, 4.0, seed)
    weights = np.array([np.bincount(row, minlength=N) for row in rows], dtype=float)
    return rows, weights


def classifier(classes, seed, grid=20):
    random = np.random.default_rng(seed)
    y = random.choice(classes, N)
    # A coarse grid makes ties.
    p = np.round(random.dirichlet(np.ones(len(classes)), N) * grid) + 0.5
    p /= p.sum(axis=1, keepdims=True)
    return y, Prediction(np.asarray(classes)[p.argmax(axis=1)], p, np.asarray(classes))


BINARY = {
    "accuracy": lambda y, v, p: sk.accuracy_score(y, v),
    "roc_auc": lambda y, v, p: sk.roc_auc_score(y, p[:, 1]),
    "mcc": lambda y, v, p: sk.matthews_corrcoef(y, v),
    "brier": lambda y, v, p: sk.brier_score_loss(y, p[:, 1]),
    "log_loss": lambda y, v, p: sk.log_loss(y, p, labels=[0, 1]),
}
MULTICLASS = {
    "accuracy": BINARY["accuracy"],
    "mcc": BINARY["mcc"],
    "log_loss": lambda y, v, p: sk.log_loss(y, p, labels=[-1, 0, 1]),
    "roc_auc_macro": lambda y, v, p: sk.roc_auc_score(y, p, multi_class="ovr", average="macro", labels=[-1, 0, 1]),
}
REGRESSION = {
    "mae": lambda y, v, p: sk.mean_absolute_error(y, v),
    "rmse": lambda y, v, p: sk.root_mean_squared_error(y, v),
    "r2": lambda y, v, p: sk.r2_score(y, v),
    "spearman": lambda y, v, p: stats.spearmanr(y, v).statistic,
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("task", "classes", "oracles"),
    [("binary", [0, 1], BINARY), ("multiclass", [-1, 0, 1], MULTICLASS)],
)
def test_classification_metrics_of_weights_are_those_of_repeated_rows(task, classes, oracles, seed):
    y, prediction = classifier(classes, seed)
    rows, weights = resampled(seed)
    for name, oracle in oracles.items():
        found = BATCH_METRICS[task][name](y, prediction, weights)
        expected = [oracle(y[row], prediction.values[row], prediction.probabilities[row]) for row in rows]
        assert found == pytest.approx(expected), name


@pytest.mark.parametrize("seed", range(3))
def test_regression_metrics_of_weights_are_those_of_repeated_rows(seed):
    random = np.random.default_rng(seed)
    y, values = random.integers(0, 9, N).astype(float), random.integers(0, 9, N).astype(float)
    prediction = Prediction(values, np.empty((N, 0)), np.empty(0))
    rows, weights = resampled(seed)
    for name, oracle in REGRESSION.items():
        found = BATCH_METRICS["regression"][name](y, prediction, weights)
        assert found == pytest.approx([oracle(y[row], values[row], None) for row in rows]), name


def test_the_calibration_error_by_hand():
    y = np.array([0, 1, 1, 1])
    p = np.array([0.15, 0.15, 0.95, 1.0])
    prediction = Prediction(y, np.column_stack([1 - p, p]), np.array([0, 1]))
    expected = (2 * abs(0.5 - 0.15) + 2 * abs(1 - 0.975)) / 4
    assert BATCH_METRICS["binary"]["ece"](y, prediction, np.ones((1, 4))) == pytest.approx(expected)


def test_an_area_without_both_classes_is_undefined_and_silent():
    assert np.isnan(weighted_auc(np.array([1, 1]), np.array([0.1, 0.2]), np.ones((1, 2))))[0]
    assert np.isnan(weighted_auc(np.array([0, 1]), np.array([0.1, 0.2]), np.array([[2.0, 0.0]])))[0]


def test_a_macro_area_with_a_class_missing_is_undefined():
    _, prediction = classifier([-1, 0, 1], 0)
    y = np.where(np.arange(N) % 2, 0, 1)
    assert np.isnan(BATCH_METRICS["multiclass"]["roc_auc_macro"](y, prediction, np.ones((2, N)))).all()


def test_every_metric_has_bounds():
    assert {name for metrics in BATCH_METRICS.values() for name in metrics} == set(METRIC_BOUNDS)
