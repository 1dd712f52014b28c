"""Metrics where they are defined (scikit-learn is the oracle) and where they are not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from livermore.ml import metrics


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_classification_figures_are_those_of_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    y, predicted = rng.integers(0, 3, n), rng.integers(0, 3, n)
    p = rng.dirichlet(np.ones(3), n)
    classes = np.arange(3)
    assert metrics.per_sample_hits(y, predicted).mean() == oracle.accuracy_score(y, predicted)
    assert (
        metrics.confusion_counts(y, predicted, classes)
        == oracle.confusion_matrix(y, predicted, labels=classes).tolist()
    )
    if len(np.unique(y)) == 3:
        assert metrics.roc_auc_macro(y, p, classes) == oracle.roc_auc_score(y, p, multi_class="ovr")
    positive = (y == 1).astype(int)
    if 0 < positive.sum() < n:
        assert metrics.roc_auc(positive, p[:, 1]) == oracle.roc_auc_score(positive, p[:, 1])


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_regression_figures_are_those_of_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    y, predicted = rng.standard_normal((2, n))
    assert metrics.per_sample_absolute_error(y, predicted).mean() == oracle.mean_absolute_error(y, predicted)
    assert metrics.rmse(y, predicted) == oracle.root_mean_squared_error(y, predicted)
    assert metrics.r2(y, predicted) == oracle.r2_score(y, predicted)


@given(st.integers(0, 2**32 - 1), st.integers(4, 60))
def test_weighted_figures_are_those_of_repeated_rows(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 4, n).astype(float)
    rows = np.repeat(np.arange(n), weight.astype(int))
    y, predicted = rng.integers(0, 3, (2, n))
    p = rng.dirichlet(np.ones(3), n)
    classes = np.arange(3)
    weighted = metrics.class_scores(y, predicted, classes, weight)
    repeated = metrics.class_scores(y[rows], predicted[rows], classes)
    for name in ("precision", "recall", "f1"):
        assert weighted[name] == pytest.approx(repeated[name])
    assert weighted["support"] == [int((y == label).sum()) for label in classes]
    hits = metrics.per_sample_hits(y, predicted)
    # Few distinct numbers, so that ranks tie.
    pairs = [
        (metrics.mean(hits, weight), metrics.mean(hits[rows])),
        (metrics.mcc(y, predicted, weight), metrics.mcc(y[rows], predicted[rows])),
        (metrics.roc_auc_macro(y, p, classes, weight), metrics.roc_auc_macro(y[rows], p[rows], classes)),
        (metrics.rmse(y, predicted, weight), metrics.rmse(y[rows], predicted[rows])),
        (metrics.spearman(y, predicted, weight), metrics.spearman(y[rows], predicted[rows])),
    ]
    if np.ptp(y) > 0:
        pairs.append((metrics.r2(y, predicted, weight), metrics.r2(y[rows], predicted[rows])))
    for found, expected in pairs:
        assert found == pytest.approx(expected, nan_ok=True)


def test_undefined_figures_are_nan_without_a_warning() -> None:
    one = np.ones(4, dtype=int)
    p = np.full((4, 3), 1 / 3)
    assert math.isnan(metrics.roc_auc(one, p[:, 0]))
    assert math.isnan(metrics.roc_auc_macro(one, p, np.arange(3)))
    assert math.isnan(metrics.r2(np.ones(1), np.ones(1)))
    assert math.isnan(metrics.spearman(np.arange(4.0), np.ones(4)))
    assert math.isnan(metrics.spearman(np.ones(4), np.arange(4.0)))
    assert math.isnan(metrics.threshold_table(one, p[:, 0])[0]["precision"])
    assert metrics.mcc(one, one) == 0.0


def test_macro_auc_of_two_classes_is_defined() -> None:
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert metrics.roc_auc_macro(np.array([-1, 1, -1]), p, np.array([-1, 1])) == 1.0


def test_macro_auc_is_undefined_for_a_class_without_probability() -> None:
    assert math.isnan(metrics.roc_auc_macro(np.array([0, 1, 2]), np.full((3, 2), 0.5), np.array([0, 1])))


def test_calibration_buckets_are_half_open_and_the_last_is_closed() -> None:
    p = np.array([0.29, 0.3, 0.399, 0.4, 0.8, 1.0])
    table = metrics.calibration_table(np.array([1, 0, 1, 1, 0, 1]), p)
    assert [(row["range"], row["n"], row["actual_rate"]) for row in table] == [
        ("[0.3–0.4)", 2, 0.5),
        ("[0.4–0.5)", 1, 1.0),
        ("[0.8–1.0)", 2, 0.5),
    ]
    assert table[-1]["expected"] == pytest.approx(0.9)


def test_thresholds_let_through_what_reaches_them() -> None:
    table = metrics.threshold_table(np.array([0, 1, 1, 0]), np.array([0.45, 0.6, 0.8, 0.1]))
    assert [row["threshold"] for row in table] == [0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8]
    assert [row["allowed"] for row in table] == [3, 2, 2, 2, 1, 1, 1, 1]
    assert table[0]["precision"] == pytest.approx(2 / 3)
    assert table[-1]["coverage"] == 0.25
