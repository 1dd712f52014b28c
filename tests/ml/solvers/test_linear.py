"""Weights and ranks of linear machines, against libsvm at a tight tolerance and scikit-learn's RFE."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import RFE
from sklearn.svm import SVC, SVR

from livermore.errors import DatasetError
from livermore.ml.solvers import _interior, _linear, linear_svm_weights, rfe_ranking

# libsvm keeps its kernel in single precision, so at any tolerance its weights are that far off.
LIBSVM_ERROR = 2e-4


def machine(kind):
    return {"classification": SVC, "regression": SVR}[kind](kernel="linear", tol=1e-7)


def assert_same_weights(X, y, kind, atol=LIBSVM_ERROR):
    ours = linear_svm_weights(X, y, kind=kind)
    theirs = machine(kind).fit(X, y).coef_
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=atol * max(1.0, np.abs(theirs).max()))


def assert_same_ranks(X, y, kind):
    """Both rankings agree, or part at two squared weights that lie closer than libsvm's error."""
    ours = rfe_ranking(X, y, kind=kind)
    theirs = RFE(machine(kind), n_features_to_select=1).fit(X, y).ranking_
    left = np.arange(X.shape[1])
    while len(left) > 1:
        out_ours, out_theirs = (left[np.argmax(r[left])] for r in (ours, theirs))
        if out_ours != out_theirs:
            weights = np.square(linear_svm_weights(X[:, left], y, kind=kind)).sum(axis=0)
            near = abs(weights[left == out_ours] - weights[left == out_theirs])
            assert near <= 4 * LIBSVM_ERROR * max(1.0, np.sqrt(weights.max()))
            return
        left = left[left != out_ours]


@pytest.fixture
def rng():
    return np.random.default_rng(5)


CASES = {
    "noisy": lambda X, rng: (X[:, 0] + X[:, 1] + 2 * rng.standard_normal(len(X)) > 0).astype(int),
    "separable": lambda X, rng: X[:, 0] + 0.3 * X[:, 2] > 0,
    "imbalanced": lambda X, rng: (X[:, 0] + rng.standard_normal(len(X)) > 2.2).astype(int),
    "several classes": lambda X, rng: np.digitize(X[:, 0] + 0.5 * rng.standard_normal(len(X)), [-1.0, 0.2, 1.0]) - 2,
    "pure noise": lambda X, rng: rng.integers(0, 2, len(X)),
    "one of a kind": lambda X, rng: np.r_[1, np.zeros(len(X) - 1)],
}


@pytest.mark.parametrize("case", CASES)
def test_classes(rng, case):
    X = rng.standard_normal((60, 4))
    y = CASES[case](X, rng)
    assert_same_weights(X, y, "classification")
    assert_same_ranks(X, y, "classification")


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("case", CASES)
def test_thousands_of_rows_end_with_a_certificate(rng, case, kind):
    """libsvm would take minutes at a tolerance that says anything, so the gap is asked instead."""
    X = rng.standard_t(2.5, (8000, 6))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = CASES[case](X, rng)
    for problem in _linear._PROBLEMS[kind](X, y):
        assert _interior.solve_interior(problem) is not None


def test_regression(rng):
    X = rng.standard_normal((300, 6))
    y = X @ [1.0, -0.5, 0.0, 0.2, 0.0, 0.1] + rng.standard_normal(300)
    assert_same_weights(X, y, "regression")
    assert_same_ranks(X, y, "regression")


def test_regression_inside_its_tube_has_no_weights(rng):
    X = rng.standard_normal((100, 3))
    np.testing.assert_allclose(linear_svm_weights(X, 0.05 * np.sin(X[:, 0]), kind="regression"), 0.0, atol=1e-9)


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_constant_repeated_and_duplicate_data(rng, kind):
    X = np.round(rng.standard_normal((80, 5)), 0)
    X[:, 1] = 2.0
    X[:, 3] = X[:, 0]
    X = np.repeat(X, 4, axis=0)
    y = (X[:, 0] + rng.standard_normal(320) > 0).astype(float)
    assert_same_weights(X, y, kind)
    weights = linear_svm_weights(X, y, kind=kind)[0]
    assert weights[0] == pytest.approx(weights[3], abs=1e-9)
    assert weights[1] == pytest.approx(0.0, abs=1e-6)


