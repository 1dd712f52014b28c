"""A project with candles of several symbols, and strategies whose state at a seam differs in kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livermore.candles import project_store, synthetic_candles

CONFIG = {
    "exchange": "Sandbox",
    "type": "futures",
    "starting_balance": 10_000,
    "fee": 0.0005,
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "warm_up_candles": 50,
}


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Path]:
    def make(symbols: int = 2, days: int = 20) -> Path:
        store = project_store(tmp_path)
        for seed in range(symbols):
            store.write(synthetic_candles(days * 1440, seed=seed), "Sandbox", f"S{seed}-USDT")
        return tmp_path

    return make


@pytest.fixture
def config() -> dict[str, Any]:
    return dict(CONFIG)
