"""Forward evidence: nothing later enters a score, and baselines are what they are called."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV

from livermore.ml.evidence import (
    PastLabels,
    Volatility,
    _forward_evidence,
    forward_evidence,
    forward_test,
    volatility_of,
)
from livermore.ml.evidence._forward_baselines import known_averages
from livermore.ml.parallel import FitExecutor
from livermore.ml.tasks import task_named
from livermore.ml.validation import LabelledSamples

HORIZON = 5
MODELS = {"binary": LogisticRegression(), "multiclass": LogisticRegression(), "regression": Ridge()}


def drawn(seed, n=300, task="binary", skill=1.0, symbols=1, features=3):
    """Draw samples of overlapping labels that the first feature predicts."""
    random = np.random.default_rng(seed)
    X = random.standard_normal((n * symbols, features))
    time = 900 * np.repeat(np.arange(n), symbols)
    outcome = skill * X[:, 0] + random.standard_normal(n * symbols)
    y = {"binary": outcome > 0, "multiclass": np.digitize(outcome, [-0.5, 0.5]) - 1, "regression": outcome}[task]
    y = y if task == "regression" else y.astype(np.int64)
    return LabelledSamples(X, y, time, time + 900 * HORIZON, payoff=0.01 * outcome)


def found_for(samples, task="binary", **options):
    return forward_evidence(
        task_named(task), options.pop("estimator", MODELS[task]), samples, executor=FitExecutor(), **options
    )


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
class TestEachTask:
    def test_skill_is_found(self, task):
        assert forward_test(found_for(drawn(1, task=task), task).scores).p < 0.01

    def test_later_samples_change_no_earlier_score(self, task):
        samples = drawn(3, task=task)
        cut = 230
        random = np.random.default_rng(3)
        later = {
            "X": np.concatenate([samples.X[:cut], random.standard_normal((300 - cut, 3))]),
            "y": np.concatenate([samples.y[: cut - HORIZON], random.permutation(samples.y[cut - HORIZON :])]),
            "payoff": np.concatenate([samples.payoff[: cut - HORIZON], random.random(300 - cut + HORIZON)]),
        }
        changed = replace(samples, **later)
        volatility = [volatility_of(one, is_classifier=True)[0] for one in (samples, changed)]
        before = found_for(samples, task, baselines=volatility[:1])
        after = found_for(changed, task, baselines=volatility[1:])
        # Which of two running means is used depends on all labels that are judged.
        assert min(found.baselines[1].p_value for found in (before, after)) > 0.05
        # A score holds its own label; those of the samples before the change are the same.
        same = before.rows < cut - HORIZON
        np.testing.assert_allclose(after.scores.u[same], before.scores.u[same], rtol=1e-9, atol=1e-12)
        assert not np.allclose(after.scores.u[~same], before.scores.u[~same])

    def test_order_of_rows_does_not_matter(self, task):
        samples = drawn(4, n=120, task=task, symbols=3)
        shuffled = samples.take(np.random.default_rng(0).permutation(360))
        one, other = found_for(samples, task), found_for(shuffled, task)
        np.testing.assert_allclose(other.scores.u, one.scores.u, rtol=1e-5, atol=1e-5)
        assert [b.p_beyond for b in other.baselines] == pytest.approx([b.p_beyond for b in one.baselines], abs=1e-5)

    def test_symbols_of_one_time_make_one_score(self, task):
        found = found_for(drawn(5, n=100, task=task, symbols=4), task)
        assert len(found.scores) == 50
        assert found.rows.size == 200


class Counting(ClassifierMixin, BaseEstimator):
    """Counts its fits, and fails on few samples."""

    fits: list = []  # noqa: RUF012

    def __init__(self, least=0):
        self.least = least

    def fit(self, X, y):
        self.fits.append(len(y))
        if len(y) < self.least:
            raise ValueError("too few neighbours")
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


class TestFits:
    def test_one_fit_for_each_block(self):
        Counting.fits.clear()
        found = found_for(drawn(6), estimator=Counting(), n_blocks=7)
        assert Counting.fits == list(found.n_train)
        assert len(found.n_train) == 7
        assert max(found.n_train) <= 300

    def test_blocks_whose_fit_fails_are_left_out_and_named(self):
        found = found_for(drawn(6), estimator=Counting(least=200), n_blocks=6)
        assert 0 < len(found.n_train) < 6
        assert min(found.n_train) >= 200
        assert "too few neighbours" in found.notes[0]

    def test_blocks_before_which_one_class_was_seen_are_left_out(self):
        samples = drawn(7)
        y = samples.y.copy()
        y[:200] = 0
        found = found_for(replace(samples, y=y))
        assert 0 < len(found.n_train) < 12
        assert "one class" in found.notes[0]

    def test_nothing_can_be_fitted(self):
        found = found_for(replace(drawn(8), y=np.zeros(300, dtype=np.int64)))
        assert forward_test(found.scores).p == 1.0
        assert found.rows.size == 0

    def test_searches_inside_run_on_purged_folds(self):
        search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3)
        assert forward_test(found_for(drawn(9), estimator=search, n_blocks=2).scores).p < 0.05

    def test_sixty_samples_are_enough_to_say_nothing(self):
        found = found_for(drawn(10, n=60, skill=0.0))
        assert 0 < forward_test(found.scores).p <= 1

    def test_weights_reach_the_fits(self):
        samples = drawn(11)
        weighted = replace(samples, weight=np.where(np.arange(300) % 2, 1.0, 1e-6))
        assert not np.allclose(found_for(weighted).scores.u, found_for(samples).scores.u)


class TestKnownAverages:
    @settings(max_examples=50)
    @given(st.integers(1, 40), st.integers(0, 8), st.floats(1, 30), st.integers(0, 999))
    def test_against_a_plain_sum(self, n, horizon, span, seed):
        random = np.random.default_rng(seed)
        time = random.integers(0, 25, n)
        samples = LabelledSamples(np.zeros((n, 1)), np.zeros(n), time, time + horizon)
        values = random.standard_normal(n)
        found = known_averages(samples, values, np.arange(n), [span])[:, 0]
        ends = samples.windows.end
        known = np.unique(ends)
        for row in range(n):
            past = np.flatnonzero(ends <= time[row])
            if not past.size:
                assert np.isnan(found[row])
                continue
            last = np.flatnonzero(known <= time[row])[-1]
            weight = (1 - 2 / (span + 1)) ** (last - np.searchsorted(known, ends[past]))
            assert found[row] == pytest.approx(np.average(values[past], weights=weight), abs=1e-9)


class TestBaselines:
    def test_a_model_of_past_labels_is_not_beyond_them(self):
        """Labels with a memory are predicted by their past, and a feature that repeats it adds nothing."""
        claims = []
        for seed in range(25):
            random = np.random.default_rng([20, seed])
            state = np.convolve(random.standard_normal(1100), 0.99 ** np.arange(300), "valid")[:800]
            y = (state / state.std() + random.standard_normal(800) > 0).astype(np.int64)
            time = 900 * np.arange(800)
            samples = LabelledSamples(np.zeros((800, 1)), y, time, time + 900)
            X = known_averages(samples, y.astype(float), np.arange(800), [30.0])
            found = found_for(replace(samples, X=np.nan_to_num(X, nan=0.5)), n_blocks=3)
            by_name = {baseline.name: baseline for baseline in found.baselines}
            past = by_name["past_labels"]
            claims.append((by_name["constant"].p_beyond <= 0.05, past.p_value <= 0.05, past.p_beyond <= 0.05))
        constant, own, beyond = np.mean(claims, axis=0)
        assert constant > 0.5  # the model beats a constant
        assert own > 0.5  # and so do past labels alone
        assert beyond <= 0.16  # at 5 %, five of 25 have a chance of 0.7 %

    def test_predictions_are_compared_with_a_fast_mean_only_where_past_labels_predict(self, monkeypatch):
        random = np.random.default_rng(22)
        walk = np.cumsum(random.standard_normal(300)) / 5
        wandering = replace(drawn(12), y=(walk + random.standard_normal(300) > 0).astype(np.int64))
        samples = {"steady": drawn(12), "wandering": wandering}
        found = {name: found_for(one) for name, one in samples.items()}
        assert found["steady"].baselines[1].p_value > 0.05 >= found["wandering"].baselines[1].p_value
        monkeypatch.setattr(_forward_evidence, "LOCAL_HALF_LIFE", _forward_evidence.HALF_LIFE)
        slow = {name: found_for(one) for name, one in samples.items()}
        np.testing.assert_array_equal(found["steady"].scores.u, slow["steady"].scores.u)
        # The comparison with a constant has no running mean.
        np.testing.assert_array_equal(found["wandering"].scores.u[:, 0], slow["wandering"].scores.u[:, 0])
        assert not np.allclose(found["wandering"].scores.u[:, 1], slow["wandering"].scores.u[:, 1])

    def test_a_model_of_volatility_is_not_beyond_it(self):
        claims = []
        for seed in range(25):
            random = np.random.default_rng([21, seed])
            level = np.exp(0.7 * np.convolve(random.standard_normal(1100), 0.99 ** np.arange(300), "valid")[:800] / 7)
            payoff = level * random.standard_normal(800)
            y = (np.abs(payoff) > 1).astype(np.int64)
            time = 900 * np.arange(800)
            X = np.log(level)[:, None] + 0.1 * random.standard_normal((800, 1))
            samples = LabelledSamples(X, y, time, time + 900, payoff=payoff)
            volatility = Volatility(np.abs(payoff), columns=(0,))
            found = found_for(samples, n_blocks=3, baselines=[volatility])
            by_name = {baseline.name: baseline for baseline in found.baselines}
            claims.append((by_name["constant"].p_beyond <= 0.05, by_name["volatility"].p_beyond <= 0.05))
        constant, beyond = np.mean(claims, axis=0)
        assert constant > 0.9
        assert beyond <= 0.16

    def test_what_volatility_is_measured_by_is_said(self):
        samples = drawn(12)
        assert volatility_of(samples, is_classifier=True)[1] == "absolute payoffs known by then"
        unpaid = replace(samples, payoff=None)
        assert volatility_of(unpaid, is_classifier=True) == (None, "")
        assert volatility_of(unpaid, is_classifier=False)[1] == "absolute labels known by then"
        assert volatility_of(unpaid, is_classifier=True, columns=[1])[1] == "the named features"

    def test_missing_values_in_a_volatility_feature(self):
        samples = drawn(13)
        X = samples.X.copy()
        X[::7, 2] = np.nan
        found = Volatility(None, (2,)).predictors(replace(samples, X=X), samples.y.astype(float), np.arange(300), 5.0)
        assert np.isnan(found[0, 0])
        assert PastLabels().predictors(samples, samples.y.astype(float), np.arange(300), 5.0).shape == (300, 3)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_noise_is_rarely_taken_for_skill(task):
    sets = [found_for(drawn([30, seed], 240, task, skill=0.0), task, n_blocks=3) for seed in range(50)]
    claims = [forward_test(found.scores).p <= 0.05 for found in sets]
    assert np.mean(claims) <= 0.14  # at 5 %, eight of 50 have a chance of 0.4 %
