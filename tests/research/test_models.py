"""The models that a folder keeps: listed, compared, rolled back to, trusted."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.errors import ModelError, ModelNotFoundError
from livermore.ml.artifacts import MANIFEST
from livermore.ml.evidence import Opening, ledger_for
from livermore.research import (
    compare_models_on_disk,
    list_models,
    load_ml_model,
    rollback_model,
    train_model,
    trust_model,
)


def samples(seed: int = 0, names: str = "abc", n: int = 300) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    found = []
    for i, row in enumerate(rng.standard_normal((n, len(names)))):
        label = {"name": "y", "value": bool(row[0] + rng.standard_normal() > 0)}
        features = dict(zip(names, row.tolist(), strict=True))
        found.append({"time": 900 * i, "label_time": 900 * i + 900, "features": features, "label": label})
    return found


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Save models to one folder, a second apart."""
    from livermore.ml.artifacts import _store

    seconds = iter(range(60))

    class Clock(_store.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(2024, 1, 31, 12, 0, next(seconds), tzinfo=tz)

    monkeypatch.setattr(_store, "datetime", Clock)
    (tmp_path / "__init__.py").write_text("# a strategy")

    def train(data: Any = None, c: float = 1.0, **options: Any) -> Any:
        quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False} | options
        return train_model(data or samples(), LogisticRegression(C=c), save_to=tmp_path, **quiet)

    return train


def test_models_are_listed_oldest_first(train: Callable[..., Any], tmp_path: Path) -> None:
    first, second = train(), train(c=0.01)
    rows = list_models(tmp_path)
    assert [row["version"][:20] for row in rows] == ["20240131T120000.000Z", "20240131T120001.000Z"]
    assert [row["current"] for row in rows] == [False, True]
    assert [row["headline"]["value"] for row in rows] == [first["metrics"]["accuracy"], second["metrics"]["accuracy"]]
    assert rows[0]["estimator"] == "LogisticRegression"
    assert rows[0]["n_train"] == first["train_test_info"]["train_size"]
    assert rows[0]["damaged"] is None
    text = str(rows).splitlines()
    assert len(text) == 4
    assert text[-1].endswith("current")
    assert "1970-01-01 → 1970-01-03" in text[-1]


def test_a_folder_without_models_has_an_empty_list(tmp_path: Path) -> None:
    assert list_models(tmp_path) == []
    assert str(list_models(tmp_path)) == "no models are kept here"
    with pytest.raises(ModelNotFoundError, match="there is no folder"):
        list_models(tmp_path / "nothing")


def test_a_change_of_the_strategy_s_source_is_told(train: Callable[..., Any], tmp_path: Path) -> None:
    train()
    assert list_models(tmp_path)[0]["strategy_changed"] is False
    (tmp_path / "__init__.py").write_text("# another")
    assert list_models(tmp_path)[0]["strategy_changed"] is True
    assert "source was changed since" in str(list_models(tmp_path))


def test_damage_is_shown_and_does_not_hide_the_others(train: Callable[..., Any], tmp_path: Path) -> None:
    train()
    train(c=0.1)
    first, second = (row["version"] for row in list_models(tmp_path))
    (tmp_path / "models" / first / "model.pkl").write_bytes(b"x")
    (tmp_path / "models" / second / MANIFEST).write_text("{")
    rows = list_models(tmp_path)
    assert rows[0]["damaged"] == "model.pkl missing or changed"
    assert "is damaged" in rows[1]["damaged"]
    assert str(rows).count("is damaged") >= 2
    with pytest.raises(ModelError, match="is damaged"):
        rollback_model(tmp_path, first)


def test_two_models_are_compared(train: Callable[..., Any], tmp_path: Path) -> None:
    first = train(evidence=True, judge_features=False)
    second = train(samples(names="abd"), c=0.01)
    rows = list_models(tmp_path)
    found = compare_models_on_disk(tmp_path, rows[0]["version"], "20240131T120001")
    assert (found["features_added"], found["features_removed"]) == (["d"], ["c"])
    assert found["parameters"] == {"C": (1.0, 0.01)}
    assert not found["same_data"]
    assert found["same_test_days"]
    auc = found["metrics"]["roc_auc"]
    assert auc["difference"] == pytest.approx(second["metrics"]["roc_auc"] - first["metrics"]["roc_auc"])
    assert auc["interval_a"] == pytest.approx(first["intervals"]["roc_auc"])
    assert auc["interval_b"] is None
    text = str(found)
    assert "feature added: d" in text
    assert "C: 1.0 → 0.01" in text
    assert " to " in next(line for line in text.splitlines() if "roc_auc" in line)


