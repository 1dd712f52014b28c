"""Pickles from elsewhere: refused unless trusted; and folders that need no trust."""

import datetime
import os
import pickle
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError
from livermore.ml.artifacts import load_model, save_model, trust_folder
from livermore.ml.artifacts._known_types import UnknownTypeError, load_known
from livermore.ml.inference import load_predictor
from livermore.ml.result import TrainingResult
from livermore.research import load_ml_model

MakeResult = Callable[..., TrainingResult]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 3))
Y = (X[:, 0] > 0).astype(int)
ESTIMATORS: dict[str, Any] = {
    "logistic": LogisticRegression(),
    "forest": RandomForestClassifier(5),
    "hist": HistGradientBoostingClassifier(max_iter=3),
    "svc": SVC(),
    "calibrated": CalibratedClassifierCV(LogisticRegression(), ensemble=False),
    "isotonic": CalibratedClassifierCV(LogisticRegression(), method="isotonic"),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}),
    "pipeline": make_pipeline(StandardScaler(), QuantileTransformer(n_quantiles=10), LogisticRegression()),
    "neighbours": KNeighborsClassifier(),
    "perceptron": MLPClassifier((4,), max_iter=5),
    "voting": VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))]),
    "stacking": StackingClassifier([("a", LogisticRegression())], cv=2),
    "lightgbm": LGBMClassifier(n_estimators=3, verbose=-1),
    "xgboost": XGBClassifier(n_estimators=3),
}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Become another user, who trusts nothing yet."""

    def become() -> None:
        monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state of another user"))
        monkeypatch.delenv("LIVERMORE_TRUST_MODELS", raising=False)

    return become


def test_a_folder_from_elsewhere_is_refused_until_it_is_trusted(
    make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    save_model(make_result(), tmp_path / "Foo")
    load_model(tmp_path / "Foo")
    elsewhere()
    with pytest.raises(ModelError, match=r"not saved by you.*model\.pkl.*livermore models .*Foo --trust"):
        load_model(tmp_path / "Foo")
    with pytest.raises(ModelError, match="not saved by you"):
        load_predictor(tmp_path / "Foo").feature_names  # noqa: B018
    load_ml_model(tmp_path / "Foo", trust=True)
    with pytest.raises(ModelError, match="not saved by you"):
        load_ml_model(tmp_path / "Foo")
    assert set(trust_folder(tmp_path / "Foo")) == {"model.pkl", "scaler.pkl", "feature_importance.pkl"}
    load_model(tmp_path / "Foo")


def test_trust_is_for_one_content(make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    save_model(make_result(0), tmp_path / "a")
    save_model(make_result(1), tmp_path / "b")
    elsewhere()
    trust_folder(tmp_path / "a")
    with pytest.raises(ModelError, match="not saved by you"):
        load_model(tmp_path / "b")


def test_a_cluster_trusts_by_its_environment(
    make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(make_result(), tmp_path)
    elsewhere()
    monkeypatch.setenv("LIVERMORE_TRUST_MODELS", "1")
    load_model(tmp_path)
    monkeypatch.setenv("LIVERMORE_TRUST_MODELS", "0")
    with pytest.raises(ModelError, match="not saved by you"):
        load_model(tmp_path)


def test_a_state_folder_that_cannot_be_written_to_does_not_lose_the_model(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "file" / "state"))
    with pytest.warns(LivermoreWarning, match="could not be noted.*LIVERMORE_STATE_DIR"):
        save_model(make_result(), tmp_path / "Foo")
    load_model(tmp_path / "Foo", trust=True)
    with pytest.raises(ModelError, match="could not be noted"):
        trust_folder(tmp_path / "Foo")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_models_that_jesse_saved_load_though_nothing_vouches_for_them(name: str, tmp_path: Path) -> None:
    model = fitted(name)
    joblib.dump(model, tmp_path / "model.pkl", compress=3)
    joblib.dump(StandardScaler().fit(X), tmp_path / "scaler.pkl")
    joblib.dump({"feature_names": ["a", "b", "c"], "anova_f_values": X[0]}, tmp_path / "feature_importance.pkl")
    with pytest.warns(LivermoreWarning, match=r"has no model\.json") as caught:
        loaded = load_model(tmp_path)
    assert len(caught) == 1
    np.testing.assert_array_equal(loaded.model.predict(X), model.predict(X))


def fitted(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ESTIMATORS[name].fit(X, Y)


class Runs:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def planted() -> dict[str, Any]:
    import os
    import subprocess

    model = LogisticRegression().fit(X, Y)
    model.extra = Runs(os.system, "touch executed")
    objects = np.empty(1, dtype=object)
    objects[0] = Runs(Path("executed").touch)
    return {
        "system": Runs(os.system, "touch executed"),
        "subprocess": Runs(subprocess.call, ["touch", "executed"]),
        "eval": Runs(eval, "open('executed', 'w')"),
        "open": Runs(open, "executed", "w"),
        "inside a model": model,
        "behind an array": objects,
        "a file that is mapped": Runs(np.memmap, "executed", "uint8", "w+", 0, 8),
        "numpy's own": Runs(np.save, "executed.npy", 1),
        "an attribute of a known class": Runs(getattr, LogisticRegression, "fit"),
    }


@pytest.mark.parametrize("name", planted())
def test_a_malicious_pickle_without_a_manifest_is_not_executed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Foo").mkdir()
    joblib.dump(planted()[name], tmp_path / "Foo" / "model.pkl")
    joblib.dump(StandardScaler().fit(X), tmp_path / "Foo" / "scaler.pkl")
    monkeypatch.chdir(tmp_path)
    with (
        pytest.warns(LivermoreWarning, match="has no model.json"),
        pytest.raises(ModelError, match=r"model\.pkl is not loaded: it (names|holds).*livermore models .* --trust"),
    ):
        load_model("Foo")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Foo"]


def test_a_malicious_pickle_with_a_manifest_of_its_own_is_not_executed(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Callable[[], None]
) -> None:
    result = make_result()
    result.model.extra = Runs(Path("executed").touch)
    save_model(result, tmp_path / "Foo")
    elsewhere()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="can run any code when loaded"):
        load_model("Foo")
    assert not Path("executed").exists()


def test_what_belongs_to_the_user_is_named(tmp_path: Path) -> None:
    content = pickle.dumps(make_pipeline(FunctionTransformer(datetime.datetime.utcfromtimestamp), LogisticRegression()))
    with pytest.raises(UnknownTypeError, match="getattr"):
        load_known(content)
    joblib.dump(Local(), tmp_path / "model.pkl")
    joblib.dump(StandardScaler().fit(X), tmp_path / "scaler.pkl")
    with (
        pytest.warns(LivermoreWarning, match=r"has no model\.json"),
        pytest.raises(ModelError, match=r"it names .*Local, which is no part of a model of a well-known library"),
    ):
        load_model(tmp_path)
    with pytest.warns(LivermoreWarning, match=r"has no model\.json"):
        assert isinstance(load_model(tmp_path, trust=True).model, Local)


class Local:
    """A class of the user's own."""


