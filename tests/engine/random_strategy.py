"""A strategy that does a bit of everything, by numbers drawn from its own state: the same state, the same orders."""

import random
from typing import Any

from livermore.strategies import Strategy


class Restless(Strategy):
    """Enters in up to three rows, sets and changes exits in hooks, cancels, liquidates."""

    spot = False

    def __init__(self) -> None:
        super().__init__()
        self.draws = 0
        self.seen: list[tuple[Any, ...]] = []

    def should_long(self) -> bool:
        return self._draw().random() < 0.3

    def should_short(self) -> bool:
        return not self.spot and self._draw().random() < 0.2 and not self._would_go_long()

    def should_cancel_entry(self) -> bool:
        return self._draw().random() < 0.3

    def go_long(self) -> None:
        self._enter("buy", 1)

    def go_short(self) -> None:
        self._enter("sell", -1)

    def before(self) -> None:
        self.seen.append((self.index, self.time, float(self.price), self.position.qty, float(self.candles[-1, 5])))
        if self.index % 5 == 0:
            self.record_features({"price": self.price, "volume": self.volume})
        if self.index % 5 == 3:
            self.record_label("up", self.price > self.open)

    def update_position(self) -> None:
        self._change()

    def on_open_position(self, order: Any) -> None:
        if self.spot:
            qty = self.position.qty
            self.stop_loss, self.take_profit = (qty, self._price(-1)), (qty, self._price(1))
        else:
            self._change(filled=True)

    def on_reduced_position(self, order: Any) -> None:
        self._change(filled=True)

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        self.seen.append(("closed", self.index, float(self.price), closed_trade.pnl))

    def _draw(self) -> random.Random:
        self.draws += 1
        return random.Random(f"{self.symbol}-{self.index}-{self.draws}")

    def _would_go_long(self) -> bool:
        return random.Random(f"{self.symbol}-{self.index}-{self.draws + 1}").random() < 0.3

    def _price(self, side: int) -> float:
        draw = self._draw()
        return float(self.price) * (1 + side * (draw.choice([0.0001, 0.001, 0.002]) + draw.random() * 1e-4))

    def _enter(self, variable: str, side: int) -> None:
        draw = self._draw()
        count = 1 if self.spot else draw.choice([1, 1, 3])
        rows = [(draw.choice([0.3, 1, 2.5]), self._price(draw.choice([-1, 1]))) for _ in range(count)]
        setattr(self, variable, rows)
        if not self.spot and draw.random() < 0.7:
            self.stop_loss = sum(qty for qty, _ in rows), float(self.price) * (1 - side * 0.005)

    def _change(self, *, filled: bool = False) -> None:
        draw = self._draw()
        if self.position.qty == 0 or self.spot:
            return
        side = 1 if self.is_long else -1
        qty = abs(self.position.qty)
        action = draw.choice(["stop", "target", "targets", "liquidate", "nothing", "nothing"])
        if action == "stop":
            self.stop_loss = qty, self._price(-side)
        elif action == "target":
            self.take_profit = qty, self._price(side)
        elif action == "targets":
            self.take_profit = [(qty / 2, self._price(side)), (qty / 2, self._price(side) * (1 + side * 0.001))]
        elif action == "liquidate" and not filled:
            # Not at the price of a fill: a stop that is there already may be the same as the target, which is refused.
            self.liquidate()


class RestlessSpot(Restless):
    """The same on spot: long only, exits once the position is there."""

    spot = True
