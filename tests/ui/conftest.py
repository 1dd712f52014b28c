"""A small project, and the pages of it on a port of this machine."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from tests.ui.web import MARKUP, Client

from livermore.candles import synthetic_candles
from livermore.ml.dataset import write_samples
from livermore.ml.report import ReportFolder, gather_report_html
from livermore.research import store_candles, train_model

DAY = 1440


@contextmanager
def serving(root: Path) -> Iterator[Client]:
    """Serve a project, and yield a client of its pages."""
    pytest.importorskip("uvicorn", reason="livermore's extra ui is not installed")
    pytest.importorskip("starlette", reason="livermore's extra ui is not installed")
    from livermore.ui import UiServer

    server = UiServer(root)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Client(server.address)
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def client(project: Path) -> Iterator[Client]:
    """A client of the pages of `project`."""
    with serving(project) as found:
        yield found


@pytest.fixture(scope="module")
def reader(built: Path) -> Iterator[Client]:
    """A client for tests that change nothing."""
    with serving(built) as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Client]:
    """A client of the pages of an empty folder."""
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A project that may be changed."""
    return Path(shutil.copytree(built, tmp_path / "project"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two markets, samples, two models and a report; names have markup in them."""
    root = tmp_path_factory.mktemp("project")
    rows = synthetic_candles(3 * DAY, seed=1)
    store_candles(rows, "Sandbox", "BTC-USDT", root=root)
    store_candles(np.concatenate([rows[:DAY], rows[DAY + 30 :]]), "Sandbox", "GAP-USDT", root=root)
    folder = root / "strategies" / "Trend"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("# a strategy")
    samples = make_samples()
    write_samples(samples, folder / "ml_data" / "Trend_data.csv")
    for strength in (1.0, 0.1):
        train_model(samples, LogisticRegression(C=strength), save_to=folder, verbose=False, evidence=False)
    ReportFolder(root / "reports").add(gather_report_html({"data_points": samples}, name=MARKUP), "BTC-USDT-comparison")
    return root


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
