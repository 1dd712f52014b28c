"""Fixtures of the live tests: made-up candles, and backtests whose strategies do a bit of everything."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestSpec, SessionResult

# The runner of random faults needs ccxt, and doctests would import it.
collect_ignore = [] if importlib.util.find_spec("ccxt") else ["chaos.py"]

EXCHANGE = "Sandbox"
#: 2024-01-01 00:00 UTC.
START = 1_704_067_200_000


def _load(name: str) -> Any:
    path = Path(__file__).parents[1] / "engine" / f"{name}.py"
    module_spec = importlib.util.spec_from_file_location(name, path)
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def restless() -> Any:
    """The module with strategies that enter, change exits, cancel and liquidate, by numbers drawn from their state."""
    return _load("random_strategy")


@pytest.fixture(scope="session")
def minutes() -> Callable[..., np.ndarray]:
    """Made-up one-minute candles with gaps between them."""

    def make(seed: int, n: int) -> np.ndarray:
        draw = np.random.default_rng(seed)
        close = 100 * np.exp(np.cumsum(draw.normal(0, 0.001, n)))
        opening = np.r_[100.0, close[:-1]] * np.where(draw.random(n) < 0.1, 1 + draw.normal(0, 0.001, n), 1.0)
        high = np.maximum(opening, close) * (1 + np.abs(draw.normal(0, 0.0005, n)))
        low = np.minimum(opening, close) * (1 - np.abs(draw.normal(0, 0.0005, n)))
        times = START + 60_000.0 * np.arange(n)
        return np.column_stack([times, opening, close, high, low, draw.uniform(1, 10, n)]).round(6)

    return make


@pytest.fixture(scope="session")
def spec_of() -> Callable[..., BacktestSpec]:
    """A spec of strategies by symbol; candles by symbol, the first `warm_up` minutes of which are the warm-up."""

    def make(
        strategies: dict[str, Any],
        candles: dict[str, np.ndarray],
        timeframe: str = "1m",
        warm_up: int = 0,
        **config: Any,
    ) -> BacktestSpec:
        def named(part: slice) -> dict[str, Any]:
            return {
                f"{EXCHANGE}-{symbol}": {"exchange": EXCHANGE, "symbol": symbol, "candles": rows[part]}
                for symbol, rows in candles.items()
            }

        given = {
            "starting_balance": 10_000,
            "fee": 0.0007,
            "type": "futures",
            "futures_leverage": 3,
            "futures_leverage_mode": "cross",
            "exchange": EXCHANGE,
            "warm_up_candles": 0,
        }
        return BacktestSpec(
            given | config,
            [
                {"exchange": EXCHANGE, "symbol": symbol, "timeframe": timeframe, "strategy": strategy}
                for symbol, strategy in strategies.items()
            ],
            [
                {"exchange": EXCHANGE, "symbol": symbol, "timeframe": timeframe}
                for symbol in candles
                if symbol not in strategies
            ],
            named(slice(warm_up, None)),
            named(slice(0, warm_up)) if warm_up else None,
        )

    return make


TRADE_KEYS = ("type", "entry_price", "exit_price", "qty", "opened_at", "closed_at", "fee", "PNL")


@pytest.fixture(scope="session")
def summary() -> Callable[[SessionResult], Any]:
    """Everything about a run that must not depend on how it was run."""

    def of(result: SessionResult) -> Any:
        trades = [tuple(trade[key] for key in TRADE_KEYS) for trade in result.trades]
        fills = [(o.side, o.type, o.filled_qty, o.price, o.executed_at) for t in result.closed_trades for o in t.orders]
        seen = [getattr(strategy, "seen", None) for strategy in result.strategies]
        return trades, fills, seen, result.balances, result.balance_times, result.data_points, result.open_points

    return of
