"""`cached`: once per bar, and not from an event into the next bar, unless the strategy asks for what Jesse does."""

from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestSpec
from livermore.strategies import Strategy, cached

START = 1_640_995_200_000
PLACE = {"exchange": "Sandbox", "symbol": "BTC-USDT"}


class Holder(Strategy):
    @property
    @cached
    def held(self) -> float:
        return self.position.qty

    def should_long(self) -> bool:
        return self.index == 1

    def go_long(self) -> None:
        # Fills within the third bar.
        self.buy = 1, 99

    def should_cancel_entry(self) -> bool:
        return False

    def on_open_position(self, order: Any) -> None:
        self.vars["at_opening"] = self.held

    def on_increased_position(self, order: Any) -> None:
        self.vars["at_increase"] = self.held

    def before(self) -> None:
        self.vars.setdefault("in_bars", []).append((self.index, self.held))


class LikeJesse(Holder):
    cached_like_jesse = True


@pytest.mark.parametrize("kind", [Holder, LikeJesse])
def test_an_event_sees_the_position_and_the_bar_too(kind: type[Strategy]) -> None:
    rows = np.full((60, 6), 100.0)
    rows[:, 0] = START + 60_000 * np.arange(60)
    rows[13, [2, 4]] = 98.5  # the low
    rows[13, 2] = 100
    result = BacktestSpec(
        {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
        [{**PLACE, "timeframe": "5m", "strategy": kind}],
        candles={"x": {**PLACE, "candles": rows}},
    ).run()
    found = result.strategies[0].vars
    assert found["at_opening"] == 1
    assert found["in_bars"][:4] == [(0, 0), (1, 0), (2, 1), (3, 1)]


@pytest.mark.parametrize(("kind", "stale"), [(Holder, False), (LikeJesse, True)])
def test_what_an_event_cached_is_computed_again_in_the_bar_unless_asked_otherwise(
    kind: type[Strategy], stale: bool
) -> None:
    class Twice(kind):  # type: ignore[misc, valid-type]
        def go_long(self) -> None:
            # The first fills at minute 11, the second at minute 13: both are in the third bar.
            self.buy = [(1, 99), (1, 98)]

        @property
        @cached
        def level(self) -> float:
            return self.price

        def on_open_position(self, order: Any) -> None:
            self.vars["level"] = self.level

        def before(self) -> None:
            self.vars.setdefault("levels", []).append(self.level)

    rows = np.full((60, 6), 100.0)
    rows[:, 0] = START + 60_000 * np.arange(60)
    rows[11, 4] = 98.5
    rows[13, 4] = 97.5
    result = BacktestSpec(
        {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
        [{**PLACE, "timeframe": "5m", "strategy": Twice}],
        candles={"x": {**PLACE, "candles": rows}},
    ).run()
    found = result.strategies[0].vars
    assert found["level"] == 99
    assert found["levels"][2] == (99 if stale else 100)
