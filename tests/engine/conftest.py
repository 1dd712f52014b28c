"""Fixtures of the engine's tests: made-up minutes, and backtests over them in one call."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.engine import Session, SessionResult, open_session

START = 1_640_995_200_000  # 2022-01-01 00:00 UTC
EXCHANGE = "Sandbox"


@pytest.fixture(scope="session")
def minutes() -> Callable[..., np.ndarray]:
    """Make one-minute candles from rows of (open, close, high, low)."""

    def make(prices: Sequence[Sequence[float]], start: int = START) -> np.ndarray:
        table = np.array(prices, dtype=float).reshape(-1, 4)
        times = start + 60_000 * np.arange(len(table))
        return np.column_stack([times, table, np.ones(len(table))])

    return make


@pytest.fixture(scope="session")
def random_minutes() -> Callable[..., np.ndarray]:
    """Make a seeded random walk of one-minute candles, with opening gaps if asked for."""

    def make(seed: int, count: int, *, gaps: float = 0.0, start: int = START) -> np.ndarray:
        rng = np.random.default_rng(seed)
        close = 100 + np.cumsum(rng.normal(0, 0.1, count))
        opening = np.r_[100.0, close[:-1]] + rng.normal(0, 0.3, count) * (rng.random(count) < gaps)
        high = np.maximum(opening, close) + np.abs(rng.normal(0, 0.1, count))
        low = np.minimum(opening, close) - np.abs(rng.normal(0, 0.1, count))
        times = start + 60_000 * np.arange(count)
        return np.column_stack([times, np.column_stack([opening, close, high, low]).round(6), rng.random(count)])

    return make


@pytest.fixture(scope="session")
def config() -> Callable[..., dict[str, Any]]:
    """A config: futures, cross margin, leverage 1, no fee, unless said otherwise."""

    def make(**changes: Any) -> dict[str, Any]:
        return {
            "starting_balance": 10_000,
            "fee": 0.0,
            "type": "futures",
            "futures_leverage": 1,
            "futures_leverage_mode": "cross",
            "exchange": EXCHANGE,
            "warm_up_candles": 0,
        } | changes

    return make


@pytest.fixture(scope="session")
def arguments(config: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The arguments of a session: strategies by symbol, candles by symbol, timeframe, config."""

    def make(
        strategies: dict[str, Any] | type,
        candles: dict[str, np.ndarray] | np.ndarray,
        timeframe: str = "1m",
        data_routes: Sequence[tuple[str, str]] = (),
        **changes: Any,
    ) -> dict[str, Any]:
        by_symbol = strategies if isinstance(strategies, dict) else {"BTC-USDT": strategies}
        rows = candles if isinstance(candles, dict) else {"BTC-USDT": candles}
        return {
            "config": config(**changes),
            "routes": [
                {"exchange": EXCHANGE, "strategy": strategy, "symbol": symbol, "timeframe": timeframe}
                for symbol, strategy in by_symbol.items()
            ],
            "data_routes": [{"exchange": EXCHANGE, "symbol": s, "timeframe": t} for s, t in data_routes],
            "candles": {
                f"{EXCHANGE}-{symbol}": {"exchange": EXCHANGE, "symbol": symbol, "candles": table}
                for symbol, table in rows.items()
            },
        }

    return make


@pytest.fixture(scope="session")
def session_of(arguments: Callable[..., dict[str, Any]]) -> Callable[..., Session]:
    """Build a session."""

    def build(*args: Any, **options: Any) -> Session:
        return open_session(**arguments(*args, **options))

    return build


@pytest.fixture(scope="session")
def run(session_of: Callable[..., Session]) -> Callable[..., SessionResult]:
    """Run a session."""

    def go(*args: Any, **options: Any) -> SessionResult:
        session = session_of(*args, **options)
        session.run()
        return SessionResult.of(session)

    return go


@pytest.fixture(scope="session")
def restless() -> Any:
    """The module of strategies that do a bit of everything."""
    return _load("random_strategy")


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
