"""A strategy whose every decision is drawn from a seed, so that a case is nothing but JSON.

A draw depends on the seed, the symbol, the bar and the hook alone, not on what was drawn before: two engines that
differ in one fill draw the same numbers afterwards. It writes down, hook by hook, what it sees.
"""

import random
from typing import Any

Rows = list[tuple[float, float]]

# What a line of the trace holds.
FIELDS = ("hook", "index", "time", "price", "qty", "entry_price", "balance", "available_margin", "portfolio_value")
FIELDS += ("increased_count", "reduced_count", "candles", "resting", "order")


def scripted(base: Any, sink: list[Any]) -> Any:
    """Return the strategy class on top of an engine's `Strategy`; its instances add themselves to `sink`."""
    return type("Scripted", (Scripted, base), {"sink": sink})


class Scripted:
    """The hooks; `scripted` puts them on top of an engine's `Strategy`."""

    sink: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.trace: list[list[Any]] = []
        self._calls: dict[tuple[str, int], int] = {}
        self.sink.append(self)

    # What is decided

    def before(self) -> None:
        self._act("before")

    def should_long(self) -> bool:
        if self.index % 16 == 0:
            self._note("should_long")
        return self._signal() > 0

    def should_short(self) -> bool:
        return self._signal() < 0

    def go_long(self) -> None:
        self._go("go_long", +1)

    def go_short(self) -> None:
        self._go("go_short", -1)

    def should_cancel_entry(self) -> bool:
        self._note("should_cancel_entry")
        return self._rng("cancel").random() < self._plan["cancel"]

    def filters(self) -> list[Any]:
        return [self.first_filter, self.second_filter] if self._plan["filters"] < 1 else []

    def first_filter(self) -> bool:
        self._note("first_filter")
        return self._rng("first_filter").random() < self._plan["filters"]

    def second_filter(self) -> bool:
        self._note("second_filter")
        return self._rng("second_filter").random() < self._plan["filters"]

    def update_position(self) -> None:
        self._note("update_position")
        self._act("update_position")

    def after(self) -> None:
        if self.index % 16 == 5:
            self._note("after")
        self._act("after")

    def on_open_position(self, order: Any) -> None:
        self._note("on_open_position", order)
        rng = self._rng("exits_on_open")
        if rng.random() < self._plan["exits_on_open"]:
            self._protect(rng)
        self._act("on_open_position")

    def on_increased_position(self, order: Any) -> None:
        self._note("on_increased_position", order)
        if self._plan["spot"]:
            self._protect(self._rng("exits_on_increase"))
        self._act("on_increased_position")

    def on_reduced_position(self, order: Any) -> None:
        self._note("on_reduced_position", order)
        self._act("on_reduced_position")

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        self._note("on_close_position", order)
        measured = self.metrics
        trade = closed_trade
        self.trace.append(
            ["closed", trade.type, trade.entry_price, trade.exit_price, trade.qty, trade.fee, trade.pnl]
            + [len(self.trades), self.trades_count, self.last_trade_index]
            + [measured.get(name) for name in ("total", "net_profit", "win_rate")]
        )

    def on_cancel(self) -> None:
        self._note("on_cancel")

    def on_route_open_position(self, strategy: Any) -> None:
        self._note("on_route_open_position")
        self._act("on_route")

    def on_route_close_position(self, strategy: Any) -> None:
        self._note("on_route_close_position")
        self._act("on_route")

    def on_route_increased_position(self, strategy: Any) -> None:
        self._note("on_route_increased_position")
        self._act("on_route")

    def on_route_reduced_position(self, strategy: Any) -> None:
        self._note("on_route_reduced_position")
        self._act("on_route")

    def on_route_canceled(self, strategy: Any) -> None:
        self._note("on_route_canceled")

    def before_terminate(self) -> None:
        self._note("before_terminate")
        self._act("before_terminate")

    def terminate(self) -> None:
        self._note("terminate")

    # How it is decided

    @property
    def _plan(self) -> dict[str, Any]:
        return self.hp["routes"][self.symbol]

    def _rng(self, purpose: str) -> random.Random:
        key = (purpose, self.index)
        self._calls[key] = call = self._calls.get(key, 0) + 1
        return random.Random(f"{self.hp['seed']}|{self.symbol}|{self.index}|{purpose}|{call}")

    def _signal(self) -> int:
        draw = random.Random(f"{self.hp['seed']}|{self.symbol}|{self.index}|signal").random()
        return int(draw < self._plan["long"]) - int(draw > 1 - self._plan["short"])

    def _go(self, hook: str, side: int) -> None:
        self._note(hook)
        rng = self._rng(hook)
        rows = self._entry_rows(rng, side)
        if side > 0:
            self.buy = rows if len(rows) > 1 else rows[0]
        else:
            self.sell = rows if len(rows) > 1 else rows[0]
        if rng.random() >= self._plan["exits_at_go"]:
            return
        total = sum(quantity for quantity, _ in rows) if rng.random() < 0.7 else rows[0][0]
        prices = [price for _, price in rows] + [self.price]
        worst, best = (min(prices), max(prices)) if side > 0 else (max(prices), min(prices))
        wrong = -1 if rng.random() < self._plan["wrong_side"] else 1
        if rng.random() < 0.9:
            self.stop_loss = self._exit_rows(rng, total, worst, -side * wrong)
        if rng.random() < 0.8:
            self.take_profit = self._exit_rows(rng, total, best, side * wrong)

    def _entry_rows(self, rng: random.Random, side: int) -> Rows:
        plan = self._plan
        count = rng.choices((1, 2, 3), plan["entries"])[0]
        return [(self._quantity(rng, count), self._entry_price(rng, side)) for _ in range(count)]

    def _quantity(self, rng: random.Random, count: int) -> float:
        plan = self._plan
        if plan["fraction"]:
            money = max(self.available_margin, 1.0) * self.leverage * plan["fraction"] / count
            return round(money * (0.7 + 0.3 * rng.random()) / self.price, 6) or 0.001
        return round(plan["quantity"] * (0.3 + rng.random()), 3)

    def _entry_price(self, rng: random.Random, side: int) -> float:
        kind = rng.choices(("market", "near", "limit", "stop"), self._plan["entry"])[0]
        if kind == "market":
            return self.price
        if kind == "near":
            return self.price * (1 + 0.0001 * (2 * rng.random() - 1))
        return self._away(rng, self.price, -side if kind == "limit" else side)

    def _away(self, rng: random.Random, price: float, direction: int) -> float:
        plan = self._plan
        distance = price * plan["spread"] * (0.15 + 1.5 * rng.random())
        tick = plan["tick"]
        if not tick:
            return round(price + direction * distance, 7)
        steps = round(price / tick) + direction * max(round(distance / tick), 1)
        return round(max(steps, 1) * tick, 8)

    def _exit_rows(self, rng: random.Random, quantity: float, price: float, direction: int) -> Any:
        plan = self._plan
        if rng.random() >= plan["full"]:
            quantity = quantity * rng.choice((0.5, 0.8, 1.0, 1.0, 1.5))
        first = self._away(rng, price, direction)
        if rng.random() >= plan["two_exits"]:
            return (quantity, first)
        part = round(quantity * (0.2 + 0.6 * rng.random()), 6) or quantity / 2
        return [(part, first), (quantity - part, self._away(rng, first, direction))]

    def _protect(self, rng: random.Random) -> None:
        side = 1 if self.is_long else -1
        quantity = abs(self.position.qty)
        if rng.random() < 0.9:
            self.stop_loss = self._exit_rows(rng, quantity, self.price, -side)
        if rng.random() < 0.8:
            self.take_profit = self._exit_rows(rng, quantity, self.price, side)

    def _act(self, hook: str) -> None:
        """Do one of the things that a strategy may do to an open position."""
        plan = self._plan
        chance = plan["act"].get(hook, 0.0)
        if not chance or not self.position.is_open:
            return
        rng = self._rng("act " + hook)
        if rng.random() >= chance:
            return
        names = list(plan["actions"])
        action = rng.choices(names, [plan["actions"][name] for name in names])[0]
        getattr(self, "_act_" + action)(rng, 1 if self.is_long else -1)

    def _act_stop(self, rng: random.Random, side: int) -> None:
        self.stop_loss = self._exit_rows(rng, abs(self.position.qty), self.price, -side)

    def _act_target(self, rng: random.Random, side: int) -> None:
        self.take_profit = self._exit_rows(rng, abs(self.position.qty), self.price, side)

    def _act_odd_stop(self, rng: random.Random, side: int) -> None:
        self.stop_loss = self._exit_rows(rng, abs(self.position.qty), self.price, side)

    def _act_near_stop(self, rng: random.Random, side: int) -> None:
        self.stop_loss = abs(self.position.qty), self.price * (1 + 0.0001 * (2 * rng.random() - 1))

    def _act_drop_stop(self, rng: random.Random, side: int) -> None:
        self.stop_loss = []

    def _act_drop_target(self, rng: random.Random, side: int) -> None:
        self.take_profit = []

    def _act_liquidate(self, rng: random.Random, side: int) -> None:
        if not (self._plan["spot"] and self.take_profit is not None):
            self.liquidate()

    def _act_add(self, rng: random.Random, side: int) -> None:
        rows = self._entry_rows(rng, side)
        if not self._plan["tick"]:
            # Two market orders have one price, the market's, and Jesse fills those of a hook in an order of chance.
            rows = [rows[0], *((size, self._away(rng, price, side)) for size, price in rows[1:])]
        if side > 0:
            self.buy = rows
        else:
            self.sell = rows

    def _act_drop_entries(self, rng: random.Random, side: int) -> None:
        if side > 0:
            self.buy = []
        else:
            self.sell = []

    # What is seen

    def _note(self, hook: str, order: Any = None) -> None:
        candles = self.candles
        seen = [len(candles), *(float(value) for value in candles[-1])]
        for exchange, symbol, timeframe in self.hp["watched"]:
            others = self.get_candles(exchange, symbol, timeframe)
            seen += [len(others), *(float(value) for value in (others[-1] if len(others) else []))]
        self.trace.append(
            [
                *(hook, self.index, self.time, self.price),
                *(self.position.qty, self.position.entry_price, self.balance),
                self.available_margin if self.hp["margin_seen"] else None,
                self.portfolio_value if self.hp["value_seen"] else None,
                *(self.increased_count, self.reduced_count, seen, self._resting(), _described(order)),
            ]
        )

    def _resting(self) -> list[Any]:
        return [[order.type, order.qty, order.price] for order in self.orders if order.is_active]


def _described(order: Any) -> Any:
    """Return what an executed order was."""
    if order is None:
        return None
    filled_by_gap = "submitted_price" in order.vars
    return [order.side, order.type, order.qty, order.filled_qty, order.price, order.submitted_via, filled_by_gap]