def test_rolling_back_and_forth(train: Callable[..., Any], tmp_path: Path) -> None:
    models = [train(c=c)["model"] for c in (1.0, 0.1, 0.01)]
    names = [row["version"] for row in list_models(tmp_path)]

    def current() -> list[float]:
        return [float(value) for value in load_ml_model(tmp_path)["model"].coef_[0]]

    assert rollback_model(tmp_path) == names[1]
    assert current() == models[1].coef_[0].tolist()
    assert rollback_model(tmp_path) == names[0]
    assert current() == models[0].coef_[0].tolist()
    with pytest.raises(ModelNotFoundError, match="no model that was saved before the current one"):
        rollback_model(tmp_path)
    assert rollback_model(tmp_path, names[2][:16]) == names[2]
    assert current() == models[2].coef_[0].tolist()
    assert [row["current"] for row in list_models(tmp_path)] == [False, False, True]


def test_names_that_are_none_or_several(train: Callable[..., Any], tmp_path: Path) -> None:
    train()
    train(c=0.1)
    with pytest.raises(ModelNotFoundError, match="'2024' is the beginning of 2 models"):
        rollback_model(tmp_path, "2024")
    with pytest.raises(ModelNotFoundError, match=r"there is no model '1999' in .*it keeps 2024"):
        compare_models_on_disk(tmp_path, "20240131T120000", "1999")


def test_a_model_from_elsewhere_is_trusted_once(
    train: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train()
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state"))
    with pytest.raises(ModelError, match="not saved by you"):
        load_ml_model(tmp_path)
    assert trust_model(tmp_path) == ["model.pkl", "scaler.pkl"]
    load_ml_model(tmp_path)


def test_saving_without_pickle(train: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skops", reason="needs the extra skops")
    pickled = train()["model"]
    safe = train(c=0.1, safe=True)["model"]
    assert not list(tmp_path.glob("*.pkl"))
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state"))
    np.testing.assert_array_equal(load_ml_model(tmp_path)["model"].coef_, safe.coef_)
    rollback_model(tmp_path)
    assert not list(tmp_path.glob("*.skops"))
    np.testing.assert_array_equal(load_ml_model(tmp_path, trust=True)["model"].coef_, pickled.coef_)


def test_the_manifest_says_all_that_was_found(train: Callable[..., Any], tmp_path: Path) -> None:
    result = train(evidence=True, judge_features=False, calibrate="sigmoid")
    content = json.loads((tmp_path / MANIFEST).read_text())
    assert content["calibration"]["method"] == "sigmoid"
    assert len(content["calibration"]["buckets"]) == len(result["calibration"])
    assert content["threshold"] == result["threshold"]["threshold"]
    assert content["intervals"]["roc_auc"] == pytest.approx(result["intervals"]["roc_auc"])
    assert content["estimator"]["class"].endswith("CalibratedClassifierCV")
    assert content["estimator"]["parameters"]["estimator__C"] == 1.0
    assert content["strategy"]["files"] == ["__init__.py"]
    assert len(content["strategy"]["sha256"]) == 64
    assert content["data"]["train_interval"][1] < content["data"]["test_interval"][0]
    assert content["headline"]["name"] == "accuracy"


def test_a_verdict_that_later_trials_withdraw_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LIVERMORE_LEDGER", "on")
    folder = tmp_path / "model"
    train_model(samples(), LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    sums = [1.0] * 9 + [-1.0, -0.9, -0.2]
    look = Opening(1_700_000_000, 0, 1200, "binary", "win", "LogisticRegression()", "a", "f", recipe="a", p_alone=0.03)
    look = replace(look, edges=tuple(range(0, 1201, 100)), sums=tuple((x, x) for x in sums))
    ledger_for(folder).add(look)
    assert list_models(folder).withdrawn == ()
    rng = np.random.default_rng(0)
    for k in range(20):
        # In other folders, on the same days.
        noise = tuple((float(x), float(x)) for x in rng.normal(size=12))
        ledger_for().add(replace(look, configuration=str(k), figures=str(k), recipe=str(k), sums=noise, p_alone=0.5))
    assert "The yes of 2023-11-14 for LogisticRegression() is withdrawn" in " ".join(str(list_models(folder)).split())
