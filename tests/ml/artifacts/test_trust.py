"""Pickles from elsewhere: refused unless trusted; and folders that need no trust."""

import copy
import gzip
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError
from livermore.ml.artifacts import MANIFEST, Manifest, _load, _skops_check, load_model, save_model, trust_folder
from livermore.ml.artifacts._trust import remember
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

# Their compiled code follows fitted arrays unchecked, or parses content of its own.
UNSAFE = {"hist", "svc", "neighbours", "lightgbm", "xgboost"}


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
def test_models_that_jesse_saved_load_once_they_are_trusted(
    name: str, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    model = fitted(name)
    joblib.dump(model, tmp_path / "model.pkl", compress=3)
    joblib.dump(StandardScaler().fit(X), tmp_path / "scaler.pkl")
    joblib.dump({"feature_names": ["a", "b", "c"], "anova_f_values": X[0]}, tmp_path / "feature_importance.pkl")
    with pytest.raises(ModelError, match=r"model\.pkl, scaler\.pkl are pickles.*--trust.*has no model\.json"):
        load_model(tmp_path)
    trust_folder(tmp_path)
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


def planted() -> dict[str, bytes]:
    """Return pickles that make a file in the working directory when they are opened, or import a module from it."""
    model = LogisticRegression().fit(X, Y)
    model.extra = Runs(os.system, "touch executed")
    objects = np.empty(1, dtype=object)
    objects[0] = Runs(Path("executed").touch)
    values = {
        "system": Runs(os.system, "touch executed"),
        "eval": Runs(eval, "open('executed', 'w')"),
        "inside a model": model,
        "after an array": objects,
        "a mapped file": Runs(np.memmap, "executed", "uint8", "w+", 0, 8),
        "a file of gzip": Runs(gzip.GzipFile, "executed", "wb"),
    }
    found = {
        f"{name}, protocol {protocol}": pickle.dumps(value, protocol)
        for name, value in values.items()
        for protocol in range(6)
        if name not in ("inside a model", "after an array") or protocol > 1
    }
    found["compressed"] = zlib.compress(found["system, protocol 2"])
    found["a module of the folder"] = b"cFoo.weights\nModel\n."
    found["the old way to build"] = b"(S'touch executed'\nios\nsystem\n."
    found["an object built by the old way"] = b"(cos\nsystem\nS'touch executed'\no."
    found["a name from the stack"] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0etouch executed\x85R."
    found["a persistent id"] = b"Pexecuted\n."
    # An array of objects whose type says that it holds none: its bytes would be taken for addresses.
    found["a type that lies"] = (
        b"\x80\x03cnumpy\ndtype\nX\x02\x00\x00\x00O8\x89\x88\x87R(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb."
    )
    return found


@pytest.mark.parametrize("name", planted())
def test_a_pickle_from_elsewhere_is_not_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    folder = tmp_path / "Foo"
    folder.mkdir()
    (folder / "weights.py").write_text("open('executed', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    content = planted()[name]
    for file in ("model.pkl", "scaler.pkl", "model.skops", "scaler.skops", "model.bin", "scaler.PKL"):
        (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=r"are pickles, which can run any code.*livermore models .* --trust"):
        load_model("Foo")
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    for suffix in (".pkl", ".skops", ".bin", ".joblib", ".PKL", ".pickle", ""):
        for stem in ("model", "scaler"):
            (folder / f"{stem}{suffix}").write_bytes(content)
        files = {f"{stem}{suffix}": entry for stem in ("model", "scaler")}
        (folder / MANIFEST).write_text(json.dumps(EMPTY_MANIFEST | {"files": files}))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(
                ModelError, match=r"can run any code|is not loaded: it is not what skops writes|damaged"
            ):
                load_model("Foo")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Foo"]
    assert "Foo.weights" not in sys.modules


EMPTY_MANIFEST: dict[str, Any] = {
    "format_version": 1,
    "task": "binary",
    "features": [],
    "classes": [0, 1],
    "missing_values": "refuse",
    "versions": {},
    "version": "",
}


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


@pytest.mark.parametrize("edit", ["reverse the features", "reverse the classes", "drop the hash", "swap the files"])
def test_an_edited_manifest_of_a_trusted_model_is_refused(edit: str, make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(importance=False), tmp_path)
    found = json.loads((tmp_path / MANIFEST).read_text())
    if edit == "reverse the features":
        found["features"].reverse()
    elif edit == "reverse the classes":
        found["classes"].reverse()
    elif edit == "swap the files":
        files = found["files"]
        files["model.pkl"], files["scaler.pkl"] = files["scaler.pkl"], files["model.pkl"]
    else:
        found["features"].reverse()
        del found["sha256"]
    (tmp_path / MANIFEST).write_text(json.dumps(found))
    with pytest.raises(ModelError, match=r"was changed since it was written|not saved by you"):
        load_model(tmp_path)


def test_a_trusted_plain_folder_whose_files_are_swapped_is_not_trusted(
    tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    for name, value in (("model.pkl", LogisticRegression()), ("scaler.pkl", StandardScaler().fit(X))):
        joblib.dump(value, tmp_path / name)
    trust_folder(tmp_path)
    (tmp_path / "model.pkl").rename(tmp_path / "x")
    (tmp_path / "scaler.pkl").rename(tmp_path / "model.pkl")
    (tmp_path / "x").rename(tmp_path / "scaler.pkl")
    with pytest.raises(ModelError, match="was not saved by you"):
        load_model(tmp_path)


def test_a_model_of_an_earlier_release_loads_by_the_trust_in_its_files(
    make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    save_model(make_result(), tmp_path)
    found = json.loads((tmp_path / MANIFEST).read_text())
    del found["sha256"]
    (tmp_path / MANIFEST).write_text(json.dumps(found))
    elsewhere()
    with pytest.raises(ModelError, match="not saved by you"):
        load_model(tmp_path)
    remember(entry["sha256"] for entry in found["files"].values())
    assert load_model(tmp_path).manifest is not None


def test_links_to_what_was_saved_here_load_and_links_to_something_else_do_not(
    make_result: MakeResult, tmp_path: Path
) -> None:
    save_model(make_result(0), tmp_path / "a")
    save_model(make_result(1), tmp_path / "b")
    (tmp_path / "a" / "model.pkl").rename(tmp_path / "kept")
    (tmp_path / "a" / "model.pkl").symlink_to(tmp_path / "kept")
    load_model(tmp_path / "a")
    (tmp_path / "a" / "model.pkl").unlink()
    os.link(tmp_path / "b" / "model.pkl", tmp_path / "a" / "model.pkl")
    with pytest.raises(ModelError, match=r"was changed|cut off"):
        load_model(tmp_path / "a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_no_file_is_refused(make_result: MakeResult, tmp_path: Path) -> None:
    for name in ("model.pkl", MANIFEST):
        folder = tmp_path / name
        save_model(make_result(), folder)
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(ModelError, match="is no regular file"):
            load_model(folder)
        (folder / name).unlink()
        (folder / name).mkdir()
        with pytest.raises(ModelError, match=r"is no regular file|cannot be read"):
            load_model(folder)


def test_a_file_that_is_replaced_after_it_was_checked_is_not_what_is_loaded(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = make_result()
    save_model(result, tmp_path)
    read = _load.read_file

    def replacing(path: Path, *arguments: Any, **options: Any) -> bytes | None:
        content = read(path, *arguments, **options)
        if path.suffix == ".pkl":
            path.write_bytes(pickle.dumps(Runs(os.mkdir, str(tmp_path / "executed"))))
        return content

    monkeypatch.setattr(_load, "read_file", replacing)
    loaded = load_model(tmp_path)
    assert loaded.model.coef_.tolist() == result.model.coef_.tolist()
    assert not (tmp_path / "executed").exists()


def test_a_class_of_the_running_script_is_announced_when_it_is_saved(tmp_path: Path) -> None:
    code = (
        "import warnings\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "class Mine(LogisticRegression): pass\n"
        "from livermore.research import train_model\n"
        "samples = [{'time': 60 * i, 'features': {'a': i % 7}, 'label': {'name': 'y', 'value': i % 2 == 0}}"
        " for i in range(80)]\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    train_model(samples, Mine(), save_to='Foo', verbose=False, importance=False, evidence=False)\n"
        "print([str(w.message)[:60] for w in caught if 'module __main__' in str(w.message)])\n"
    )
    (tmp_path / "script.py").write_text(code)
    run = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "['the saved Mine refers to a class or function that is defined']"


class Local:
    """A class of the user's own."""


needs_skops = pytest.mark.skipif(find_spec("skops") is None, reason="needs the extra skops")


@needs_skops
@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"stacking"} - UNSAFE))
def test_safe_folders_hold_no_pickle_and_load_anywhere(
    name: str, make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = make_result(estimator=ESTIMATORS[name]) if name != "voting" else make_result()
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
    assert not hasattr(loaded.scaler, "feature_names_in_")


@needs_skops
@pytest.mark.parametrize("name", sorted(UNSAFE))
def test_safe_folders_of_models_that_check_no_arrays_need_trust(
    name: str, make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = make_result(estimator=SVC(probability=True) if name == "svc" else ESTIMATORS[name])
        save_model(result, tmp_path, safe=True)
    rows = RNG.standard_normal((20, 3))
    expected = result.model.predict_proba(rows)
    np.testing.assert_array_equal(load_model(tmp_path).model.predict_proba(rows), expected)
    elsewhere()
    with pytest.raises(ModelError, match=r"model\.skops is not loaded: .*harmless.*--trust"):
        load_model(tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path, trust=True).model.predict_proba(rows), expected)
    trust_folder(tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).model.predict_proba(rows), expected)


def replaced(
    folder: Path, name: str, content: bytes | None, edit: Callable[[Any], None] = lambda manifest: None
) -> None:
    """Put a file in a model's folder and edit its manifest, as somebody does who can compute the hashes."""
    manifest = json.loads((folder / MANIFEST).read_text())
    if content is not None:
        (folder / name).write_bytes(content)
        manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    edit(manifest)
    del manifest["sha256"]
    bound = replace(Manifest.from_bytes(json.dumps(manifest).encode(), folder / MANIFEST), is_bound=True)
    (folder / MANIFEST).write_bytes(bound.to_bytes())


@needs_skops
@pytest.mark.parametrize("drop_hash", [False, True])
def test_a_safe_manifest_whose_features_are_swapped_is_refused(
    drop_hash: bool, make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    save_model(make_result(importance=False), tmp_path, safe=True)
    elsewhere()
    replaced(tmp_path, "", None, lambda manifest: manifest["features"].reverse())
    if drop_hash:
        content = json.loads((tmp_path / MANIFEST).read_text())
        del content["sha256"]
        (tmp_path / MANIFEST).write_text(json.dumps(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ModelError, match="lists other features, or in another order"):
            load_model(tmp_path)


@needs_skops
def test_a_safe_folder_without_names_of_features_needs_trust(
    make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    import skops.io

    result = make_result()
    save_model(result, tmp_path, safe=True)
    elsewhere()
    replaced(tmp_path, "scaler.skops", skops.io.dumps(result.scaler))
    with pytest.raises(ModelError, match=r"scaler\.skops is not loaded: .*names of the features.*--trust"):
        load_model(tmp_path)
    load_model(tmp_path, trust=True)


WRONG_SHAPES: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "narrow coefficients": (LogisticRegression(), lambda m: setattr(m, "coef_", m.coef_[:, :1])),
    "more coefficients": (LogisticRegression(), lambda m: setattr(m, "coef_", np.ones((5, 3)))),
    "no coefficients": (LogisticRegression(), lambda m: setattr(m, "coef_", np.ones((0, 3)))),
    "another width": (LogisticRegression(), lambda m: setattr(m, "n_features_in_", 9)),
    "no width": (LogisticRegression(), lambda m: delattr(m, "n_features_in_")),
    "text": (LogisticRegression(), lambda m: setattr(m, "coef_", "x")),
    "classes of two axes": (LogisticRegression(), lambda m: setattr(m, "classes_", np.ones((2, 2)))),
    "broadcast means": (GaussianNB(), lambda m: setattr(m, "theta_", m.theta_[:, :1])),
    "fewer means": (GaussianNB(), lambda m: setattr(m, "theta_", m.theta_[:1])),
    "a layer": (MLPClassifier((4,), max_iter=5), lambda m: setattr(m, "coefs_", [m.coefs_[0][:, :1], m.coefs_[1]])),
    "a bias": (MLPClassifier((4,), max_iter=5), lambda m: setattr(m, "intercepts_", [np.ones(1), m.intercepts_[1]])),
    "more outputs": (
        MLPClassifier((4,), max_iter=5),
        lambda m: (
            setattr(m, "coefs_", [m.coefs_[0], np.ones((4, 5))]),
            setattr(m, "intercepts_", [m.intercepts_[0], np.ones(5)]),
        ),
    ),
    "more classes than leaves": (DecisionTreeClassifier(), lambda m: setattr(m, "classes_", np.arange(3))),
    "no layers": (MLPClassifier((4,), max_iter=5), lambda m: setattr(m, "coefs_", [])),
}


@needs_skops
@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_arrays_of_wrong_shapes_are_refused(
    name: str, make_result: MakeResult, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    import skops.io

    estimator, spoil = WRONG_SHAPES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = make_result(estimator=estimator)
    save_model(result, tmp_path, safe=True)
    elsewhere()
    # What is put there in the same way and is not spoilt is loaded.
    replaced(tmp_path, "model.skops", skops.io.dumps(result.model))
    load_model(tmp_path)
    model = copy.copy(result.model)
    spoil(model)
    replaced(tmp_path, "model.skops", skops.io.dumps(model))
    with pytest.raises(ModelError):
        load_model(tmp_path)


@needs_skops
@pytest.mark.parametrize("attribute", ["_validate_X_predict", "predict"])
def test_no_class_takes_the_place_of_a_method(attribute: str, tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()
    model = copy.copy(fitted("forest"))
    setattr(model, attribute, np.float32)  # converts a row to the numbers of a tree, and checks no width
    refused(tmp_path, edited(model, lambda schema, members: None), "is a class")


@needs_skops
def test_a_forest_does_not_start_endless_threads(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()
    model = copy.copy(fitted("forest"))
    model.n_jobs = 100_000
    refused(tmp_path, edited(model, lambda schema, members: None), "100000 threads")


@needs_skops
@pytest.mark.parametrize("position", [-1, 625, 10**9])
def test_a_random_state_has_a_position_in_range(position: int, tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()

    def move(schema: dict[str, Any], members: dict[str, bytes]) -> None:
        (state,) = nodes(schema, "RandomStateNode")
        state["content"]["content"]["state"]["content"]["pos"] = text(position)

    refused(tmp_path, edited(np.random.RandomState(0), move), "position out of range")


@needs_skops
def test_many_nodes_of_one_id_are_counted_and_refused(
    tmp_path: Path, elsewhere: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere()
    monkeypatch.setattr(_skops_check, "MAX_NODES", 1000)
    schema = sequence(*({**text(1), "__id__": 1} for _ in range(1000))) | {"protocol": 2}
    refused(tmp_path, archived(schema), "more than 1000 parts")


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


def test_skops_that_is_not_installed_is_an_error(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = make_result()
    monkeypatch.setitem(__import__("sys").modules, "skops.io", None)
    with pytest.raises(MissingExtraError, match=r"livermore\[skops\]"):
        save_model(result, tmp_path, safe=True)
    assert not (tmp_path / "model.json").exists()


def safe_folder(folder: Path, content: bytes, classes: list[int] | None = None) -> Path:
    """Write a folder with one skops file in two places, and a manifest that fits."""
    folder.mkdir()
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    for name in ("model.skops", "scaler.skops"):
        (folder / name).write_bytes(content)
    manifest = EMPTY_MANIFEST | {"files": {"model.skops": entry, "scaler.skops": entry}, "classes": classes}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def refused(tmp_path: Path, content: bytes, match: str) -> None:
    folder = safe_folder(tmp_path / "Foo", content)
    with (
        pytest.warns(LivermoreWarning, match="earlier release"),
        pytest.raises(ModelError, match=rf"skops is not loaded: .*{match}.*--trust"),
    ):
        load_model(folder)
    (folder / MANIFEST).unlink()
    with pytest.raises(ModelError, match=r"there is no .*model\.pkl"):
        load_model(folder)


def archived(schema: Any, members: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("schema.json", schema if isinstance(schema, str) else json.dumps(schema))
        for name, content in (members or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def edited(value: Any, edit: Callable[[dict[str, Any], dict[str, bytes]], None]) -> bytes:
    """Return what skops writes for a value, after an edit of its schema and of its other members."""
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(value))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members.pop("schema.json"))
    edit(schema, members)
    return archived(schema, members)


def nodes(schema: Any, loader: str) -> list[dict[str, Any]]:
    """Return all nodes of a loader."""
    if isinstance(schema, list):
        return [node for item in schema for node in nodes(item, loader)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("__loader__") == loader else []
    return own + [node for item in schema.values() for node in nodes(item, loader)]


def text(value: Any) -> dict[str, Any]:
    return {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(value)}


def sequence(*content: Any) -> dict[str, Any]:
    return {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": list(content)}


@needs_skops
@pytest.mark.parametrize(
    ("module", "name", "loader"),
    [
        ("sklearn.datasets._covtype", "GzipFile", "ConstructorFromReduceNode"),
        ("gzip", "GzipFile", "ConstructorFromReduceNode"),
        ("lightgbm.basic", "Booster", "ConstructorFromReduceNode"),
        ("sklearn.linear_model._logistic", "LogisticRegression", "MethodNode"),
        ("sklearn.utils._bunch", "Bunch", "ObjectNode"),
        ("functools", "partial", "PartialNode"),
        ("operator", "attrgetter", "OperatorFuncNode"),
        ("os", "system", "FunctionNode"),
        ("Foo.weights", "Model", "ObjectNode"),
        ("Foo.weights", "Model", "TypeNode"),
        ("sklearn.datasets._covtype", "GzipFile", "ObjectNode"),
        ("subprocess", "Popen", "TypeNode"),
    ],
)
def test_a_safe_file_builds_nothing_that_does_more_than_hold_data(
    module: str, name: str, loader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    Path("precious").write_text("data")
    arguments = sequence(text("precious"), text("wb"))
    schema = {"__class__": name, "__module__": module, "__loader__": loader, "content": arguments, "attrs": arguments}
    (tmp_path / "weights.py").write_text("open('executed', 'w')")
    refused(tmp_path, archived(schema | {"protocol": 2}), "it (names|builds)")
    assert Path("precious").read_text() == "data"
    assert not Path("executed").exists()


@needs_skops
def test_a_safe_file_unpacks_to_no_more_than_its_size(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()
    value = sequence() | {"protocol": 2}
    refused(tmp_path, archived(value, {"x": bytes(10**6)}, zipfile.ZIP_DEFLATED), "compressed")


@needs_skops
def test_a_safe_array_is_as_long_as_it_says(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()

    def enlarge(schema: dict[str, Any], members: dict[str, bytes]) -> None:
        for name in members:
            members[name] = members[name].replace(b"'shape': (3,), ", b"'shape': (9999999999999,), ")

    refused(tmp_path, edited(np.zeros(3), enlarge), "not as long as it says")


@needs_skops
@pytest.mark.parametrize(
    ("schema", "match"),
    [
        ("[" * 100_000, "not what skops writes"),
        ("5", "protocol None"),
        ("{}", "protocol None"),
        ('{"protocol": 0}', "protocol 0"),
        ('{"protocol": true}', "protocol True"),
        ('{"protocol": 2, "__loader__": "ObjectNode"}', "KeyError"),
        ('{"protocol": 2, "__loader__": ["x"], "__module__": "a", "__class__": "b"}', "TypeError"),
        ('{"protocol": 2, "__loader__": "ListNode", "__module__": 1, "__class__": "b"}', "names no class"),
    ],
)
def test_a_safe_file_that_is_none_is_refused(
    schema: str, match: str, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    refused(tmp_path, archived(schema), match)


TREE_EDITS: dict[str, tuple[str, int]] = {
    "a child out of range": ("left_child", 10**6),
    "a child before its parent": ("right_child", 0),
    "a feature that there is not": ("feature", 3),
    "a feature before the first": ("feature", -7),
}


@needs_skops
@pytest.mark.parametrize("edit", TREE_EDITS)
@pytest.mark.parametrize("name", ["forest"])
def test_a_tree_that_reads_out_of_range_is_refused(
    edit: str, name: str, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    field, value = TREE_EDITS[edit]

    def spoil(schema: dict[str, Any], members: dict[str, bytes]) -> None:
        for member, content in members.items():
            array = np.load(io.BytesIO(content))
            if array.dtype.names and field in array.dtype.names:
                array[field][0] = np.array(value).astype(array.dtype[field])
                buffer = io.BytesIO()
                np.save(buffer, array)
                members[member] = buffer.getvalue()

    refused(tmp_path, edited(fitted(name), spoil), "a tree (names|asks)")


@needs_skops
def test_a_tree_has_no_more_features_than_the_forest_around_it(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()

    def narrow(schema: dict[str, Any], members: dict[str, bytes]) -> None:
        (forest,) = (n for n in nodes(schema, "ObjectNode") if n["__class__"] == "RandomForestClassifier")
        forest["content"]["content"]["n_features_in_"] = text(1)

    refused(tmp_path, edited(fitted("forest"), narrow), "asks for a feature that there is not")


@needs_skops
def test_a_part_does_not_stand_for_another_of_its_id(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    elsewhere()

    def substitute(schema: dict[str, Any], members: dict[str, bytes]) -> None:
        wide, narrow = (n for n in nodes(schema, "ObjectNode") if n["__class__"] == "DecisionTreeClassifier")
        (tree,) = nodes(narrow, "TreeNode")
        tree["__id__"] = nodes(wide, "TreeNode")[0]["__id__"]

    wide, narrow = DecisionTreeClassifier().fit(X, X[:, 2] > 0), DecisionTreeClassifier().fit(X[:, :1], Y)
    refused(tmp_path, edited([wide, narrow], substitute), "different parts of it have one id")
