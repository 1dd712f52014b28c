"""Saving and loading a model folder, and what is refused."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.errors import LivermoreWarning, MissingExtraError, ModelError, ModelNotFoundError
from livermore.ml.artifacts import (
    MANIFEST,
    check_writable,
    load_model,
    publish_version,
    read_manifest,
    save_model,
    saved_versions,
)
from livermore.ml.result import TrainingResult

MakeResult = Callable[..., TrainingResult]
JESSE_FILES = {"model.pkl", "scaler.pkl", "feature_importance.pkl"}


def coefficients(model: Any) -> list[float]:
    return [float(value) for value in model.coef_[0]]


def test_what_was_saved_is_loaded(make_result: MakeResult, tmp_path: Path) -> None:
    result = make_result()
    version = save_model(result, tmp_path / "Foo")
    loaded = load_model(tmp_path / "Foo")
    assert coefficients(loaded.model) == coefficients(result.model)
    assert loaded.scaler.mean_.tolist() == result.scaler.mean_.tolist()
    assert loaded.feature_importance == result.feature_importance
    assert loaded.manifest is not None
    assert loaded.manifest.version == version.name
    assert loaded.manifest.replaces is None


def test_jesse_finds_its_files_as_plain_joblib(make_result: MakeResult, tmp_path: Path) -> None:
    result = make_result()
    save_model(result, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == JESSE_FILES | {MANIFEST, "models"}
    assert coefficients(joblib.load(tmp_path / "model.pkl")) == coefficients(result.model)
    assert joblib.load(tmp_path / "scaler.pkl").n_features_in_ == 3
    table = joblib.load(tmp_path / "feature_importance.pkl")
    assert type(table) is dict
    assert b"livermore" not in (tmp_path / "feature_importance.pkl").read_bytes()


def test_manifest_says_what_the_model_is(make_result: MakeResult, tmp_path: Path) -> None:
    result = make_result()
    save_model(result, tmp_path)
    content = json.loads((tmp_path / MANIFEST).read_text())
    assert content["task"] == "binary"
    assert content["label"] == "outcome"
    assert content["classes"] == [0, 1]
    assert [feature["name"] for feature in content["features"]] == result.feature_names
    column = result.feature_names.index("signal")
    assert content["features"][column]["low"] == result.data.features[column].low
    assert content["missing_values"] == "refuse"
    assert content["metrics"]["accuracy"] == result.metrics["accuracy"]
    assert content["data"]["sha256"] == result.data.fingerprint
    assert content["data"]["train_interval"] == list(result.data.train_interval)
    assert set(content["versions"]) == {"python", "numpy", "scikit-learn"}
    assert set(content["files"]) == JESSE_FILES


def test_undefined_metrics_become_null(make_result: MakeResult, tmp_path: Path) -> None:
    result = make_result()
    result.metrics["roc_auc"] = float("nan")
    save_model(result, tmp_path)
    assert json.loads((tmp_path / MANIFEST).read_text())["metrics"]["roc_auc"] is None


def test_a_model_without_importance_removes_the_old_table(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    save_model(make_result(1, importance=False), tmp_path)
    assert not (tmp_path / "feature_importance.pkl").exists()
    assert load_model(tmp_path).feature_importance is None


def test_earlier_models_are_kept_and_can_be_published_again(make_result: MakeResult, tmp_path: Path) -> None:
    first, second = make_result(0), make_result(1)
    old = save_model(first, tmp_path)
    save_model(second, tmp_path)
    assert len(saved_versions(tmp_path)) == 2
    assert coefficients(load_model(tmp_path).model) == coefficients(second.model)
    publish_version(tmp_path, old.name)
    assert coefficients(load_model(tmp_path).model) == coefficients(first.model)
    with pytest.raises(ModelNotFoundError, match=r"no model '2020'.*2"):
        publish_version(tmp_path, "2020")


def test_versions_keep_their_order_when_the_clock_is_set_back(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livermore.ml.artifacts import _store

    years = iter([2024, 2030, 2019, 2019, 2025])

    class Clock(_store.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(next(years), 1, 31, tzinfo=tz)

    monkeypatch.setattr(_store, "datetime", Clock)
    names = [save_model(make_result(seed), tmp_path).name for seed in range(4)]
    assert saved_versions(tmp_path) == names
    shutil.move(tmp_path / "models" / names[0], tmp_path / "models" / "20240131T000000.000Z-12345678")  # as they were
    assert saved_versions(tmp_path) == ["20240131T000000.000Z-12345678", *names[1:]]
    publish_version(tmp_path, names[1])
    assert save_model(make_result(4), tmp_path).name == saved_versions(tmp_path)[-1]


def test_a_model_that_jesse_saved_is_kept_too(make_result: MakeResult, tmp_path: Path) -> None:
    joblib.dump(LogisticRegression(C=7), tmp_path / "model.pkl")
    joblib.dump("scaler", tmp_path / "scaler.pkl")
    save_model(make_result(), tmp_path)
    (kept,) = (tmp_path / "models").glob("*-plain/model.pkl")
    assert joblib.load(kept).C == 7


def test_folders_can_be_moved_with_and_without_their_versions(make_result: MakeResult, tmp_path: Path) -> None:
    result = make_result()
    save_model(result, tmp_path / "a")
    shutil.move(tmp_path / "a", tmp_path / "b")
    assert coefficients(load_model(tmp_path / "b").model) == coefficients(result.model)
    shutil.rmtree(tmp_path / "b" / "models")
    assert coefficients(load_model(tmp_path / "b").model) == coefficients(result.model)


def test_folder_of_jesse_loads_with_one_warning(tmp_path: Path) -> None:
    joblib.dump(LogisticRegression(C=7), tmp_path / "model.pkl")
    joblib.dump("scaler", tmp_path / "scaler.pkl")
    with pytest.warns(LivermoreWarning, match=f"has no {MANIFEST}") as caught:
        loaded = load_model(tmp_path, trust=True)
    assert len(caught) == 1
    assert (loaded.model.C, loaded.scaler, loaded.manifest) == (7, "scaler", None)


def corrupt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap(folder: Path) -> None:
    (folder / "model.pkl").rename(folder / "x")
    (folder / "scaler.pkl").rename(folder / "model.pkl")
    (folder / "x").rename(folder / "scaler.pkl")


DAMAGE: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "model gone": (
        lambda f: (f / "model.pkl").unlink(),
        ModelNotFoundError,
        "there is no .*model.pkl, which model.json",
    ),
    "scaler gone": (lambda f: (f / "scaler.pkl").unlink(), FileNotFoundError, "there is no .*scaler.pkl"),
    "importance gone": (
        lambda f: (f / "feature_importance.pkl").unlink(),
        ModelNotFoundError,
        "feature_importance.pkl",
    ),
    "renamed": (
        lambda f: (f / "model.pkl").rename(f / "model_best.pkl"),
        ModelNotFoundError,
        "model_best.pkl has its content: rename it back",
    ),
    "cut off": (
        lambda f: (f / "model.pkl").write_bytes((f / "model.pkl").read_bytes()[:100]),
        ModelError,
        r"model.pkl is cut off: 100 of \d+ bytes",
    ),
    "a bit flipped": (lambda f: corrupt(f / "scaler.pkl"), ModelError, "scaler.pkl was changed since model.json"),
    "swapped": (swap, ModelError, "holds what belongs in .*: the files were swapped"),
    "manifest cut off": (
        lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes()[:-50]),
        ModelError,
        "model.json is damaged",
    ),
    "manifest of something else": (lambda f: (f / MANIFEST).write_text("[1]"), ModelError, "model.json is damaged"),
    "manifest without features": (
        lambda f: (f / MANIFEST).write_text('{"format_version": 1, "task": "binary"}'),
        ModelError,
        "model.json is damaged: KeyError",
    ),
    "format of the future": (
        lambda f: (f / MANIFEST).write_text('{"format_version": 99}'),
        ModelError,
        "has format 99; this release of livermore reads format 1",
    ),
    "folder gone": (shutil.rmtree, ModelNotFoundError, "there is no folder"),
}


@pytest.mark.parametrize(("damage", "error", "message"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_refused_by_name(
    damage: Callable[[Path], Any],
    error: type[Exception],
    message: str,
    make_result: MakeResult,
    tmp_path: Path,
) -> None:
    save_model(make_result(), tmp_path / "Foo")
    save_model(make_result(1), tmp_path / "Foo")
    damage(tmp_path / "Foo")
    with pytest.raises(error, match=message):
        load_model(tmp_path / "Foo")


class Malicious:
    def __reduce__(self) -> Any:
        return (Path("executed").touch, ())


@pytest.mark.parametrize("name", ["model.pkl", "scaler.pkl", "feature_importance.pkl"])
def test_a_pickle_that_was_planted_is_not_executed(
    name: str, make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(make_result(), tmp_path / "Foo")
    (tmp_path / "Foo" / name).write_bytes(pickle.dumps(Malicious()))
    with pytest.raises(ModelError, match=r"was changed|is cut off"):
        load_model(tmp_path / "Foo")
    assert not Path("executed").exists()


def test_a_damaged_version_is_not_published(make_result: MakeResult, tmp_path: Path) -> None:
    old = save_model(make_result(0), tmp_path)
    second = make_result(1)
    save_model(second, tmp_path)
    corrupt(old / "model.pkl")
    with pytest.raises(ModelError, match=r"model\.pkl is damaged"):
        publish_version(tmp_path, old.name)
    assert coefficients(load_model(tmp_path).model) == coefficients(second.model)


def edit_manifest(folder: Path, **changes: Any) -> None:
    content = json.loads((folder / MANIFEST).read_text())
    content["versions"] |= changes
    (folder / MANIFEST).write_text(json.dumps(content))


def test_another_release_of_scikit_learn_is_a_warning(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    edit_manifest(tmp_path, **{"scikit-learn": "1.1.3"})
    with pytest.warns(LivermoreWarning, match=r"trained with scikit-learn 1\.1\.3 \(installed: "):
        load_model(tmp_path)


def test_a_missing_library_is_an_error_before_anything_is_unpickled(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    edit_manifest(tmp_path, nosuchboost="1.0.0")
    with pytest.raises(MissingExtraError, match="nosuchboost is not installed"):
        load_model(tmp_path)


def test_a_folder_that_cannot_be_written_to_is_an_error_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"no model can be saved to .*file.*Choose another folder"):
        check_writable(tmp_path / "file" / "Foo")


def test_what_cannot_be_pickled_is_an_error_and_leaves_the_old_model(make_result: MakeResult, tmp_path: Path) -> None:
    first = make_result()
    save_model(first, tmp_path)
    second = make_result(1)
    second.model.callback = lambda: None
    with pytest.raises(ModelError, match="LogisticRegression cannot be pickled"):
        save_model(second, tmp_path)
    assert coefficients(load_model(tmp_path).model) == coefficients(first.model)


def test_a_full_disk_leaves_the_old_model(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livermore.ml.artifacts import _store

    first, second = make_result(0), make_result(1)
    write = _store.write_atomically
    for fail_at in range(1, 9):
        monkeypatch.setattr(_store, "write_atomically", write)
        folder = tmp_path / str(fail_at)
        save_model(first, folder)
        calls = 0

        def failing(path: Path, content: bytes) -> None:
            nonlocal calls
            calls += 1
            if calls == fail_at:  # noqa: B023
                raise OSError(28, "No space left on device")
            write(path, content)

        monkeypatch.setattr(_store, "write_atomically", failing)
        with pytest.raises(ModelError, match="No space left on device"):
            save_model(second, folder)
        assert coefficients(load_model(folder).model) == coefficients(first.model)


def test_two_threads_may_save_while_others_load(make_result: MakeResult, tmp_path: Path) -> None:
    results = [make_result(seed) for seed in range(2)]
    known = {tuple(coefficients(r.model)): r.scaler.mean_.tolist() for r in results}
    save_model(results[0], tmp_path)
    errors: list[BaseException] = []
    done = threading.Event()

    def guarded(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)

        return threading.Thread(target=run)

    def saving(result: TrainingResult) -> None:
        for _ in range(8):
            save_model(result, tmp_path)

    def loading() -> None:
        while not done.is_set():
            loaded = load_model(tmp_path)
            assert known[tuple(coefficients(loaded.model))] == loaded.scaler.mean_.tolist()

    reader = guarded(loading)
    writers = [guarded(lambda result=result: saving(result)) for result in results]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert errors == []
    assert not list(tmp_path.glob(".*.tmp"))


def test_manifest_survives_its_own_json(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert type(manifest).from_bytes(manifest.to_bytes(), tmp_path) == manifest
    assert np.isfinite([feature.low for feature in manifest.features]).all()


def test_listing_models_imports_nothing_heavy(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    code = (
        "import sys; from livermore.research import list_models; "
        f"print(len(str(list_models({str(tmp_path)!r}))) > 0, "
        "sorted({'sklearn', 'scipy', 'joblib', 'pyarrow', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "True []"


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX rights")
def test_the_rights_of_a_file_are_kept(make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(0), tmp_path)
    (tmp_path / "model.pkl").chmod(0o600)
    save_model(make_result(1), tmp_path)
    assert (tmp_path / "model.pkl").stat().st_mode & 0o777 == 0o600


def test_a_version_is_a_name_in_the_folder(make_result: MakeResult, tmp_path: Path) -> None:
    version = save_model(make_result(), tmp_path / "a").name
    save_model(make_result(), tmp_path / "b")
    with pytest.raises(ModelNotFoundError, match="there is no model"):
        publish_version(tmp_path / "b", f"../../a/models/{version}")
