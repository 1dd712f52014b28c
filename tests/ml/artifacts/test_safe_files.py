"""Folders without pickle: they load anywhere, and hostile or damaged ones are refused before anything is built."""

import copy
import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from tests.ml.artifacts.models import EMPTY_MANIFEST, ESTIMATORS, RNG, UNSAFE, MakeResult, X, Y, fitted

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError
from livermore.ml.artifacts import MANIFEST, Manifest, _skops_check, load_model, save_model, trust_folder


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
