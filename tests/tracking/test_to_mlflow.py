"""`to_mlflow`: what a run holds, that it stays on this machine, and that nothing else is changed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from livermore.errors import ConfigError, MissingExtraError
from livermore.research import compare_backtests, to_mlflow, train_model
from livermore.testing import example_backtest
from livermore.tracking._tracked import tracked

# MLflow's own use of names that Python or pydantic will remove.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def samples(n=300, kind=bool):
    random = np.random.default_rng(0)
    return [
        {
            "time": 3600 * i,
            "features": {"a": float(value), "<b>": float(random.normal())},
            "label": {"name": "win", "value": kind(value + random.normal() > 0)},
            "label_time": 3600 * i + 1800,
        }
        for i, value in enumerate(random.normal(size=n))
    ]


def train(estimator=None, task="binary", **options):
    options = {"importance": False, "impact": False, "verbose": False, "name": "Filter"} | options
    data = samples(kind=float if task == "regression" else bool)
    return train_model(data, estimator or LogisticRegression(C=0.5), task, **options)


@pytest.fixture(scope="module")
def trained():
    return train()


@pytest.fixture(scope="module")
def compared():
    class Rises:
        def predict_proba(self, features):
            passes = features["change"] > 0.001
            return {0: 1.0 - passes, 1: float(passes)}

    options = {"draws": 100, "resamples": 100, "sanity": False, "verbose": False}
    return compare_backtests(None, Rises(), **example_backtest(), **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a working directory: to make the tables of a store takes two seconds."""
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture
def client(folder, monkeypatch):
    pytest.importorskip("alembic", reason="needs alembic: pip install 'livermore[mlflow]'")
    mlflow = pytest.importorskip("mlflow", reason="needs mlflow: pip install 'livermore[mlflow]'")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return mlflow.MlflowClient(tracking_uri="sqlite:///mlflow.db")


# --- What is kept, without MLflow ------------------------------------------------------------------------------------


def test_a_training_keeps_its_metrics_with_their_intervals(trained):
    kept = tracked(trained)
    assert kept.metrics["roc_auc"] == trained["metrics"]["roc_auc"]
    for name, (low, high) in trained["intervals"].items():
        if low is not None and np.isfinite(low):
            assert (kept.metrics[f"{name}_low"], kept.metrics[f"{name}_high"]) == (low, high)
    assert any(name.endswith("_low") for name in kept.metrics)
    assert kept.metrics["verdict.p_value"] == trained["verdict"]["p_value"]
    assert kept.parameters["estimator.C"] == "0.5"
    assert kept.parameters["train_samples"] == str(trained.data.n_train)
    assert kept.tags["verdict.predicts"] == trained["verdict"]["predicts"]


def test_a_comparison_keeps_both_variants_and_their_difference(compared):
    kept = tracked(compared)
    assert kept.metrics["baseline.trades"] == compared["baseline"]["trades"]
    assert kept.metrics["model.expectancy"] == pytest.approx(compared["model"]["expectancy"])
    assert kept.metrics["difference.expectancy_low"] <= kept.metrics["difference.expectancy"]
    assert kept.tags["verdict.helped"] == compared["verdict"]["helped"]
    # 20 days are not extrapolated to a year.
    assert "difference.annual_return" in kept.undefined
    assert all(np.isfinite(list(kept.metrics.values())))


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_pipelines_and_other_tasks_can_be_kept(task):
    estimator = make_pipeline(PolynomialFeatures(), Ridge() if task == "regression" else LogisticRegression())
    kept = tracked(train(estimator, task, evidence=False))
    assert kept.parameters["task"] == task
    assert kept.parameters["estimator.polynomialfeatures__degree"] == "2"
    assert kept.metrics


@pytest.mark.parametrize("result", [None, {}, {"metrics": {}}, 3, []])
def test_other_objects_are_refused(result):
    with pytest.raises(ConfigError, match="cannot be tracked"):
        to_mlflow(result)


def test_without_mlflow_the_extra_is_named(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match=r"livermore\[mlflow\]"):
        to_mlflow(trained)


