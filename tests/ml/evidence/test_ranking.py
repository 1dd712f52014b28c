"""The ranking of models: by forward scores, with joint p-values and a confidence set."""

import builtins

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from livermore.errors import DatasetError, MissingExtraError, TrainingError
from livermore.ml.evidence import model_confidence_set
from livermore.ml.ranking import rank_models
from livermore.ml.tasks import task_named
from livermore.ml.validation import LabelledSamples

BINARY = task_named("binary")


def samples(n=500, strength=1.0, seed=0):
    rng, time = np.random.default_rng(seed), 60 * np.arange(n)
    X = rng.normal(size=(n, 3))
    y = (strength * X[:, 0] + rng.normal(size=n) > 0).astype(int)
    return LabelledSamples(X, y, time, time + 300)


class OnlyLater(ClassifierMixin, BaseEstimator):
    """A classifier that needs 300 samples."""

    def fit(self, X, y):
        if len(y) < 300:
            raise ValueError("too few")
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.model_.predict(X)


def test_models_are_compared_where_all_of_them_predict():
    rows = rank_models(BINARY, {"later": OnlyLater(), "plain": LogisticRegression()}, samples()).rows
    # The same predictions on the same samples: equal in all that is compared.
    first, second = ({k: row[k] for k in ("loss", "statistic", "p_value")} for row in rows)
    assert first == second
    assert rows[1]["behind"] == pytest.approx(0.0, abs=1e-12)


def test_a_candidate_that_cannot_be_fitted_is_named():
    class Broken(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            raise ValueError("no licence")

    with pytest.raises(TrainingError, match=r"candidate 'broken'.*no licence"):
        rank_models(BINARY, {"plain": LogisticRegression(), "broken": Broken()}, samples())


def test_too_few_samples_are_refused():
    with pytest.raises(TrainingError):
        rank_models(BINARY, {"plain": LogisticRegression()}, samples(n=16))


def test_the_choice_among_equals_is_chance_and_of_a_better_one_is_not():
    noise = {f"C={c}": LogisticRegression(C=c) for c in (1e-3, 1.0, 1e3)}
    clear = rank_models(BINARY, {"plain": LogisticRegression(), "guess": DummyClassifier()}, samples())
    assert clear.overfitting < 0.05
    assert (
        0.2 < np.mean([rank_models(BINARY, noise, samples(seed=k, strength=0.0)).overfitting for k in range(4)]) < 0.8
    )
    assert rank_models(BINARY, {"plain": LogisticRegression()}, samples()).overfitting is None


def test_numbers_are_ranked_too():
    rng = np.random.default_rng(1)
    X, time = rng.normal(size=(400, 2)), 60 * np.arange(400)
    data = LabelledSamples(X, X[:, 0] + rng.normal(size=400), time, time + 300)
    rows = rank_models(task_named("regression"), {"ridge": Ridge(), "heavy": Ridge(alpha=1e9)}, data).rows
    assert {row["name"] for row in rows} == {"ridge", "heavy"}
    assert rows[0]["p_adjusted"] < 0.01


def test_the_best_of_ten_models_on_noise_is_seldom_significant():
    n_sets, found = 15, 0
    for seed in range(n_sets):
        data = samples(200, strength=0.0, seed=seed)
        models = {f"C={c}": LogisticRegression(C=c) for c in (1e-4, 1e-2, 1.0)} | {"guess": DummyClassifier()}
        found += min(row["p_adjusted"] for row in rank_models(BINARY, models, data, n_jobs=1).rows) <= 0.05
    assert found / n_sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_without_arch_the_ranking_works_and_the_set_is_not_known(monkeypatch):
    real = builtins.__import__

    def without_arch(name, *args, **kwargs):
        if name.startswith("arch"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_arch)
    with pytest.raises(MissingExtraError, match=r"livermore\[arch\]"):
        model_confidence_set(np.random.default_rng(0).normal(size=(50, 2)), 1.0)
    rows = rank_models(BINARY, {"plain": LogisticRegression(), "guess": DummyClassifier()}, samples()).rows
    assert [(row["name"], row["tied"]) for row in rows] == [("plain", None), ("guess", None)]


def test_the_confidence_set_keeps_the_best_and_leaves_out_the_worst():
    pytest.importorskip("arch")
    rng, n_sets, kept = np.random.default_rng(4), 40, 0
    for _ in range(n_sets):
        noise = np.convolve(rng.normal(size=309), np.ones(10) / 10, "valid")
        losses = noise[:, None] + 0.3 * rng.normal(size=(300, 4)) + [0.0, 0.0, 0.01, 0.5]
        found = model_confidence_set(losses, 10.0)
        kept += found[0]
        assert not found[3]
    assert kept / n_sets >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_equal_models_are_in_or_out_together():
    pytest.importorskip("arch")
    rng = np.random.default_rng(5)
    good, bad = rng.normal(size=200), rng.normal(size=200) + 1
    assert model_confidence_set(np.column_stack([bad, good, bad, good]), 1.0).tolist() == [False, True, False, True]


@pytest.mark.parametrize("losses", [np.ones(3), np.ones((1, 2)), np.ones((3, 0)), np.full((3, 2), np.nan)])
def test_broken_losses_are_refused(losses):
    with pytest.raises(DatasetError, match="losses must be finite"):
        model_confidence_set(losses, 1.0)
