"""Training with evidence from refits forward in time: what is chosen where, what is judged where, and what it costs."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from livermore.errors import TrainingError
from livermore.ml.dataset import Dataset
from livermore.research import train_model

QUICK = {"importance": False, "impact": False, "verbose": False, "n_jobs": 1}
HORIZON = 4


class Counting(LogisticRegression):
    """Counts the samples of each fit."""

    sizes: list = []  # noqa: RUF012

    def fit(self, X, y, sample_weight=None):
        self.sizes.append(len(y))
        return super().fit(X, y, sample_weight)


def drawn(n=600, strength=1.0, seed=0, task="binary"):
    random = np.random.default_rng(seed)
    X, time = random.standard_normal((n, 3)), 900 * np.arange(n)
    outcome = strength * X[:, 0] + random.standard_normal(n)
    labels = {
        "binary": [bool(value > 0) for value in outcome],
        "multiclass": (np.digitize(outcome, [-0.5, 0.5]) - 1).tolist(),
        "regression": outcome.tolist(),
    }[task]
    return Dataset(
        X=X,
        feature_names=("a", "b", "c"),
        labels=tuple(labels),
        label_name="win",
        time=time,
        label_time=time + 900 * HORIZON,
        payoff=0.01 * outcome,
    )


def changed_after(data, cut, seed=1):
    """Return the same samples with other features, labels and payoffs from a row on."""
    other = drawn(len(data), strength=0.0, seed=seed)
    return Dataset(
        X=np.concatenate([data.X[:cut], other.X[cut:]]),
        feature_names=data.feature_names,
        labels=data.labels[:cut] + other.labels[cut:],
        label_name=data.label_name,
        time=data.time,
        label_time=data.label_time,
        payoff=np.concatenate([data.payoff[:cut], other.payoff[cut:]]),
    )


def test_six_refits_one_fit_and_the_folds_of_the_threshold():
    Counting.sizes.clear()
    train_model(drawn(), Counting(), judge_features=False, **QUICK)
    assert len(Counting.sizes) == 6 + 1 + 5
    # Each refit is trained on what was known when its block began: 300, 350, … samples were taken before.
    assert set(Counting.sizes) >= {begin - HORIZON + 1 for begin in range(300, 600, 50)}


def test_without_refits_the_verdict_rests_on_the_test_set():
    Counting.sizes.clear()
    result = train_model(drawn(), Counting(), judge_features=False, forward=False, **QUICK)
    assert len(Counting.sizes) == 1 + 5
    assert result["verdict"]["details"]["predicts"]["n"] == 120
    assert result["verdict"]["predicts"] == "yes"


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_metrics_do_not_depend_on_the_evidence(task):
    model = Ridge() if task == "regression" else LogisticRegression()
    options = [{}, {"forward": False}, {"evidence": False}]
    metrics = [train_model(drawn(task=task), model, task, **QUICK, **extra)["metrics"] for extra in options]
    for name, value in metrics[2].items():
        assert metrics[0][name] == metrics[1][name] == value


def test_choices_look_at_the_first_half_alone():
    data = drawn()
    first, other = (train_model(d, LogisticRegression(), **QUICK) for d in (data, changed_after(data, 300)))
    assert first["threshold_table"] == other["threshold_table"]
    # Features are judged on the first half, too, but only of models that are shown to predict on the second.
    assert first["feature_scores"]
    assert other["feature_scores"] == []
    assert "not been shown to predict" in other["feature_note"]
    assert first["verdict"]["predicts"] == "yes"
    assert other["verdict"]["predicts"] != "yes"
    assert other["verdict"]["pays"] != "yes"


def test_a_test_part_of_more_than_half_has_no_part_in_choices():
    data = drawn()
    found = [
        train_model(d, LogisticRegression(), test_ratio=0.7, judge_features=False, **QUICK)
        for d in (data, changed_after(data, 180))
    ]
    assert found[0]["threshold_table"] == found[1]["threshold_table"]
    assert found[0]["verdict"]["details"]["predicts"]["n"] == 420


def test_an_edge_needs_both_words_and_the_report_shows_them():
    result = train_model(drawn(), LogisticRegression(), judge_features=False, **QUICK)
    verdict = result["verdict"]
    assert (verdict["predicts"], verdict["pays"], verdict["edge"]) == ("yes", "yes", "yes")
    assert verdict["details"]["pays"]["break_even_cost"] == verdict["net_return"][0] > 0
    dear = train_model(drawn(), LogisticRegression(), judge_features=False, cost=0.02, **QUICK)["verdict"]
    assert dear["predicts"] == "yes"
    assert dear["edge"] != "yes"
    names = [row["name"] for row in verdict["baselines"]]
    assert names == ["constant", "past_labels", "last_label", "volatility"]
    page = result.to_html()
    for shown in ("Predicts the label", "Break-even cost per trade", "Every signal taken", "volatility alone"):
        assert shown in page


def test_a_feature_that_knows_the_label_is_called_a_leak():
    data = drawn(strength=0.0)
    X = data.X.copy()
    X[:, 1] = np.where(np.array(data.labels), 1.0, -1.0)
    fields = {name: getattr(data, name) for name in ("feature_names", "labels", "label_name", "time", "label_time")}
    verdict = train_model(Dataset(X=X, **fields), LogisticRegression(), judge_features=False, **QUICK)["verdict"]
    assert verdict["statistic"] == 1.0
    assert verdict["predicts"] == "yes"
    assert "too good: look for a leak" in verdict["text"]


def test_a_volatility_feature_that_does_not_exist_is_an_error():
    with pytest.raises(TrainingError, match="'atr', and the samples have no such feature"):
        train_model(drawn(60), LogisticRegression(), volatility_features=["atr"], **QUICK)


def test_volatility_is_said_to_be_measured_by_what_is_named():
    found = train_model(drawn(), LogisticRegression(), volatility_features=["c"], judge_features=False, **QUICK)
    assert "absolute payoffs known by then and the named features" in found["verdict"]["text"]


@pytest.mark.parametrize("n", [25, 60])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_handful_of_samples_makes_no_claim_and_no_crash(task, n):
    model = Ridge() if task == "regression" else LogisticRegression()
    result = train_model(drawn(n, strength=0.0, task=task), model, task, **QUICK)
    assert result["verdict"]["edge"] in ("cannot tell", "no")


def test_an_early_half_of_one_class_is_said_and_the_training_goes_on():
    data = drawn()
    late = Dataset(
        X=data.X,
        feature_names=data.feature_names,
        labels=(False,) * 340 + data.labels[340:],
        label_name="win",
        time=data.time,
        label_time=data.label_time,
    )
    result = train_model(late, LogisticRegression(), **QUICK)
    assert any("all of one class" in note for note in result.notes)
    assert any("No threshold could be chosen" in note for note in result.notes)
