"""Models that were not saved here: refused unless their folder is trusted."""

import gzip
import hashlib
import json
import os
import pickle
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from tests.ml.artifacts.models import EMPTY_MANIFEST, ESTIMATORS, MakeResult, X, Y, fitted

from livermore.errors import LivermoreWarning, ModelError
from livermore.ml.artifacts import MANIFEST, _load, load_model, save_model, trust_folder
from livermore.ml.artifacts._trust import remember
from livermore.ml.inference import load_predictor
from livermore.research import load_ml_model


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