def test_features_of_very_different_scale(rng):
    X = rng.standard_normal((80, 3)) * [1e-3, 1.0, 10.0] + [0.0, 5.0, 100.0]
    y = (X[:, 1] + 0.5 * rng.standard_normal(80) > 5.0).astype(int)
    assert_same_weights(X, y, "classification")


def test_more_features_than_rows(rng):
    X = rng.standard_normal((20, 40))
    assert_same_weights(X, rng.integers(0, 2, 20), "classification")


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(10, 120),
    st.integers(1, 6),
    st.sampled_from(["classification", "regression"]),
)
def test_no_other_weights_are_better(seed, n, k, kind):
    """The primal objective, convex, rises in every direction from the weights that are returned."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.standard_normal((n, k)), rng.integers(0, 3))
    y = np.r_[0, 1, rng.integers(0, 2, n - 2)] if kind == "classification" else rng.standard_normal(n)
    weights = linear_svm_weights(X, y, kind=kind)[0]
    best = objective(X, y, weights, kind)
    for _ in range(20):
        assert objective(X, y, weights + 1e-2 * rng.standard_normal(k), kind) >= best - 1e-9 * max(1.0, best)


def objective(X, y, weights, kind):
    """Return the primal objective at the best offset, which is one of the losses' kinks."""
    score = X @ weights
    if kind == "regression":
        offsets = np.concatenate([y - score - 0.1, y - score + 0.1])
        losses = np.maximum(np.abs(y - score - offsets[:, None]) - 0.1, 0.0)
    else:
        signs = 2.0 * y - 1.0
        offsets = signs - score
        losses = np.maximum(1.0 - signs * (score + offsets[:, None]), 0.0)
    return 0.5 * weights @ weights + losses.sum(axis=1).min()


def test_ranks_are_a_permutation_and_ties_go_in_order(rng):
    X = rng.standard_normal((100, 4))
    X[:, 1] = X[:, 2] = 0.0
    ranking = rfe_ranking(X, X[:, 0] > 0, kind="classification")
    assert sorted(ranking) == [1, 2, 3, 4]
    assert ranking[0] == 1
    assert (ranking[1], ranking[2]) == (4, 3)


def test_a_single_feature_is_first(rng):
    X = rng.standard_normal((50, 1))
    assert rfe_ranking(X, X[:, 0] > 0, kind="classification").tolist() == [1]


def test_libsvm_itself(rng):
    X = rng.standard_normal((200, 4))
    y = (X[:, 0] + rng.standard_normal(200) > 0).astype(int)
    np.testing.assert_array_equal(
        linear_svm_weights(X, y, kind="classification", solver="libsvm"), SVC(kernel="linear").fit(X, y).coef_
    )
    np.testing.assert_array_equal(
        rfe_ranking(X, y, kind="classification", solver="libsvm"),
        RFE(SVC(kernel="linear"), n_features_to_select=1).fit(X, y).ranking_,
    )


def test_without_a_certificate_libsvm_is_asked(rng, monkeypatch):
    X = rng.standard_normal((100, 3))
    y = (X[:, 0] > 0).astype(int)
    monkeypatch.setattr(_interior, "_ITERATIONS", 2)
    problem = next(_linear._PROBLEMS["classification"](X, y))
    assert _interior.solve_interior(problem) is None
    np.testing.assert_array_equal(linear_svm_weights(X, y, kind="classification"), SVC(kernel="linear").fit(X, y).coef_)


@pytest.mark.parametrize("solver", ["interior", "libsvm"])
def test_one_class(rng, solver):
    with pytest.raises(DatasetError, match="one class"):
        linear_svm_weights(rng.standard_normal((5, 2)), np.ones(5), kind="classification", solver=solver)
