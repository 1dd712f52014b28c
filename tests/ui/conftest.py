"""A small project, and the pages of it on a port of this machine."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.candles import synthetic_candles
from livermore.ml.dataset import write_samples
from livermore.ml.report import ReportFolder, gather_report_html
from livermore.research import store_candles, train_model
from tests.ui.web import MARKUP, Client

DAY = 1440


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Any]]:
    """Serve a project until the test ends."""
    pytest.importorskip("uvicorn", reason="livermore's extra ui is not installed")
    pytest.importorskip("starlette", reason="livermore's extra ui is not installed")
    from livermore.ui import UiServer

    running = []

    def start(root: Path) -> UiServer:
        server = UiServer(root)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def client(serve: Callable[[Path], Any], project: Path) -> Client:
    """A client of the pages of `project`."""
    return Client(serve(project).address)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two markets, samples, two models and a report; names have markup in them."""
    rows = synthetic_candles(3 * DAY, seed=1)
    store_candles(rows, "Sandbox", "BTC-USDT", root=tmp_path)
    store_candles(np.concatenate([rows[:DAY], rows[DAY + 30 :]]), "Sandbox", "GAP-USDT", root=tmp_path)
    folder = tmp_path / "strategies" / "Trend"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("# a strategy")
    samples = make_samples()
    write_samples(samples, folder / "ml_data" / "Trend_data.csv")
    for strength in (1.0, 0.1):
        train_model(samples, LogisticRegression(C=strength), save_to=folder, verbose=False, evidence=False)
    reports = ReportFolder(tmp_path / "reports")
    reports.add(gather_report_html({"data_points": samples}, name=MARKUP), "BTC-USDT-comparison")
    return tmp_path


def make_samples(n: int = 300) -> list[dict[str, Any]]:
    """Draw samples of which one feature says a bit about the label, and one wanders; a feature's name is markup."""
    random = np.random.default_rng(0)
    x, wandering = random.normal(size=n), random.normal(size=n).cumsum()
    win = x + random.normal(size=n) > 0
    return [
        {
            "time": 1_700_000_000 + 3_600 * i,
            "features": {"rsi": float(x[i]), MARKUP: float(wandering[i])},
            "label": {"name": "win", "value": bool(win[i])},
            "label_time": 1_700_000_000 + 3_600 * i + 3_600,
            "exchange": "Sandbox",
            "symbol": "BTC-USDT",
            "timeframe": "1h",
        }
        for i in range(n)
    ]
