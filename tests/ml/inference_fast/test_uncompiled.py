"""The kernels give the same bits as plain Python files, which is how they run where there is no compiler."""

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from livermore.ml.inference._fast import _kernels, _trees
from livermore.ml.inference._fast._flat import flatten
from livermore.ml.inference._fast._kernels import rows


@pytest.fixture(scope="module")
def plain():
    """Load the kernels' source, compiled or not, as a module of its own."""
    path = Path(_kernels.__file__).with_name("rows.py")
    spec = importlib.util.spec_from_file_location("plain_rows", path)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


def answers(scorer, asked):
    out = np.empty(scorer.size)
    found = []
    for row in asked:
        scorer.fill(np.ascontiguousarray(row), out)
        found.append(out.copy())
    return np.array(found)


@pytest.mark.parametrize("narrow", [False, True])
def test_trees(samples, plain, narrow):
    forest = RandomForestClassifier(3, random_state=0).fit(samples.X, samples.binary)
    flat = flatten(_trees._native(tree, tree.tree_.value[:, 0, :]) for tree in forest.estimators_)
    arguments = (flat, np.full(3, -1), np.zeros(2), 3.0, narrow, 6)
    asked = samples.asked[::7].copy()
    asked[::3, 2] = np.nan
    np.testing.assert_array_equal(answers(plain.Trees(*arguments), asked), answers(rows.Trees(*arguments), asked))


def test_order_keys_order_as_their_values(plain):
    values = [-np.inf, -1e300, -1.5, -5e-324, 0.0, 5e-324, 1.0, np.nextafter(1.0, 2.0), 1e300, np.inf]
    for order_key in (plain.order_key, rows.order_key):
        keys = [order_key(value) for value in values]
        assert keys == sorted(set(keys))
        assert order_key(-0.0) == order_key(0.0)
        assert order_key(np.nan) < keys[0]


@pytest.mark.parametrize("kind", ["Logistic", "Softmax", "OneVersusRest"])
def test_links(samples, plain, kind):
    coef = np.random.default_rng(1).standard_normal((1 if kind == "Logistic" else 3, 6)) / samples.X.std(axis=0)
    found = []
    for module in (plain, rows):
        scorer = module.Affine(coef, np.zeros(len(coef)))
        found.append(answers(getattr(module, kind)(scorer, max(2, len(coef))), samples.X[::9]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-15)
