"""Cross-validated scores with each feature left out, against scikit-learn's own machines on the same folds."""

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, TimeSeriesSplit
from sklearn.svm import SVC, SVR

from livermore.errors import DatasetError, LivermoreWarning
from livermore.ml.solvers import _rbf_kernel, _smo, rbf_cv_scores_without_each

PREDICTIONS = 3  # A score may differ by so many test predictions.


def libsvm_scores(X, y, folds, kind):
    """Return mean scores as the façade has always computed them: all features, then each left out."""
    columns = [np.arange(X.shape[1]), *(np.delete(np.arange(X.shape[1]), j) for j in range(X.shape[1]))]
    scores = [[libsvm_score(X[:, c], y, train, test, kind) for train, test in folds] for c in columns]
    return np.mean(scores[0]), np.mean(scores[1:], axis=1)


def libsvm_score(X, y, train, test, kind):
    if kind == "regression":
        return r2_score(y[test], SVR().fit(X[train], y[train]).predict(X[test]))
    return SVC().fit(X[train], y[train]).score(X[test], y[test])


def assert_same_scores(X, y, kind, folds=None):
    folds = list(TimeSeriesSplit(5).split(X)) if folds is None else folds
    baseline, scores = rbf_cv_scores_without_each(X, y, folds, kind=kind)
    expected_baseline, expected = libsvm_scores(X, y, folds, kind)
    # R² moves with each prediction by a fraction of the tolerance that both stop at.
    allowed = PREDICTIONS / sum(len(test) for _, test in folds) if kind == "classification" else 2e-3
    assert abs(baseline - expected_baseline) <= allowed
    assert np.abs(scores - expected).max() <= allowed


def noise(rng, n=600, k=5):
    return rng.standard_normal((n, k))


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_noisy_classes(rng):
    X = noise(rng, 900, 8)
    assert_same_scores(X, (X[:, 0] + X[:, 1] + 2 * rng.standard_normal(900) > 0).astype(int), "classification")


def test_separable_classes(rng):
    X = noise(rng)
    assert_same_scores(X, X[:, 0] > 0, "classification")


def test_imbalanced_classes(rng):
    X = noise(rng)
    assert_same_scores(X, (X[:, 0] + rng.standard_normal(600) > 2.0).astype(int), "classification")


def test_several_classes(rng):
    X = noise(rng)
    y = np.digitize(X[:, 0] + 0.5 * rng.standard_normal(600), [-1.0, 0.3, 1.0]) - 1
    assert_same_scores(X, y, "classification")


def test_text_classes(rng):
    X = noise(rng, 300)
    assert_same_scores(X, np.array(["down", "up"])[(X[:, 0] > 0).astype(int)], "classification")


def test_regression(rng):
    X = noise(rng)
    y = X[:, 0] + 0.5 * X[:, 1] ** 2 + rng.standard_normal(600)
    assert_same_scores(X, (y - y.mean()) / y.std(), "regression")


def test_regression_on_a_large_target(rng):
    X = noise(rng, 300)
    assert_same_scores(X, 1e3 + 100.0 * X[:, 0] + rng.standard_normal(300), "regression")


def test_constant_target(rng):
    X = noise(rng, 120)
    baseline, scores = rbf_cv_scores_without_each(
        X, np.full(120, 2.0), list(TimeSeriesSplit(3).split(X)), kind="regression"
    )
    assert baseline == 1.0
    np.testing.assert_array_equal(scores, np.ones(5))


def test_duplicated_rows_and_ties(rng):
    X = np.repeat(np.round(noise(rng, 150), 0), 4, axis=0)
    y = (X[:, 0] + rng.standard_normal(600) > 0).astype(int)
    order = rng.permutation(600)
    assert_same_scores(X[order], y[order], "classification")


def test_constant_and_repeated_features(rng):
    X = noise(rng)
    X[:, 1] = 3.0
    X[:, 2] = X[:, 0]
    assert_same_scores(X, (X[:, 0] + rng.standard_normal(600) > 0).astype(int), "classification")


def test_all_features_constant(rng):
    X = np.ones((200, 3))
    assert_same_scores(X, rng.random(200) < 0.4, "classification")


def test_rows_far_out_take_double_precision(rng):
    X = noise(rng)
    X[5] = 400.0
    assert _rbf_kernel.RbfKernel(X, 1.0 / 5).dtype == np.float64
    assert _rbf_kernel.RbfKernel(X[:5], 1.0 / 5).dtype == np.float32
    assert_same_scores(X, (X[:, 0] + rng.standard_normal(600) > 0).astype(int), "classification")


def test_folds_that_are_not_in_order_of_time(rng):
    X = noise(rng, 300)
    y = (X[:, 0] + rng.standard_normal(300) > 0).astype(int)
    assert_same_scores(X, y, "classification", list(KFold(4, shuffle=True, random_state=0).split(X)))