needs_skops = pytest.mark.skipif(find_spec("skops") is None, reason="needs the extra skops")


@needs_skops
@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"stacking"}))
def test_safe_folders_hold_no_pickle_and_load_anywhere(
    name: str, make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = SVC(probability=True) if name == "svc" else ESTIMATORS[name]
        result = make_result(estimator=estimator) if name != "voting" else make_result()
        save_model(result, tmp_path, safe=True)
    assert {path.name for path in tmp_path.iterdir()} == {
        "feature_importance.skops",
        "model.json",
        "model.skops",
        "models",
        "scaler.skops",
    }
    assert not list(tmp_path.rglob("*.pkl"))
    elsewhere()
    loaded = load_model(tmp_path)
    rows = RNG.standard_normal((20, 3))
    np.testing.assert_array_equal(loaded.model.predict_proba(rows), result.model.predict_proba(rows))
    assert loaded.feature_importance is not None
    assert loaded.feature_importance["feature_names"] == result.feature_names
    assert loaded.manifest is not None
    assert "skops" in loaded.manifest.versions


@needs_skops
def test_a_safe_model_takes_the_place_of_a_pickle_and_back(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(0), tmp_path)
    safe = make_result(1)
    save_model(safe, tmp_path, safe=True)
    assert not (tmp_path / "model.pkl").exists()
    np.testing.assert_array_equal(load_model(tmp_path).model.coef_, safe.model.coef_)
    again = make_result(2)
    save_model(again, tmp_path)
    assert not (tmp_path / "model.skops").exists()
    np.testing.assert_array_equal(load_model(tmp_path).model.coef_, again.model.coef_)


@needs_skops
def test_a_safe_folder_with_a_class_of_the_user_must_be_trusted(
    make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    result = make_result()
    result.model.extra = Local()
    save_model(result, tmp_path, safe=True)
    elsewhere()
    with pytest.raises(ModelError, match=r"model\.skops is not loaded: it names .*Local"):
        load_model(tmp_path)
    assert isinstance(load_model(tmp_path, trust=True).model.extra, Local)


def test_skops_that_is_not_installed_is_told(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = make_result()
    monkeypatch.setitem(__import__("sys").modules, "skops.io", None)
    with pytest.raises(MissingExtraError, match=r"livermore\[skops\]"):
        save_model(result, tmp_path, safe=True)
    assert not (tmp_path / "model.json").exists()


def test_a_plain_gradient_boosting_is_known_and_an_array_cannot_smuggle_a_call(tmp_path: Path) -> None:
    # Its trees lie in an array of objects, behind which joblib writes a second pickle.
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 3))
    model = GradientBoostingClassifier(n_estimators=3).fit(x, x[:, 0] > 0)
    joblib.dump(model, tmp_path / "model.pkl")
    known = load_known((tmp_path / "model.pkl").read_bytes())
    np.testing.assert_array_equal(known.predict_proba(x), model.predict_proba(x))

    class Call:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "called"),)

    smuggled = np.empty(1, dtype=object)
    smuggled[0] = Call()
    joblib.dump(smuggled, tmp_path / "model.pkl")
    with pytest.raises(UnknownTypeError, match="mkdir"):
        load_known((tmp_path / "model.pkl").read_bytes())
    assert not (tmp_path / "called").exists()
