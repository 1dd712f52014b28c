"""Fixtures of the acceptance tests: a project folder with strategies, and the samples that Jesse recorded."""

import gzip
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
collect_ignore = ["strategies"]
GOLDENS = HERE.parent / "golden" / "gather"
# The cases and the candle maker are plain modules, since Jesse's environment imports them too.
sys.path[:0] = [path for path in (str(HERE), str(HERE.parent / "differential")) if path not in sys.path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that holds the strategies of these tests."""
    shutil.copytree(HERE / "strategies", tmp_path / "strategies", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def jesse_samples() -> Callable[[str], dict[str, Any]]:
    """Read what Jesse recorded in a case: its samples, and the metrics of the run."""

    def read(name: str) -> dict[str, Any]:
        with gzip.open(GOLDENS / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            return json.load(file)

    return read


@pytest.fixture
def inputs_of() -> Callable[[str], dict[str, Any]]:
    """Make a case's arguments; skips where it needs candles that are not here."""
    from diff_candles import BTC_FILE, MISSING, data_folder
    from gather_cases import inputs_of, needs_real_candles

    def make(name: str) -> dict[str, Any]:
        if needs_real_candles(name) and not (data_folder() / BTC_FILE).exists():
            pytest.skip(MISSING)
        return inputs_of(name)

    return make
