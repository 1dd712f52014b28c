"""Fixtures of the engine's tests: made-up minutes, and backtests over them in one call."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.engine import Session, SessionResult, open_session

EXCHANGE = "Sandbox"


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
