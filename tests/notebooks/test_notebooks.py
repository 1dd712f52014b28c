"""Notebooks run, results draw themselves, bars move, and an interrupted cell leaves nothing half done."""

import json
import os
import queue
from pathlib import Path

import pytest

pytest.importorskip("ipykernel", reason="ipykernel is not installed (pip install 'livermore[test]')")
nbformat = pytest.importorskip("nbformat", reason="nbclient is not installed (pip install 'livermore[test]')")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (pip install 'livermore[test]')")

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
# Messages of kernels that end, on which no result depends.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def no_files_at_home(tmp_path, monkeypatch):
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))


def run(notebook, folder):
    """Run all cells in a folder; return the notebook with its outputs."""
    nbclient.NotebookClient(
        notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": folder}}
    ).execute()
    return notebook


def of_cells(*cells):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


def html_of(cell):
    return "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_draws(path, tmp_path):
    notebook = run(nbformat.read(path, as_version=4), tmp_path)
    drawn = [cell for cell in notebook.cells if cell.cell_type == "code" and html_of(cell)]
    assert len(drawn) >= 2
    assert not any("LivermoreWarning" in json.dumps(cell.get("outputs", [])) for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_there_are_three_notebooks():
    assert len(NOTEBOOKS) == 3


def test_bars_are_drawn_and_removed_and_reports_are_printed_whole(tmp_path):
    setup = "import livermore.progress as p; p.DELAY = 0.0; import livermore.notebook as n; n.REFRESH = 0.0"
    running = "bar = p.ProgressBar('Count<ing', 'sheep'); bar(1, 4); bar(2, 4)"
    ended = "with p.ProgressBar('Counting', 'sheep') as bar: bar(1, 4)"
    report = (
        "p.DELAY = 600\nfrom livermore.research import gather_ml_data\nfrom livermore.testing import example_backtest\n"
        "_ = gather_ml_data(**example_backtest(days=3), csv_path=None)"
    )
    _, first, second, third = run(of_cells(setup, running, ended, report), tmp_path).cells
    assert '<progress value="2" max="4">' in html_of(first)
    assert "Count&lt;ing" in html_of(first)
    assert second.outputs
    assert html_of(second) == ""
    assert not any("html" in json.dumps(output) for output in third.outputs)
    printed = "".join(output.get("text", "") for output in third.outputs)
    assert printed.index("DATA GATHERING") < printed.index("change")


SLOW = """
import time
from pathlib import Path
from sklearn.linear_model import LogisticRegression
from livermore.research import gather_ml_data, list_models, train_model
from livermore.testing import ExampleStrategy, example_backtest


class Slow(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        time.sleep(600)


class SlowStrategy(ExampleStrategy):
    def before(self):
        if self.index == 200:
            print("running", flush=True)
            time.sleep(600)


samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
options = {"save_to": "model", "importance": False, "evidence": False, "verbose": False}
"""
TRAIN = "print('running', flush=True); train_model(samples, Slow(), n_jobs=1, **options)"
AFTER_TRAINING = """
assert not list(Path("model").glob("*.pkl")) and not Path("model/model.json").exists()
assert train_model(samples, LogisticRegression(), **options)["metrics"]
assert [row["current"] for row in list_models("model")] == [True]
"""
GATHER = """
arguments = example_backtest()
arguments["routes"][0]["strategy"] = SlowStrategy
gather_ml_data(**arguments, csv_path="samples.csv", verbose=False)
"""
AFTER_GATHERING = """
assert not Path("samples.csv").exists() and Path("samples.partial.csv").exists(), list(Path().iterdir())
assert len(gather_ml_data(**example_backtest(), csv_path="samples.csv", verbose=False)["data_points"]) == 947
assert not Path("samples.partial.csv").exists()
"""


def test_an_interrupted_cell_leaves_no_half_result(tmp_path):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path), env=dict(os.environ))
    try:
        assert answer(client, SLOW) == "ok"
        for code, afterwards in ((TRAIN, AFTER_TRAINING), (GATHER, AFTER_GATHERING)):
            assert answer(client, code, when_running=manager.interrupt_kernel) == "KeyboardInterrupt"
            assert answer(client, afterwards) == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def answer(client, code, when_running=None):
    """Run a cell; return "ok" or the error's name. `when_running` is called once the cell has printed "running"."""
    sent = client.execute(code)
    while True:
        try:
            message = client.get_iopub_msg(timeout=120)
        except queue.Empty:
            return "no answer"
        if message["parent_header"].get("msg_id") != sent:
            continue
        content = message["content"]
        if message["msg_type"] == "stream" and "running" in content["text"] and when_running:
            when_running()
            when_running = None
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            break
    while True:
        # Replies to what was asked while the kernel started may come first.
        reply = client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == sent:
            return reply["content"].get("ename", reply["content"]["status"])
