"""Asking a saved model: names, values, and answers that are scikit-learn's own."""

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

from livermore.errors import FeatureError, LivermoreWarning, ModelError, ModelNotFoundError
from livermore.ml.inference import Policy, load_predictor
from livermore.research import train_model

ASKED = {"signal": 0.3, "noise_1": -1.0, "noise_2": 2.0}


@pytest.fixture
def trained(make_samples: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Train and save a model; returns folder and result."""

    def make(task: str = "binary", estimator: Any = None, **changes: Any) -> tuple[Path, Any]:
        samples = make_samples(task, n=120)
        for i, change in enumerate(changes.get("missing", ())):
            samples[10 * i]["features"][change] = None
        chosen = estimator or (LinearRegression() if task == "regression" else LogisticRegression())
        quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False}
        result = train_model(samples, chosen, task, save_to=tmp_path, **quiet)
        return tmp_path, result

    return make


def row_of(result: Any, features: dict[str, float]) -> Any:
    return result["scaler"].transform([[features[name] for name in result["feature_names"]]])


@settings(deadline=None)  # the first example trains the model
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), st.permutations(list(ASKED)))
def test_answers_are_those_of_scikit_learn_in_any_order_of_features(values: list[float], order: list[str]) -> None:
    model, scaler, folder = shared()
    features = dict(zip(order, values, strict=True))
    row = scaler.transform([[features[name] for name in sorted(features)]])
    assert load_predictor(folder).predict_proba(features, Policy("allow")) == pytest.approx(
        dict(zip([-1, 0, 1], model.predict_proba(row)[0].tolist(), strict=True)), rel=1e-12, abs=1e-15
    )


def shared(cache: dict[str, Any] = {}) -> Any:  # noqa: B006
    """One model for all examples."""
    if not cache:
        import tempfile

        rng = np.random.default_rng(0)
        samples = [
            {
                "time": i,
                "features": dict(zip(ASKED, x, strict=True)),
                "label": {"name": "y", "value": i % 3 - 1},
                "label_time": i,
            }
            for i, x in enumerate(rng.standard_normal((90, 3)).tolist())
        ]
        folder = Path(tempfile.mkdtemp())
        options = {"verbose": False, "importance": False, "impact": False, "evidence": False, "save_to": folder}
        result = train_model(samples, LogisticRegression(), "multiclass", **options)
        cache["found"] = result["model"], result["scaler"], folder
    return cache["found"]


def test_binary_probabilities(trained: Callable[..., Any]) -> None:
    folder, result = trained()
    found = load_predictor(folder).predict_proba(ASKED)
    assert list(found) == [0, 1]
    assert all(type(key) is int and type(value) is float for key, value in found.items())
    np.testing.assert_allclose(
        list(found.values()), result["model"].predict_proba(row_of(result, ASKED))[0], rtol=1e-12
    )


def test_regression(trained: Callable[..., Any]) -> None:
    folder, result = trained("regression")
    found = load_predictor(folder).predict(ASKED)
    assert type(found) is float
    assert found == pytest.approx(result["model"].predict(row_of(result, ASKED))[0], rel=1e-12)


def test_predict_of_a_classifier_is_its_class(trained: Callable[..., Any]) -> None:
    folder, result = trained()
    assert load_predictor(folder).predict(ASKED) == float(result["model"].predict(row_of(result, ASKED))[0])


def test_probabilities_of_a_regressor_are_refused(trained: Callable[..., Any]) -> None:
    folder, _ = trained("regression")
    with pytest.raises(ModelError, match=r"is a regressor \(LinearRegression\).*call ml_predict\(\)"):
        load_predictor(folder).predict_proba(ASKED)


def test_missing_and_unknown_features_are_named(trained: Callable[..., Any]) -> None:
    folder, _ = trained()
    predictor = load_predictor(folder)
    renamed = {"signl": 0.3, "noise_1": -1.0, "noise_2": 2.0}
    with pytest.raises(FeatureError, match=r"missing: 'signal'; unknown: 'signl' \(did you mean 'signal'\?\)"):
        predictor.predict_proba(renamed)
    with pytest.raises(FeatureError, match="missing: 'noise_1', 'noise_2'"):
        predictor.predict_proba({"signal": 0.3})
    with pytest.raises(FeatureError, match="unknown: 'zebra'"):
        predictor.predict_proba(ASKED | {"zebra": 1})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "'signal' is missing .*which it never was"),
        (None, "'signal' is missing"),
        (math.inf, "'signal' is inf: no model can use it"),
        ("0.3", "'signal' must be a number, not the text '0.3'"),
        ([1.0, 2.0], "'signal' must be a number, not list"),
    ],
)
def test_values_that_the_model_cannot_take_are_refused(value: Any, message: str, trained: Callable[..., Any]) -> None:
    folder, _ = trained()
    with pytest.raises(FeatureError, match=message):
        load_predictor(folder).predict_proba(ASKED | {"signal": value})


@pytest.mark.parametrize(("on_bad", "margin"), [("raise", 3.0), ("skip", 3.0), ("allow", 3.0), ("raise", 1e6)])
def test_values_far_outside_the_training_are_a_matter_of_policy(
    on_bad: str, margin: float, trained: Callable[..., Any]
) -> None:
    folder, result = trained("regression")
    predictor, far = load_predictor(folder), ASKED | {"signal": 1e4}
    if on_bad == "raise" and margin < 1e6:
        with pytest.raises(FeatureError, match=r"'signal' is 10000, far outside its range in training, -\d"):
            predictor.predict(far)
        assert predictor.predict(ASKED) == pytest.approx(result["model"].predict(row_of(result, ASKED))[0])
    elif on_bad == "skip":
        assert math.isnan(predictor.predict(far, Policy(on_bad, margin)))
        assert not math.isnan(predictor.predict(ASKED, Policy(on_bad, margin)))
    else:
        expected = result["model"].predict(row_of(result, far))[0]
        assert predictor.predict(far, Policy(on_bad, margin)) == pytest.approx(expected)


def test_an_answer_that_was_allowed_is_not_given_under_a_stricter_policy(trained: Callable[..., Any]) -> None:
    folder, _ = trained("regression")
    predictor, far = load_predictor(folder), ASKED | {"signal": 1e4}
    assert not math.isnan(predictor.predict(far, Policy("allow")))
    assert math.isnan(predictor.predict(far, Policy("skip")))
    with pytest.raises(FeatureError, match="far outside"):
        predictor.predict(far)
    assert not math.isnan(predictor.predict(far, Policy("skip", 1e6)))
    assert math.isnan(predictor.predict(far, Policy("skip", 1.0)))


def test_missing_values_are_taken_where_training_had_some(trained: Callable[..., Any]) -> None:
    folder, _ = trained(estimator=HistGradientBoostingClassifier(max_iter=2), missing=["signal", "signal"])
    predictor = load_predictor(folder)
    assert (
        predictor.predict_proba(ASKED | {"signal": None})[1] == predictor.predict_proba(ASKED | {"signal": math.nan})[1]
    )
    with pytest.raises(FeatureError, match="'noise_1' is missing"):
        predictor.predict_proba(ASKED | {"noise_1": None})


def test_the_model_is_loaded_by_the_first_question_only(trained: Callable[..., Any], tmp_path: Path) -> None:
    predictor = load_predictor(tmp_path / "not yet")
    with pytest.raises(ModelNotFoundError, match=r"there is no folder .*not yet"):
        predictor.predict_proba(ASKED)
    folder, _ = trained()
    predictor = load_predictor(folder)
    before = predictor.predict_proba(ASKED)
    for file in folder.glob("*.pkl"):
        file.unlink()
    assert predictor.predict_proba(ASKED) == before
    with pytest.raises(ModelNotFoundError):
        load_predictor(folder).predict_proba(ASKED)


def test_the_same_values_are_predicted_once(trained: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = trained()
    predictor = load_predictor(folder)
    predictor.predict_proba(ASKED)
    quick = predictor._cached_probabilities
    calls = []
    run = quick.run
    monkeypatch.setattr(quick, "run", lambda: calls.append(1) or run())
    first = predictor.predict_proba(ASKED)
    assert calls == []
    other = predictor.predict_proba(ASKED | {"signal": -0.3})
    assert calls == [1]
    assert first != other
    assert predictor.predict_proba(ASKED) == first


def test_folder_of_jesse_takes_the_names_in_its_importance_table(tmp_path: Path) -> None:
    X = np.random.default_rng(0).standard_normal((50, 2))
    scaler = StandardScaler().fit(X)
    model = LogisticRegression().fit(scaler.transform(X), np.arange(50) % 2)
    joblib.dump(model, tmp_path / "model.pkl")
    joblib.dump(scaler, tmp_path / "scaler.pkl")
    features = {"b": 2.0, "a": 1.0}
    expected = model.predict_proba(scaler.transform([[1.0, 2.0]]))[0, 1]
    with pytest.warns(LivermoreWarning, match="has no model.json"):
        assert load_predictor(tmp_path, trust=True).predict_proba(features)[1] == pytest.approx(expected, rel=1e-12)
    with (
        pytest.warns(LivermoreWarning, match="has no model.json"),
        pytest.raises(FeatureError, match="takes 2 features, and 3 were given"),
    ):
        load_predictor(tmp_path, trust=True).predict_proba(features | {"c": 1.0})
    joblib.dump({"feature_names": ["a", "b"]}, tmp_path / "feature_importance.pkl")
    with (
        pytest.warns(LivermoreWarning, match="has no model.json"),
        pytest.raises(FeatureError, match="missing: 'b'; unknown: 'bb'"),
    ):
        load_predictor(tmp_path, trust=True).predict_proba({"a": 1.0, "bb": 2.0})


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    joblib.dump(LogisticRegression().fit(rng.standard_normal((20, 2)), np.arange(20) % 2), tmp_path / "model.pkl")
    joblib.dump(StandardScaler().fit(rng.standard_normal((20, 3))), tmp_path / "scaler.pkl")
    with (
        pytest.warns(LivermoreWarning, match="has no model.json"),
        pytest.raises(ModelError, match="do not belong together: the model has 2 features, the scaler 3"),
    ):
        load_predictor(tmp_path, trust=True).predict_proba({"a": 1, "b": 2})


def test_importing_and_making_a_predictor_loads_nothing_heavy() -> None:
    code = (
        "from livermore.ml.inference import load_predictor; load_predictor('x'); import sys; "
        "print([m for m in ('sklearn', 'scipy', 'joblib', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
