"""Training with evidence: the keys, the ledger, the closed test side, and choosing between models."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from livermore.errors import EstimatorError, LivermoreWarning, TrainingError
from livermore.ml.evidence import LEDGER_NAME, Ledger
from livermore.ml.labels import LabelWindows, average_uniqueness
from livermore.ml.report import render_training
from livermore.ml.validation import assert_no_leakage, with_purged_cv
from livermore.research import compare_models, train_model

HORIZON = 5
QUICK = {"importance": False, "impact": False, "verbose": False}


def samples(n=500, strength=1.0, seed=0, kind="bool", payoff=False):
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, 3))
    noise = np.convolve(random.standard_normal(n + HORIZON - 1), np.ones(HORIZON) / HORIZON**0.5, "valid")
    outcome = strength * X[:, 0] + noise
    value = {"bool": lambda v: bool(v > 0), "int": lambda v: int(np.digitize(v, [-0.5, 0.5]) - 1), "float": float}[kind]
    rows = [
        {
            "time": 60 * i,
            "features": {f"f{k}": float(X[i, k]) for k in range(3)},
            "label": {"name": "win", "value": value(outcome[i])},
            "label_time": 60 * (i + HORIZON),
        }
        for i in range(n)
    ]
    return (
        [row | {"payoff": 0.01 if v > 0 else -0.01} for row, v in zip(rows, outcome, strict=True)] if payoff else rows
    )


@pytest.mark.parametrize(
    ("task", "kind", "estimator", "metrics"),
    [
        ("binary", "bool", LogisticRegression(), {"accuracy", "roc_auc", "mcc", "brier", "log_loss", "ece"}),
        ("multiclass", "int", LogisticRegression(), {"accuracy", "roc_auc_macro", "mcc", "log_loss"}),
        ("regression", "float", Ridge(), {"mae", "rmse", "r2", "spearman"}),
    ],
)
def test_the_keys_of_the_result(task, kind, estimator, metrics):
    result = train_model(samples(kind=kind), estimator, task, **QUICK)
    assert set(result["intervals"]) == metrics
    assert set(result["metrics"]) >= metrics
    assert (result["verdict"]["predicts"], result["verdict"]["edge"]) == ("yes", "cannot tell")
    assert 0 < result["verdict"]["n_effective"] < 100
    assert result["feature_verdicts"] == {"f0": "helps", "f1": "cannot tell", "f2": "cannot tell"}
    assert {row["feature"] for row in result["diagnostics"]} == {"f0", "f1", "f2"}
    assert (result["threshold_table"] is None) == (task != "binary")


def test_noise_is_not_called_an_edge_and_the_report_says_what_would_help():
    result = train_model(samples(strength=0.0, seed=3), LogisticRegression(), **QUICK)
    assert result["verdict"]["edge"] != "yes"
    assert "VERDICT" not in result["verdict"]["text"]


def test_thresholds_and_verdicts_do_not_look_at_the_test_side():
    data = samples(n=600, payoff=True)
    # The same training side with a test side of which everything is turned round.
    spoilt = data[:480] + [
        row | {"label": {"name": "win", "value": not row["label"]["value"]}, "payoff": -row["payoff"]}
        for row in data[480:]
    ]
    first, second = (train_model(rows, LogisticRegression(), **QUICK) for rows in (data, spoilt))
    assert repr(first["threshold_table"]) == repr(second["threshold_table"])
    # The later samples decide whether features are judged at all, and nothing else about them.
    assert first["verdict"]["predicts"] == "yes" != second["verdict"]["predicts"]
    assert first["feature_scores"]
    assert not second["feature_scores"]
    assert set(second["feature_verdicts"].values()) == {"cannot tell"}
    assert first["threshold"]["threshold"] == second["threshold"]["threshold"]
    assert first["verdict"]["p_value"] < 0.05 < second["verdict"]["p_value"]


def test_the_ledger_counts_trials_and_deflates(tmp_path):
    data = samples(strength=0.35, seed=4)
    first = train_model(data, LogisticRegression(), save_to=tmp_path, judge_features=False, **QUICK)
    again = train_model(data, LogisticRegression(), save_to=tmp_path, judge_features=False, **QUICK)
    other = train_model(data, LogisticRegression(C=0.01), save_to=tmp_path, judge_features=False, **QUICK)
    assert [result["verdict"]["trials"] for result in (first, again, other)] == [1, 1, 2]
    single = other["verdict"]["p_value_single"]
    # At most as much as two looks that have nothing in common would cost.
    assert single <= other["verdict"]["p_value"] <= max(1 - (1 - single) ** 2, 0.01)
    lines = [json.loads(line) for line in (tmp_path / LEDGER_NAME).read_text().splitlines()]
    assert len(lines) == 3
    assert lines[0]["test_start"] == 60 * 125  # nothing was chosen before: three quarters are judged


def test_two_symbols_in_one_folder_are_two_test_sides(tmp_path):
    def of(symbol, seed):
        place = {"exchange": "Sandbox", "symbol": symbol, "timeframe": "1m"}
        return [row | place for row in samples(strength=0.35, seed=seed)]

    def trials(data, **options):
        result = train_model(
            data, LogisticRegression(**options), save_to=tmp_path, judge_features=False, embargo=0, **QUICK
        )
        return result["verdict"]["trials"]

    btc, eth = of("BTC-USDT", 4), of("ETH-USDT", 5)
    assert [trials(btc), trials(eth), trials(eth, C=0.01)] == [1, 1, 2]
    # Both at once, and data that does not say of what it is.
    assert trials(sorted(btc + eth, key=lambda row: row["time"])) == 4
    assert trials(samples(strength=0.35, seed=6)) == 5
    lines = [json.loads(line) for line in (tmp_path / LEDGER_NAME).read_text().splitlines()]
    assert lines[3]["markets"] == [["Sandbox", "BTC-USDT", "1m"], ["Sandbox", "ETH-USDT", "1m"]]


@pytest.mark.parametrize(
    ("task", "kind", "estimator"),
    [
        ("binary", "bool", LogisticRegression()),
        ("multiclass", "int", LogisticRegression()),
        ("regression", "float", Ridge()),
    ],
)
def test_each_metric_lies_in_its_interval_where_there_is_one(task, kind, estimator):
    result = train_model(samples(n=2500, kind=kind), estimator, task, judge_features=False, **QUICK)
    assert result["intervals_note"] == ""
    for name, (low, high) in result["intervals"].items():
        assert np.isnan(low) if name == "ece" else low < result["metrics"][name] < high


def test_a_test_set_of_few_positives_has_no_intervals_and_says_why():
    data = samples(n=600)
    for i, row in enumerate(data):
        row["label"] = {"name": "win", "value": i % 50 == 0}
    result = train_model(data, LogisticRegression(), judge_features=False, **QUICK)
    assert all(np.isnan(end) for ends in result["intervals"].values() for end in ends)
    assert "independent samples of the smallest class" in result["intervals_note"]
    assert result["intervals_note"] in " ".join(render_training(result).split())
    json.dumps(result["intervals"])


def test_without_a_folder_nothing_is_recorded_and_the_verdict_says_so():
    result = train_model(samples(), LogisticRegression(), judge_features=False, **QUICK)
    assert "is not recorded" in result["verdict"]["text"]


def test_money_decides_where_payoffs_are_known():
    rich = train_model(samples(payoff=True), LogisticRegression(), judge_features=False, **QUICK)
    assert rich["threshold"]["by"] == "money"
    assert rich["verdict"]["net_return"][0] > 0
    poor = train_model(samples(payoff=True), LogisticRegression(), judge_features=False, cost=0.05, **QUICK)
    assert poor["threshold"]["none_is_best"]
    assert poor["threshold_table"][-1] | {"threshold": None, "chosen": True} == poor["threshold_table"][-1]
    assert poor["verdict"]["net_return"] is None
    assert poor["verdict"]["edge"] == "cannot tell"
    assert "no signal is taken" in poor["verdict"]["text"]


@pytest.mark.parametrize(
    ("task", "kind", "estimator", "payoff", "reason"),
    [
        ("binary", "bool", LogisticRegression(), False, "the samples carry no payoffs"),
        ("multiclass", "int", LogisticRegression(), True, "this task has no probability threshold that selects"),
        ("regression", "float", Ridge(), True, "this task has no probability threshold that selects"),
        ("regression", "float", Ridge(), False, "the samples carry no payoffs"),
        # Constant probabilities of about one third pass no threshold.
        ("binary", "bool", DummyClassifier(strategy="constant", constant=0), True, "no threshold could be chosen"),
    ],
    ids=["no payoffs", "multiclass", "regression", "regression, no payoffs", "no threshold"],
)
def test_the_verdict_says_why_the_net_return_is_unknown(task, kind, estimator, payoff, reason):
    data = samples(kind=kind, payoff=payoff)
    result = train_model(data, estimator, task, judge_features=False, **QUICK)
    assert result["verdict"]["net_return"] is None
    assert "Whether it pays is unknown: " in result["verdict"]["text"]
    assert reason in result["verdict"]["text"]


def test_the_verdict_of_a_threshold_that_no_test_signal_passes():
    data = samples(n=600, payoff=True, strength=3.0)
    # From the middle on the feature is far below all that was seen before, and the label goes on as it was, so that no
    # probability is high.
    for row in data[300:]:
        row["features"]["f0"] -= 50.0
        row["label"]["value"] = False
    verdict = train_model(data, LogisticRegression(), judge_features=False, **QUICK)["verdict"]
    assert "unknown: no signal passes the threshold" in verdict["text"]
    assert verdict["pays"] == "cannot tell"
    assert "nan" not in verdict["text"]


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_brings_probabilities_nearer_to_frequencies(method):
    data = samples(n=1500)
    # A penalty this strong squeezes all probabilities towards one half.
    timid = LogisticRegression(C=1e-3)
    plain = train_model(data, timid, judge_features=False, **QUICK)
    calibrated = train_model(data, timid, judge_features=False, calibrate=method, **QUICK)
    assert calibrated["metrics"]["brier"] < plain["metrics"]["brier"]
    assert calibrated["metrics"]["ece"] < plain["metrics"]["ece"]


def test_calibration_of_what_has_no_probabilities_is_refused():
    with pytest.raises(TrainingError, match="task='regression' predicts none"):
        train_model(samples(kind="float"), Ridge(), "regression", calibrate="sigmoid", **QUICK)
    with pytest.raises(TrainingError, match="'sigmoid' or 'isotonic', not 'platt'"):
        train_model(samples(), LogisticRegression(), calibrate="platt", **QUICK)


@pytest.mark.parametrize(
    "estimator",
    [
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}),
        CalibratedClassifierCV(LogisticRegression(), cv=3, ensemble=False),
        make_pipeline(StandardScaler(), GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=4)),
    ],
    ids=["search", "calibrator", "pipeline"],
)
def test_what_splits_inside_the_estimator_splits_on_purged_folds(estimator):
    time = np.arange(200) * 60
    purged, replaced = with_purged_cv(estimator, time, time + 600)
    (name,) = replaced
    folds = purged.get_params()[name]
    assert len(folds) in (3, 4, 5)
    for train, test in folds:
        assert_no_leakage(train, test, time, time + 600)
    assert not isinstance(estimator.get_params()[name], list)


def test_a_saved_search_needs_nothing_of_livermore(tmp_path):
    train_model(
        samples(), GridSearchCV(LogisticRegression(), {"C": [1.0]}), save_to=tmp_path, judge_features=False, **QUICK
    )
    assert b"livermore" not in (tmp_path / "model.pkl").read_bytes()
    assert joblib.load(tmp_path / "model.pkl").predict_proba(np.zeros((1, 3))).shape == (1, 2)


def test_unique_weights_reach_the_fit():
    data = samples(n=400)
    # Every second label is known at once and shares its time with fewer others.
    for row in data[::2]:
        row["label_time"] = row["time"]
    plain, weighted = (
        train_model(data, LogisticRegression(), unique_weights=flag, judge_features=False, **QUICK)
        for flag in (False, True)
    )
    assert not np.allclose(plain["model"].coef_, weighted["model"].coef_)


@pytest.mark.parametrize(
    ("task", "kind", "estimator"),
    [
        ("binary", "bool", LogisticRegression()),
        ("multiclass", "int", LogisticRegression()),
        ("regression", "float", Ridge()),
    ],
)
def test_metrics_are_weighted_when_asked_for_and_the_verdict_never(task, kind, estimator):
    data = samples(n=600, kind=kind, strength=0.5)
    # One sample of three carries nearly all the weight; the others share their time with many.
    for i, row in enumerate(data):
        row["label_time"] = row["time"] + (60 if i % 3 == 0 else 60 * 40)
        row["weight"] = 5.0 if i % 3 == 0 else 0.1
    options = {"importance": False, "verbose": False, "judge_features": False}
    plain, weighted = (train_model(data, estimator, task, weight_metrics=flag, **options) for flag in (False, True))
    assert plain["verdict"] == weighted["verdict"]
    # By their text, since unknown figures are NaN.
    assert repr(plain["threshold_table"]) == repr(weighted["threshold_table"])
    headline = weighted.headline["name"]
    assert weighted["metrics"][headline] == weighted.headline["value"] != plain["metrics"][headline]
    for name, (low, high) in weighted["intervals"].items():
        if name == "ece":  # never has an interval
            continue
        assert low <= weighted["metrics"][name] <= high
        assert (low, high) != plain["intervals"][name]
    for name in ("confusion_matrix", "support"):
        assert weighted["metrics"].get(name) == plain["metrics"].get(name)
    assert weighted["feature_impact"] != plain["feature_impact"]
    assert any("weigh each test sample" in note for note in weighted.notes)
    assert not any("weigh each test sample" in note for note in plain.notes)


def test_the_weights_of_metrics_are_uniqueness_times_what_was_recorded():
    data = samples(n=400)
    for i, row in enumerate(data):
        row["weight"] = 1.0 + i % 4
    result = train_model(data, LogisticRegression(), weight_metrics=True, judge_features=False, **QUICK)
    side = result.samples.test
    time = np.array([row["time"] for row in data[320:]])
    unique = average_uniqueness(LabelWindows.of(time, time + 60 * HORIZON))
    recorded = np.array([row["weight"] for row in data[320:]])
    expected = np.average(side.values == side.y, weights=unique * recorded)
    assert result["metrics"]["accuracy"] == pytest.approx(expected)


def test_weights_of_nothing_cannot_weigh_metrics():
    data = [row | {"weight": float(i < 400)} for i, row in enumerate(samples(n=500))]
    with pytest.raises(TrainingError, match="recorded weights of all 100 test samples are 0"):
        train_model(data, LogisticRegression(), weight_metrics=True, **QUICK)


def test_samples_without_label_times_are_taken_with_a_warning():
    old = [{key: row[key] for key in ("time", "features", "label")} for row in samples()]
    with pytest.warns(LivermoreWarning, match="nothing can be purged"):
        result = train_model(old, LogisticRegression(), judge_features=False, **QUICK)
    assert result["verdict"]["n_effective"] == 250


def test_tiny_test_sides_do_not_break_the_evidence():
    result = train_model(samples(n=60), LogisticRegression(), test_ratio=0.05, **QUICK)
    assert result["verdict"]["edge"] in ("cannot tell", "yes", "no")


CANDIDATES = {"guess": DummyClassifier(), "logistic": LogisticRegression(), "timid": LogisticRegression(C=1e-4)}


def test_compare_models_ranks_on_the_training_side_and_tests_the_winner():
    data = samples(n=600)
    result = compare_models(data, CANDIDATES, judge_features=False, **QUICK)
    ranking = result["ranking"]
    assert [row["rank"] for row in ranking] == [1, 2, 3]
    assert [row["name"] for row in ranking] == ["logistic", "timid", "guess"]
    assert ranking[0]["score"] > ranking[1]["score"] > 0 == ranking[2]["score"]
    assert ranking[0]["loss"] == min(row["loss"] for row in ranking)
    assert ranking[0]["p_adjusted"] < 0.05
    assert all(row["p_adjusted"] >= row["p_value"] for row in ranking)
    assert not ranking[-1]["tied"]
    alone = train_model(data, CANDIDATES["logistic"], judge_features=False, **QUICK)
    assert result["metrics"] == alone["metrics"]


def test_comparing_models_opens_the_test_side_once(tmp_path):
    result = compare_models(samples(), CANDIDATES, save_to=tmp_path, judge_features=False, **QUICK)
    assert result["verdict"]["trials"] == 1
    ledger = Ledger(tmp_path / LEDGER_NAME)
    assert len(ledger.openings()) == 1
    # The days are not unseen any more, for whatever recipe.
    assert [choice.choice for choice in ledger.choices()] == ["models"]


def test_the_choice_does_not_look_at_the_test_side():
    data = samples(n=600)
    spoilt = data[:480] + [row | {"label": {"name": "win", "value": not row["label"]["value"]}} for row in data[480:]]
    first, second = (compare_models(rows, CANDIDATES, judge_features=False, **QUICK) for rows in (data, spoilt))
    assert first["ranking"] == second["ranking"]


def test_the_report_shows_ranking_and_verdict(capsys):
    compare_models(samples(), CANDIDATES, importance=False, impact=False)
    printed = capsys.readouterr().out
    for title in (
        "MODELS COMPARED",
        "FEATURE VERDICTS",
        "DIAGNOSTICS",
        "VERDICT",
        "95 % interval",
        "Is there an edge?",
    ):
        assert title in printed
    assert max(map(len, printed.splitlines())) <= 120


def test_what_cannot_be_compared():
    with pytest.raises(TrainingError, match="There is nothing to compare"):
        compare_models(samples(), {})
    with pytest.raises(EstimatorError, match="candidate 'ridge'"):
        compare_models(samples(), {"ridge": Ridge()})


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LIVERMORE_LEDGER", "on")
    return tmp_path / "state"


def test_a_training_without_a_folder_is_counted_in_the_users_ledger(state, tmp_path):
    def trained(c, **options):
        found = train_model(samples(), LogisticRegression(C=c), judge_features=False, **QUICK, **options)
        return found["verdict"]

    assert trained(1.0)["trials"] == 1
    assert "This is the first evaluation" in trained(1.0)["text"]
    assert trained(0.1)["trials"] == 2
    assert trained(0.01, save_to=tmp_path / "elsewhere")["trials"] == 3
    alone = trained(0.001, user_ledger=False)
    assert alone["trials"] == 1
    assert "The user's ledger is switched off" in alone["text"]
    # Lines of the same second may be equal, and are read as one.
    assert len((state / LEDGER_NAME).read_text().splitlines()) == 4


def test_days_by_which_a_model_was_chosen_are_not_unseen_to_the_next_training(state):
    compare_models(samples(), CANDIDATES, judge_features=False, **QUICK)
    choice, *more = Ledger(state / LEDGER_NAME).choices()
    assert (choice.choice, more) == ("models", [])
    (line,) = Ledger(state / LEDGER_NAME).openings()
    # The later half of 500 samples is judged, and not three quarters.
    assert line.test_start == 60 * 250


def test_a_yes_that_a_training_withdraws_is_told(state):
    result = train_model(samples(), LogisticRegression(), judge_features=False, **QUICK)
    assert result["verdict"]["withdrawn"] == []
    ledger = Ledger(state / LEDGER_NAME)
    (line,) = ledger.openings()
    sums = tuple((x, x) for x in [1.0] * 9 + [-1.0, -0.9, -0.2])
    edges = tuple(np.linspace(line.edges[0], line.edges[-1], 13).round().astype(int).tolist())
    ledger.add(replace(line, edges=edges, sums=sums, p_alone=0.025, recipe="weak", configuration="weak"))
    assert ledger.openings()[-1].p_value <= 0.05
    said = []
    for seed in range(12):
        noise = [row | {"features": {f"x{seed}": float(np.sin(seed * i * i))}} for i, row in enumerate(samples())]
        said += train_model(noise, LogisticRegression(), judge_features=False, **QUICK)["verdict"]["withdrawn"]
    assert len(said) == 1
    assert "is withdrawn" in said[0]


def test_a_damaged_ledger_is_no_first_look(state):
    state.mkdir()
    (state / LEDGER_NAME).write_text('{"opened_at": 1\n')
    with pytest.warns(LivermoreWarning, match="cannot be read"):
        text = train_model(samples(), LogisticRegression(), judge_features=False, **QUICK)["verdict"]["text"]
    assert "250 samples from" in text  # the half, not the three quarters of days that are known to be unseen
    assert "Lines of the ledger that cannot be read: 1." in text
    assert "the first evaluation that is recorded" in text


class FailsOnFewSamples(LogisticRegression):
    """A classifier that cannot be fitted to fewer than 80 samples."""

    def fit(self, X, y, sample_weight=None):
        if len(X) < 80:
            raise KeyError("too few")
        return super().fit(X, y)


class FailsToPredict(LogisticRegression):
    """A classifier with a fault that shows when it predicts."""

    def predict_proba(self, X):
        raise KeyError("column")


class NoProbabilities(LogisticRegression):
    """A classifier whose probabilities add up to 3."""

    def predict_proba(self, X):
        return 3 * super().predict_proba(X)


def test_features_that_cannot_be_judged_take_no_verdict_on_the_model_with_them():
    result = train_model(samples(strength=2.0), FailsOnFewSamples(), **QUICK)
    assert result["verdict"]["predicts"] == "yes"
    assert set(result["feature_verdicts"].values()) == {"cannot tell"}
    assert "could not be judged: FailsOnFewSamples.fit failed" in result["feature_note"]


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (FailsToPredict(), r"predict_proba failed on 100 samples of 3 features: KeyError: 'column'"),
        (NoProbabilities(), r"predict_proba returned values from .* probabilities are from 0 to 1"),
    ],
)
def test_a_fault_in_a_prediction_is_an_error_that_names_the_estimator(estimator, message):
    with pytest.raises(EstimatorError, match=message):
        train_model(samples(), estimator, **QUICK)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cost": float("nan")}, "cost must be a fraction"),
        ({"cost": float("inf")}, "cost must be a fraction"),
        ({"cost": -0.01}, "cost must be a fraction"),
        ({"cost": "2 bp"}, "cost must be a fraction"),
        ({"embargo": float("nan")}, "embargo must be whole seconds"),
        ({"volatility_features": "f1"}, "must be a list of names"),
        ({"volatility_features": None}, "must be a list of names"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(TrainingError, match=message):
        train_model(samples(payoff=True), LogisticRegression(), **QUICK, **options)


def test_candidates_need_names():
    with pytest.raises(TrainingError, match=r"pass \{name: estimator"):
        compare_models(samples(), [LogisticRegression()], **QUICK)


def test_a_statistic_of_equal_labels_is_not_called_one_of_too_few_samples():
    rows = samples(kind="float")
    for row in rows[390:]:
        row["label"]["value"] = 1.0
    text = train_model(rows, Ridge(), "regression", judge_features=False, **QUICK)["verdict"]["text"]
    assert "rank correlation is not defined: labels or predictions there are all equal." in text


def test_weights_of_symbols_that_move_alone_are_not_those_of_copies():
    """Twenty independent symbols in each hour are twenty samples: a penalty must not weigh as if they were one."""
    one = samples(n=60, strength=0.5)
    rows = {
        alone: [
            row | {"exchange": "Sandbox", "symbol": f"S{k}-USDT"}
            for k in range(20)
            for row in samples(n=60, strength=0.5, seed=k if alone else 0)
        ]
        for alone in (True, False)
    }

    def slope(data):
        options = QUICK | {"unique_weights": True, "judge_features": False}
        return train_model(data, LogisticRegression(C=0.05), **options)["model"].coef_[0, 0]

    single, copies, alone = (slope(data) for data in (one, rows[False], rows[True]))
    assert copies == pytest.approx(single, rel=0.1)
    assert alone > 2 * single