def test_a_fold_of_one_class_predicts_it(rng):
    X = noise(rng, 60, 2)
    y = np.r_[np.zeros(30), np.tile([0, 1], 15)]
    folds = [(np.arange(30), np.arange(30, 60))]
    baseline, scores = rbf_cv_scores_without_each(X, y, folds, kind="classification")
    assert baseline == 0.5
    np.testing.assert_array_equal(scores, [0.5, 0.5])


def test_without_its_only_feature_the_majority_is_left(rng):
    X = noise(rng, 200, 1)
    y = (rng.random(200) < 0.3).astype(int)
    folds = list(TimeSeriesSplit(3).split(X))
    _, scores = rbf_cv_scores_without_each(X, y, folds, kind="classification")
    assert scores == pytest.approx([np.mean([np.mean(y[test] == 0) for _, test in folds])])


def test_scores_do_not_depend_on_workers(rng):
    X = noise(rng, 400)
    y = (X[:, 0] + rng.standard_normal(400) > 0).astype(int)
    folds = list(TimeSeriesSplit(4).split(X))
    alone = rbf_cv_scores_without_each(X, y, folds, kind="classification", n_jobs=1)
    shared = rbf_cv_scores_without_each(X, y, folds, kind="classification", n_jobs=2)
    assert alone[0] == shared[0]
    np.testing.assert_array_equal(alone[1], shared[1])


def test_small_working_sets_and_blocks_find_the_same_solution(rng, monkeypatch):
    X = noise(rng, 300)
    signs = np.where(X[:, 0] + rng.standard_normal(300) > 0, 1.0, -1.0)
    whole = _smo.solve(_smo.BoxProblem.classification(signs), _rbf_kernel.RbfKernel(X, 0.2))
    monkeypatch.setattr(_smo, "_WORKING_SET", 20)
    monkeypatch.setattr(_rbf_kernel, "_BLOCK", 64)
    kernel = _rbf_kernel.RbfKernel(X, 0.2)
    parts = _smo.solve(_smo.BoxProblem.classification(signs), kernel)
    every = np.arange(300)
    np.testing.assert_allclose(kernel.times(every, whole.beta), kernel.times(every, parts.beta), atol=5e-3)
    assert whole.offset == pytest.approx(parts.offset, abs=5e-3)


def test_blocks_add_up_to_the_kernel(rng, monkeypatch):
    monkeypatch.setattr(_rbf_kernel, "_BLOCK", 32)
    X, Z = noise(rng, 150, 4), noise(rng, 40, 4)
    weights = np.where(rng.random(150) < 0.6, rng.standard_normal(150), 0.0)
    kernel = _rbf_kernel.RbfKernel(X, 0.3)
    exact = np.exp(-0.3 * np.square(X[:, None] - X[None]).sum(axis=2))
    np.testing.assert_allclose(kernel.times_symmetric(weights), exact @ weights, atol=1e-4)
    np.testing.assert_allclose(kernel.times(np.arange(150), weights), exact @ weights, atol=1e-4)
    np.testing.assert_allclose(kernel.among(np.arange(9)), exact[:9, :9], atol=1e-5)
    across = np.exp(-0.3 * np.square(Z[:, None] - X[None]).sum(axis=2))
    np.testing.assert_allclose(kernel.predict(Z, weights), across @ weights, atol=1e-4)


def test_giving_up_is_said(rng, monkeypatch):
    monkeypatch.setattr(_smo, "_ROUNDS", 1)
    monkeypatch.setattr(_smo, "_WORKING_SET", 10)
    X = noise(rng, 100)
    with pytest.warns(LivermoreWarning, match="stopped .* from its optimum"):
        _smo.solve(_smo.BoxProblem.classification(np.tile([1.0, -1.0], 50)), _rbf_kernel.RbfKernel(X, 0.2))


def test_wrong_input():
    folds = [(np.arange(3), np.arange(3, 4))]
    with pytest.raises(DatasetError, match=r"not \(4, 2\) and \(3,\)"):
        rbf_cv_scores_without_each(np.zeros((4, 2)), np.zeros(3), folds, kind="regression")
    X = np.zeros((4, 2))
    X[2, 1] = np.nan
    with pytest.raises(DatasetError, match=r"X\[2, 1\] is nan"):
        rbf_cv_scores_without_each(X, np.zeros(4), folds, kind="regression")


@pytest.mark.slow
def test_thousands_of_rows(rng):
    X = noise(rng, 4000, 10)
    y = (0.3 * X[:, 0] + 0.2 * X[:, 1] + rng.standard_normal(4000) > 0).astype(int)
    assert_same_scores(X, y, "classification")
