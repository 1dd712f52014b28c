"""What a strategy can read in its `__init__`: that which belongs to the run and not to its market."""

from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestSpec, SessionResult
from livermore.errors import StrategyError
from livermore.strategies import Strategy

START = 1_640_995_200_000
PLACE = {"exchange": "Sandbox", "symbol": "BTC-USDT"}


class Idle(Strategy):
    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


def run(kind: type[Strategy]) -> SessionResult:
    rows = np.full((10, 6), 100.0)
    rows[:, 0] = START + 60_000 * np.arange(10)
    return BacktestSpec(
        {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
        [{**PLACE, "timeframe": "1m", "strategy": kind}],
        candles={"x": {**PLACE, "candles": rows}},
    ).run()


EMPTY = {"shared_vars": {}, "trades": [], "orders": [], "daily_balances": []}


@pytest.mark.parametrize("name", [*EMPTY, "routes", "data_routes", "metrics", "balance", "fee_rate", "leverage"])
def test_what_belongs_to_the_run_is_there(name: str) -> None:
    class Reader(Idle):
        def __init__(self) -> None:
            super().__init__()
            self.vars["found"] = getattr(self, name)

    found = run(Reader).strategies[0].vars["found"]
    if name in EMPTY:
        # Containers that the run has filled since.
        assert type(found) is type(EMPTY[name])


def test_shared_vars_of_the_constructor_are_those_of_the_run() -> None:
    class Reader(Idle):
        def __init__(self) -> None:
            super().__init__()
            self.shared_vars["x"] = 1

        def before(self) -> None:
            self.shared_vars["x"] += 1

    assert run(Reader).strategies[0].shared_vars == {"x": 11}


@pytest.mark.parametrize("name", ["candles", "price", "time", "close"])
def test_the_market_is_not_there_yet(name: str) -> None:
    class Reader(Idle):
        def __init__(self) -> None:
            super().__init__()
            getattr(self, name)

    with pytest.raises(StrategyError, match=rf"self\.{name} was read outside of a session"):
        run(Reader)


@pytest.mark.parametrize("name", ["balance", "orders", "trades", "shared_vars", "routes", "metrics"])
def test_outside_of_a_session_the_error_says_so(name: str) -> None:
    strategy: Any = Idle()
    with pytest.raises(StrategyError, match="Idle is not part of a session"):
        getattr(strategy, name)


@pytest.mark.parametrize("name", ["trades", "daily_balances", "orders", "routes", "data_routes", "all_positions"])
def test_a_strategy_cannot_change_what_the_session_keeps(name: str) -> None:
    class Meddler(Idle):
        def before(self) -> None:
            getattr(self, name).clear()

        def terminate(self) -> None:
            self.vars["balances"] = len(self._livermore.route.session.balances)
            self.vars["routes"] = len(self._livermore.route.session.routes())
            self.vars["positions"] = len(self._livermore.route.session.positions())

    found = run(Meddler).strategies[0].vars
    assert found["balances"] >= 1
    assert (found["routes"], found["positions"]) == (1, 1)


def test_lists_of_the_session_grow_with_it() -> None:
    class Trader(Idle):
        def should_long(self) -> bool:
            return self.index % 3 == 0

        def go_long(self) -> None:
            self.buy = 1, self.price

        def update_position(self) -> None:
            self.liquidate()

        def before(self) -> None:
            self.vars.setdefault("seen", []).append(len(self.trades))

    result = run(Trader)
    assert len(result.closed_trades) > 1
    assert result.strategies[0].vars["seen"] == sorted(result.strategies[0].vars["seen"])
    assert result.strategies[0].vars["seen"][-1] >= len(result.closed_trades) - 1
    assert result.strategies[0].trades == list(result.closed_trades)
