"""The rules of matching, one per row: what a strategy asks for, what the market does, what fills.

The strategy decides at the close of a first minute that stands at 100, and the minutes of the row follow, each as
(open, close, high, low). Fills are (minute, side, type, quantity, price); minute 0 is the one of the decision. What is
open at the end is closed at the market; that fill is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from livermore.engine import SessionResult
from livermore.strategies import Strategy

Orders = Sequence[tuple[float, float]]
START = 1_640_995_200_000
CALM = (100, 100, 100, 100)


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    name: str
    minutes: Sequence[tuple[float, float, float, float]]
    fills: Sequence[tuple[int, str, str, float, float]]
    buy: Orders | None = None
    sell: Orders | None = None
    #: Exits set together with the entry: they wait until the position opens.
    stop_loss: Orders | None = None
    take_profit: Orders | None = None
    #: Exits set in on_open_position.
    then: dict[str, Orders] = field(default_factory=dict)


RULES = [
    # --- What becomes of an entry -------------------------------------------------------------------------------
    Rule("an entry at the price is a market order", [CALM], [(0, "buy", "MARKET", 1, 100)], buy=[(1, 100)]),
    Rule(
        "so is one within 0.015 %, and it fills at the market's price, not at its own",
        [CALM],
        [(0, "buy", "MARKET", 1, 100)],
        buy=[(1, 99.985)],
    ),
    Rule(
        "100.015 is beyond 0.015 % in floating point: a stop order",
        [(100, 100.1, 100.1, 100)],
        [(1, "buy", "STOP", 1, 100.015)],
        buy=[(1, 100.015)],
    ),
    Rule("a buy above the price is a stop", [(100, 103, 103, 100)], [(1, "buy", "STOP", 1, 102)], buy=[(1, 102)]),
    Rule("a buy below the price is a limit", [(100, 97, 100, 97)], [(1, "buy", "LIMIT", 1, 98)], buy=[(1, 98)]),
    Rule("a sell below the price is a stop", [(100, 97, 100, 97)], [(1, "sell", "STOP", -1, 98)], sell=[(1, 98)]),
    Rule("a sell above the price is a limit", [(100, 103, 103, 100)], [(1, "sell", "LIMIT", -1, 102)], sell=[(1, 102)]),
    Rule("a negative quantity counts as positive", [CALM], [(0, "sell", "MARKET", -1, 100)], sell=[(-1, 100)]),
    # --- When an order is reached -------------------------------------------------------------------------------
    Rule("a low at the price reaches it", [(100, 100, 100, 98)], [(1, "buy", "LIMIT", 1, 98)], buy=[(1, 98)]),
    Rule("a high at the price reaches it", [(100, 100, 102, 100)], [(1, "buy", "STOP", 1, 102)], buy=[(1, 102)]),
    Rule("a low just above does not", [(100, 100, 100, 98.01)], [], buy=[(1, 98)]),
    Rule(
        "an order waits for later minutes",
        [CALM, CALM, (100, 97, 100, 97)],
        [(3, "buy", "LIMIT", 1, 98)],
        buy=[(1, 98)],
    ),
    # --- Opening gaps -------------------------------------------------------------------------------------------
    Rule(
        "a gap fills a limit better than asked, at the opening price",
        [(96, 96, 96, 96)],
        [(1, "buy", "LIMIT", 1, 96)],
        buy=[(1, 98)],
    ),
    Rule(
        "a gap fills a stop worse than asked, at the opening price",
        [(105, 105, 105, 105)],
        [(1, "buy", "STOP", 1, 105)],
        buy=[(1, 102)],
    ),
    Rule(
        "an upward gap fills the lowest first",
        [(105, 105, 105, 105)],
        [(1, "buy", "STOP", 2, 105), (1, "buy", "STOP", 1, 105)],
        buy=[(1, 104), (2, 102)],
    ),
    Rule(
        "a downward gap fills the highest first",
        [(95, 95, 95, 95)],
        [(1, "buy", "LIMIT", 2, 95), (1, "buy", "LIMIT", 1, 95)],
        buy=[(1, 96), (2, 98)],
    ),
    Rule(
        "a gap through the stop loss costs more than planned",
        [CALM, (90, 90, 90, 90)],
        [(0, "buy", "MARKET", 1, 100), (2, "sell", "STOP", -1, 90)],
        buy=[(1, 100)],
        stop_loss=[(1, 97)],
    ),
    Rule(
        "a gap through the target brings more than planned",
        [CALM, (110, 110, 110, 110)],
        [(0, "buy", "MARKET", 1, 100), (2, "sell", "LIMIT", -1, 110)],
        buy=[(1, 100)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "what is beyond the gap is met by the candle that follows it",
        [(99, 97, 99, 97)],
        [(1, "buy", "LIMIT", 1, 98)],
        buy=[(1, 98)],
    ),
    # --- The path inside a minute -------------------------------------------------------------------------------
    Rule(
        "a rising candle falls first: stop before target for a long position",
        [(100, 101, 104, 96)],
        [(0, "buy", "MARKET", 1, 100), (1, "sell", "STOP", -1, 97)],
        buy=[(1, 100)],
        stop_loss=[(1, 97)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "so does one that ends where it began",
        [(100, 100, 104, 96)],
        [(0, "buy", "MARKET", 1, 100), (1, "sell", "STOP", -1, 97)],
        buy=[(1, 100)],
        stop_loss=[(1, 97)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "a falling candle rises first: target before stop for a long position",
        [(100, 99, 104, 96)],
        [(0, "buy", "MARKET", 1, 100), (1, "sell", "LIMIT", -1, 103)],
        buy=[(1, 100)],
        stop_loss=[(1, 97)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "for a short position a falling candle meets the stop first",
        [(100, 99, 104, 96)],
        [(0, "sell", "MARKET", -1, 100), (1, "buy", "STOP", 1, 103)],
        sell=[(1, 100)],
        stop_loss=[(1, 103)],
        take_profit=[(1, 97)],
    ),
    Rule(
        "an entry's exit can fill in the rest of the same minute",
        [(100, 101, 104, 96)],
        [(1, "buy", "LIMIT", 1, 98), (1, "sell", "LIMIT", -1, 103)],
        buy=[(1, 98)],
        stop_loss=[(1, 95)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "but not in the part of the minute that was over: the high came before the low",
        [(100, 97, 104, 96)],
        [(1, "buy", "LIMIT", 1, 98)],
        buy=[(1, 98)],
        stop_loss=[(1, 95)],
        take_profit=[(1, 103)],
    ),
    Rule(
        "entry, target and stop in one falling minute: the target is above the path that is left, the stop on it",
        [(100, 97, 105, 96)],
        [(1, "buy", "STOP", 1, 101), (1, "sell", "LIMIT", -1, 104)],
        buy=[(1, 101)],
        stop_loss=[(1, 97)],
        take_profit=[(1, 104)],
    ),
    Rule(
        "a price at the opening is met before all others",
        [(98, 97, 103, 96)],
        [(1, "buy", "LIMIT", 1, 98), (1, "sell", "LIMIT", -1, 102)],
        buy=[(1, 98)],
        stop_loss=[(1, 96)],
        take_profit=[(1, 102)],
    ),
    Rule(
        "orders fill in the order in which the path reaches them",
        [(100, 96, 100, 95)],
        [(1, "buy", "LIMIT", 2, 99), (1, "buy", "LIMIT", 1, 97)],
        buy=[(1, 97), (2, 99)],
    ),
    Rule(
        "at the same price they fill in the order of submission",
        [(100, 96, 100, 95)],
        [(1, "buy", "LIMIT", 1, 98), (1, "buy", "LIMIT", 2, 98)],
        buy=[(1, 98), (2, 98)],
    ),
    # --- Exits --------------------------------------------------------------------------------------------------
    Rule(
        "an exit near the market is a market order at its own price",
        [CALM, CALM],
        [(0, "buy", "MARKET", 1, 100), (0, "sell", "MARKET", -1, 100.01)],
        buy=[(1, 100)],
        then={"take_profit": [(1, 100.01)]},
    ),
    Rule(
        "an exit on the wrong side, set before the opening, closes at the market",
        [CALM],
        [(0, "buy", "MARKET", 1, 100), (0, "sell", "MARKET", -1, 100)],
        buy=[(1, 100)],
        stop_loss=[(1, 101)],
    ),
    Rule(
        "it closes, and never turns the position round, however large it is",
        [CALM],
        [(0, "buy", "MARKET", 1, 100), (0, "sell", "MARKET", -1, 100)],
        buy=[(1, 100)],
        stop_loss=[(5, 101)],
    ),
    Rule(
        "set in on_open_position, the same exit waits as a limit order",
        [CALM, (100, 102, 102, 100)],
        [(0, "buy", "MARKET", 1, 100), (2, "sell", "LIMIT", -1, 101)],
        buy=[(1, 100)],
        then={"stop_loss": [(1, 101)]},
    ),
    Rule(
        "an exit larger than the position closes the position",
        [CALM, (100, 96, 100, 96)],
        [(0, "buy", "MARKET", 1, 100), (2, "sell", "STOP", -1, 97)],
        buy=[(1, 100)],
        stop_loss=[(3, 97)],
    ),
    Rule(
        "several targets take parts",
        [CALM, (100, 105, 105, 100)],
        [(0, "buy", "MARKET", 2, 100), (2, "sell", "LIMIT", -0.5, 102), (2, "sell", "LIMIT", -1.5, 104)],
        buy=[(2, 100)],
        take_profit=[(0.5, 102), (1.5, 104)],
    ),
    Rule(
        "the close cancels what is left: exits and entries",
        [CALM, (100, 105, 105, 100), (105, 90, 105, 90)],
        [(0, "buy", "MARKET", 1, 100), (2, "sell", "LIMIT", -1, 104)],
        buy=[(1, 100), (1, 95)],
        stop_loss=[(2, 91)],
        take_profit=[(1, 104)],
    ),
    Rule(
        "0.1 + 0.2 closes with 0.3",
        [CALM, (100, 104, 104, 100)],
        [(0, "buy", "MARKET", 0.1, 100), (0, "buy", "MARKET", 0.2, 100), (2, "sell", "LIMIT", -0.3, 103)],
        buy=[(0.1, 100), (0.2, 100)],
        take_profit=[(0.3, 103)],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_fills(rule: Rule, minutes: Callable[..., Any], run: Callable[..., SessionResult]) -> None:
    result = run(_scripted(rule), minutes([CALM, *rule.minutes]))
    fills = [
        (int(order.executed_at - START) // 60_000 - 1, order.side, order.type, order.filled_qty, order.price)
        for trade in result.closed_trades
        for order in trade.orders
    ]
    if result.metrics.get("total_open_trades"):
        fills = fills[:-1]
    assert fills == list(rule.fills)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_fill_outside_its_candle(rule: Rule, minutes: Callable[..., Any], run: Callable[..., SessionResult]) -> None:
    rows = minutes([CALM, *rule.minutes])
    for trade in run(_scripted(rule), rows).closed_trades:
        for order in trade.orders:
            candle = rows[int(order.executed_at - START) // 60_000 - 1]
            # A market exit near the price trades at its own price, up to 0.015 % off.
            slack = 0.00015 * order.price if order.type == "MARKET" else 0.0
            assert candle[4] - slack <= order.price <= candle[3] + slack


def _scripted(rule: Rule) -> type[Strategy]:
    class Scripted(Strategy):
        def should_long(self) -> bool:
            return self.index == 0 and rule.buy is not None

        def should_short(self) -> bool:
            return self.index == 0 and rule.sell is not None

        def should_cancel_entry(self) -> bool:
            return False

        def go_long(self) -> None:
            self.buy = rule.buy
            self.stop_loss, self.take_profit = rule.stop_loss, rule.take_profit

        def go_short(self) -> None:
            self.sell = rule.sell
            self.stop_loss, self.take_profit = rule.stop_loss, rule.take_profit

        def on_open_position(self, order: Any) -> None:
            for variable, rows in rule.then.items():
                setattr(self, variable, rows)

    return Scripted
