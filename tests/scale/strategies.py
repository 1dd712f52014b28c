"""Strategies for the tests of seams. Each has a state that a run from the middle must come into."""

from typing import Any

import livermore.indicators as ta
from livermore import Strategy
from livermore.ml.labels import TripleBarrier


class Base(Strategy):
    def ml_features(self) -> dict[str, float]:
        return {"rsi": float(ta.rsi(self.candles, 14)), "body": self.close / self.open - 1}

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None:
        pass


class Short(Base):
    """Trades last a few bars."""

    def should_long(self) -> bool:
        return self.close > self.open

    def go_long(self) -> None:
        self.buy = 0.1, self.price
        self.record_features(self.ml_features())

    def update_position(self) -> None:
        if self.index % 3 == 0:
            self.liquidate()

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        self.record_label("win", closed_trade.pnl > 0)


class CountsBars(Short):
    """Keeps the index of its last entry, as many strategies do."""

    def on_open_position(self, order: Any) -> None:
        self.vars["opened"] = self.index

    def update_position(self) -> None:
        if self.index - self.vars["opened"] >= 7:
            self.liquidate()


class Holds(Short):
    """A position is open for days, over each seam."""

    def update_position(self) -> None:
        if self.index % 700 == 0:
            self.liquidate()


class Observes(Base):
    """Open observations at each seam."""

    def before(self) -> None:
        if self.index % 5 == 0:
            self.observe(self.ml_features(), label=TripleBarrier(upper=0.01, lower=0.01, bars=96, unit="fraction"))


class Sums(Short):
    """A feature that adds up over the whole run: no run from the middle has it."""

    def before(self) -> None:
        self.vars["sum"] = self.vars.get("sum", 0.0) + self.close

    def ml_features(self) -> dict[str, float]:
        return {"sum": self.vars["sum"]}


class Generates(Short):
    """Its state cannot be told."""

    def before(self) -> None:
        self.vars.setdefault("numbers", iter(range(10**9)))


class Remembers(Short):
    """An indicator over all candles since the beginning."""

    def ml_features(self) -> dict[str, float]:
        return {"ema": float(ta.ema(self.candles, 500, sequential=True)[-1])}


class Rich(Short):
    """A feature that depends on the balance, which is not part of the compared state."""

    def ml_features(self) -> dict[str, float]:
        return {"balance": self.balance}


class FailsOnOne(Short):
    def before(self) -> None:
        if self.symbol == "S1-USDT":
            raise ZeroDivisionError("on purpose")


ALL = [Short, CountsBars, Holds, Observes, Sums, Generates, Remembers, Rich]
