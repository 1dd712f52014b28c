"""The kernels give the same bits as plain Python files, which is how they run where there is no compiler."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

from livermore.ml.inference._fast import _svm, _trees
from livermore.ml.inference._fast._flat_trees import flatten
from livermore.ml.inference._fast._kernels import calibration, function, linear, links, svm, trees
from livermore.testing._kernels import uncompiled

FILES = (calibration, function, linear, links, svm, trees)


def names_of(modules):
    return SimpleNamespace(**{name: getattr(module, name) for module in modules for name in module.__all__})


@pytest.fixture(scope="module")
def plain():
    return names_of([uncompiled(file) for file in FILES])


COMPILED = names_of(FILES)


def answers(scorer, asked):
    row, out = np.empty(asked.shape[1]), np.empty(scorer.size)
    scorer.bind(row, out)
    found = []
    for given in asked:
        row[:] = given
        scorer.run()
        found.append(out.copy())
    return np.array(found)


@pytest.mark.parametrize("kind", ["Trees", "SinglePrecisionTrees"])
@pytest.mark.parametrize("narrow", [False, True])
def test_trees(samples, plain, narrow, kind):
    forest = RandomForestClassifier(3, random_state=0).fit(samples.X, samples.binary)
    flat = flatten(_trees._native(tree, tree.tree_.value[:, 0, :]) for tree in forest.estimators_)
    target = np.full(3, -1) if kind == "Trees" else np.array([0, 1, 0])
    arguments = (flat, target, np.zeros(2), 3.0, narrow, 6)
    asked = samples.asked[::7].copy()
    asked[::3, 2] = np.nan
    found = [answers(getattr(side, kind)(*arguments), asked) for side in (plain, COMPILED)]
    np.testing.assert_array_equal(*found)


def test_order_keys_order_as_their_values(plain):
    values = [-np.inf, -1e300, -1.5, -5e-324, 0.0, 5e-324, 1.0, np.nextafter(1.0, 2.0), 1e300, np.inf]
    for order_key in (plain.order_key, COMPILED.order_key):
        keys = [order_key(value) for value in values]
        assert keys == sorted(set(keys))
        assert order_key(-0.0) == order_key(0.0)
        assert order_key(np.nan) < keys[0]


def affine(side, samples, size):
    coef = np.random.default_rng(1).standard_normal((size, 6)) / samples.X.std(axis=0)
    return side.Affine(coef, np.zeros(size))


LINKS = {
    "Negative": (2, 2),
    "Exponential": (1, 1),
    "Logistic": (1, 2),
    "Ramp": (1, 2),
    "Softmax": (3, 3),
    "OneVersusRest": (3, 3),
    "SinglePrecisionLogistic": (1, 2),
    "SinglePrecisionSoftmax": (3, 3),
    "PairVotes": (3, 3),
    "PairConfidence": (3, 3),
}


@pytest.mark.parametrize("kind", LINKS)
def test_links(samples, plain, kind):
    scores, size = LINKS[kind]
    asked = samples.X[::9] / 10
    found = [answers(getattr(side, kind)(affine(side, samples, scores), size), asked) for side in (plain, COMPILED)]
    np.testing.assert_allclose(*found, rtol=1e-15 if "Single" not in kind else 1e-6)


def test_coupled_pairs(samples, plain):
    slope, shift = np.array([-1.0, -2.0, 0.5]), np.array([0.1, 0.0, -0.2])
    found = [
        answers(side.PairProbability(affine(side, samples, 3), 3, slope, shift), samples.X[::9])
        for side in (plain, COMPILED)
    ]
    np.testing.assert_allclose(*found, rtol=1e-14)


def test_densities(samples, plain):
    mean, variance = np.zeros((2, 6)), np.ones((2, 6))
    found = [answers(side.NormalDensities(mean, variance, [0.1, 0.2]), samples.X[::9]) for side in (plain, COMPILED)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("kernel", ["rbf", "poly"])
@pytest.mark.parametrize("shared", [False, True])
def test_kernel_machines(samples, plain, kernel, shared, monkeypatch):
    X = samples.X / samples.X.std(axis=0)
    models = [SVC(kernel=kernel).fit(X[i : i + 150], samples.multiclass[i : i + 150]) for i in (0, 30)]
    found = []
    for side in (plain, COMPILED):
        monkeypatch.setattr(_svm, "KernelMachine", side.KernelMachine)
        monkeypatch.setattr(_svm, "SupportVectors", side.SupportVectors)
        machines = [_svm._kernel_machine(model, model._n_support) for model in models]
        if shared:
            _svm.share_vectors(machines)
        found.append(np.concatenate([answers(machine, X[::30]) for machine in machines]))
    np.testing.assert_allclose(*found, rtol=1e-13)


@pytest.mark.parametrize("curve", ["Platt", "Isotonic", "SinglePrecisionIsotonic"])
@pytest.mark.parametrize("classes", [2, 3])
def test_calibrated(samples, plain, curve, classes):
    arguments = (-1.5, 0.2) if curve == "Platt" else ([-1.0, 0.0, 2.0], [0.1, 0.4, 0.9])
    scores = 1 if classes == 2 else 3
    found = []
    for side in (plain, COMPILED):
        members = [affine(side, samples, scores), side.Negative(affine(side, samples, scores), scores)]
        curves = [[getattr(side, curve)(*arguments) for _ in range(scores)] for _ in members]
        found.append(answers(side.Calibrated(members, curves, classes), samples.X[::9]))
    np.testing.assert_allclose(*found, rtol=1e-15)


def test_functions(samples, plain):
    found = []
    for side in (plain, COMPILED):
        steps = [side.FillMissing(np.zeros(6)), side.Shift(np.ones(6)), side.Divide(np.full(6, 3.0))]
        decision = affine(side, samples, 1)
        prepared = side.Prepared([side.Multiply(np.full(6, 2.0)), side.Clip([-1.0, 1.0])], side.Logistic(decision, 2))
        row_function = side.RowFunction("linear", 6, True, steps, prepared.inner.inner, (0.0, 1.0), prepared)
        asked = [*samples.X[::40].tolist(), [np.nan] * 6]
        # Twice, since scorers of one function share memory.
        found.append([(row_function.predict(row), *row_function.predict_proba(row)) for row in asked + asked])
        assert all(type(number) is float for number in found[-1][0])
    np.testing.assert_allclose(*found, rtol=1e-15)
