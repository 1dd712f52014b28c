"""Importing is cheap, and what is public is a list that changes only on purpose."""

import json
import subprocess
import sys

import pytest

import livermore
import livermore.jesse.utils
import livermore.research

HEAVY = ("jinja2", "joblib", "pandas", "plotly", "pyarrow", "rich", "scipy", "sklearn", "statsmodels")


def modules_of(code: str) -> set[str]:
    """Modules that a fresh process has loaded after running `code`."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh process has loaded after running `code`."""
    return {name.split(".")[0] for name in modules_of(code)}


@pytest.mark.parametrize(
    "code",
    [
        "import livermore",
        "from livermore import Strategy",
        "import livermore.indicators as ta; ta.ema; ta.supertrend",
        "import livermore.research",
        "from livermore import backtest, gather_ml_data",
        "from livermore.ml.inference import load_predictor",
        "from livermore import install_as_jesse; install_as_jesse(); from jesse.strategies import Strategy",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert loaded_by(code).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ["backtest", "gather_ml_data"])
def test_a_first_run_finds_engine_and_indicators_loaded(name: str) -> None:
    assert {"livermore.engine", "livermore.indicators"} <= modules_of(f"from livermore import {name}")


@pytest.mark.parametrize(
    "code",
    [
        "from livermore.testing import ExampleStrategy, LoopbackExchange, example_backtest",
        "from livermore.testing.loopback import run_live_demo",  # `livermore demo --live`
    ],
)
def test_examples_and_loopback_run_where_pytest_is_not_installed(code: str) -> None:
    assert "pytest" not in loaded_by(code)


def test_utils_load_what_is_used() -> None:
    loaded = modules_of("from livermore import utils; utils.size_to_qty")
    assert "livermore.jesse.utils._sizing" in loaded
    assert loaded.isdisjoint({"livermore.market.trading_hours", "zoneinfo"})


def test_public_names_exist() -> None:
    for module in (livermore, livermore.research, livermore.jesse.utils):
        for name in module.__all__:
            assert getattr(module, name) is not None, name
    with pytest.raises(AttributeError, match="has no attribute 'train_mode'"):
        livermore.train_mode  # noqa: B018