# --- In a store of MLflow --------------------------------------------------------------------------------------------


def files_of(client, run_id):
    found = []
    for entry in client.list_artifacts(run_id):
        found += [item.path for item in client.list_artifacts(run_id, entry.path)] if entry.is_dir else [entry.path]
    return found


def test_a_run_holds_figures_verdict_report_and_model(client, trained, folder):
    run_id = to_mlflow(trained)
    run = client.get_run(run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "Filter")
    kept = tracked(trained)
    assert run.data.metrics == pytest.approx(kept.metrics)
    assert run.data.params["features"] == "<b>, a"
    assert run.data.tags["verdict.edge"] == trained["verdict"]["edge"]
    assert {"report.html", "model/model.pkl", "model/model.json"} <= set(files_of(client, run_id))
    manifest = json.loads(Path(client.download_artifacts(run_id, "model/model.json")).read_text())
    assert manifest["task"] == "binary"
    assert {path.name for path in folder.iterdir()} == {"mlflow.db", "mlruns"}


def test_a_model_of_a_run_can_be_loaded(client, trained):
    from livermore.ml.inference import load_predictor

    folder = client.download_artifacts(to_mlflow(trained), "model")
    probability = load_predictor(folder, trust=True).predict_proba({"a": 3.0, "<b>": 0.0})
    assert probability[1] > 0.5


def test_runs_of_a_name_are_in_one_experiment(client, compared):
    first, second = to_mlflow(compared, "mine", run_name="first"), to_mlflow(compared, "mine")
    experiment = client.get_experiment_by_name("mine").experiment_id
    assert {run.info.run_id for run in client.search_runs([experiment])} == {first, second}
    assert files_of(client, first) == ["report.html"]


def test_another_store_is_used_if_it_is_named(client, compared, tmp_path):
    run_id = to_mlflow(compared, "elsewhere", tracking_uri=f"sqlite:///{tmp_path / 'other.db'}")
    assert (tmp_path / "other.db").is_file()
    assert client.get_experiment_by_name("elsewhere") is None
    assert run_id


def test_what_mlflow_itself_uses_stays_as_it_is(client, compared):
    import mlflow

    assert not mlflow.is_tracking_uri_set()
    to_mlflow(compared)
    assert not mlflow.is_tracking_uri_set()
    assert mlflow.active_run() is None


def test_a_run_that_cannot_be_completed_is_marked_as_failed(client, compared, monkeypatch):
    def broken(self, path=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(compared), "to_html", broken)
    with pytest.raises(KeyboardInterrupt):
        to_mlflow(compared, "broken")
    (run,) = client.search_runs([client.get_experiment_by_name("broken").experiment_id])
    assert run.info.status == "FAILED"


@pytest.mark.parametrize("experiment", ["", " ", None, 3])
def test_an_experiment_needs_a_name(compared, experiment):
    with pytest.raises(ConfigError, match="experiment"):
        to_mlflow(compared, experiment)


NOTHING_SENT = """
import socket, sys

sent = []
connect = socket.socket.connect
socket.socket.connect = lambda self, address: (sent.append(address), connect(self, address))[1]
socket.getaddrinfo = lambda host, *rest, **more: (sent.append(host), [])[1]

from sklearn.linear_model import LogisticRegression
from livermore.research import gather_ml_data, to_mlflow, train_model
from livermore.testing import example_backtest

samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
to_mlflow(train_model(samples, LogisticRegression(), importance=False, evidence=False, verbose=False))
try:
    from mlflow.telemetry.client import get_telemetry_client
except ImportError:
    get_telemetry_client = lambda: None
assert get_telemetry_client() is None
assert not sent, sent
"""


def test_nothing_leaves_the_machine(client, tmp_path, monkeypatch):
    # Without the variables by which MLflow knows tests and CI, where it is silent in any case.
    for name in ("PYTEST_CURRENT_TEST", "CI", "GITHUB_ACTIONS", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([sys.executable, "-c", NOTHING_SENT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
