"""Strategies that read the future, each in another disguise."""

import builtins
import csv
from pathlib import Path
from typing import ClassVar

import numpy as np

import livermore.indicators as ta
from livermore.strategies import Strategy


class Base(Strategy):
    """Records `peek` beside an honest feature on every third bar; does not trade."""

    def peek(self):
        raise NotImplementedError

    def ml_features(self):
        return {"honest": ta.rsi(self.candles, 14), "peek": float(self.peek())}

    def before(self):
        if self.index % 3 == 0:
            self.record_label("up", self.price > self.vars.get("last", 0))
            self.vars["last"] = self.price
            self.record_features(self.ml_features())

    def should_long(self):
        return False

    def go_long(self):
        pass

    @property
    def all_bars(self):
        """All bars of the series, those to come as well."""
        return self.candles._series.bars

    @property
    def here(self):
        """The row of the current bar."""
        return len(self.candles) - 1


class NextClose(Base):
    """A future shift: the next bar's close."""

    def peek(self):
        return self.all_bars[min(self.here + 1, len(self.all_bars) - 1), 2] / self.price - 1


class CentredWindow(Base):
    """A moving average around the bar, half of it after it."""

    def peek(self):
        return self.all_bars[max(0, self.here - 5) : self.here + 6, 2].mean() / self.price - 1


class GlobalMax(Base):
    """Where the price is below the highest of all."""

    def peek(self):
        return self.price / self.all_bars[:, 3].max()


class ScaledOverAll(Base):
    """A z-score with mean and deviation of all data."""

    def peek(self):
        closes = self.all_bars[:, 2]
        return (self.price - closes.mean()) / closes.std()


class SequentialOverAll(Base):
    """A causal indicator, read a few bars too late."""

    def peek(self):
        values = ta.sma(np.array(self.all_bars), 10, sequential=True)
        return values[min(self.here + 4, len(values) - 1)] / self.price - 1


class MinutesOfTheEngine(Base):
    """The engine's own minutes: the next one's close."""

    def peek(self):
        market = self._route.market
        return market.rows.value(min(market.cursor + 1, len(market.rows) - 1), 2) / self.price - 1


class UnclosedHigherTimeframe(Base):
    """The four-hour candle as it will be once it has closed."""

    def peek(self):
        series = self.get_candles(self.exchange, self.symbol, "4h")._series
        now = self.current_candle[0]
        row = np.searchsorted(series.bars[:, 0], now, side="right") - 1
        return series.bars[row, 2] / self.price - 1


class ExternalFile(Base):
    """A file of closes by time, indexed one bar too far."""

    file: Path

    def __init__(self):
        super().__init__()
        with self.file.open() as lines:
            self.closes = {int(time): float(close) for time, close in csv.reader(lines)}

    def peek(self):
        time = int(self.current_candle[0]) + 15 * 60_000
        return self.closes.get(time, self.price)


class ExternalHigherTimeframe(Base):
    """Four-hour closes of a file, found by when the candle opened."""

    file: Path

    def __init__(self):
        super().__init__()
        with self.file.open() as lines:
            self.closes = {int(time): float(close) for time, close in csv.reader(lines)}

    def peek(self):
        opened = int(self.current_candle[0]) // 14_400_000 * 14_400_000
        return self.closes.get(opened + 14_400_000 - 15 * 60_000, self.price) / self.price - 1


class EarlierRun(Base):
    """What an earlier run saw, kept on the class."""

    seen: ClassVar[dict[int, float]] = {}

    def peek(self):
        time = int(self.current_candle[0])
        self.seen[time] = self.price
        return self.seen.get(time + 45 * 60_000, self.price) / self.price - 1


class EarlierRunOnDisk(Base):
    """What an earlier run saw, kept in a file that it writes."""

    file: Path

    def peek(self):
        time = int(self.current_candle[0])
        if not hasattr(self, "known"):
            self.known = dict(line.split() for line in self.file.read_text().splitlines()) if self.file.exists() else {}
        with self.file.open("a") as lines:
            lines.write(f"{time} {self.price}\n")
        return float(self.known.get(str(time + 45 * 60_000), self.price)) / self.price - 1


class EarlierRunInBuiltins(Base):
    """What an earlier run saw, kept where no module of the project looks."""

    def peek(self):
        seen = builtins.__dict__.setdefault("_livermore_test_seen", {})
        time = int(self.current_candle[0])
        seen[time] = self.price
        return seen.get(time + 45 * 60_000, self.price) / self.price - 1


class RarePeek(Base):
    """Looks ahead on one bar of ninety only."""

    def peek(self):
        far = self.index % 90 == 0
        return self.all_bars[min(self.here + far, len(self.all_bars) - 1), 2] / self.candles[-2:, 2].mean() - 1


class TimeAfterTheFact(Base):
    """Records features when the outcome is there already, and the outcome with them."""

    def peek(self):
        return self.price / self.candles[-8:, 2].mean() - 1

    def before(self):
        if self.index % 8 == 0:
            self.record_features(self.ml_features())
            self.record_label("up", bool(self.price > self.candles[-8:, 2][0]))


class Trader(Strategy):
    """Enters on every fourth bar; subclasses decide how, with more than they can know. No features at all."""

    def should_long(self):
        return self.index % 4 == 0

    def go_long(self):
        self.buy = 0.2 * self.available_margin / self.price, self.price

    def on_open_position(self, order):
        self.stop_loss = self.position.qty, self.price * 0.99
        self.take_profit = self.position.qty, self.price * 1.01

    def should_cancel_entry(self):
        return True

    def low_of_next(self):
        market = self._route.market
        ahead = market.rows.between(market.cursor + 1, min(market.cursor + 31, len(market.rows)))
        return float(ahead[:, 4].min(initial=self.price))


class StopBelowTheNextLow(Trader):
    """The stop stands where it will not be hit."""

    def on_open_position(self, order):
        self.stop_loss = self.position.qty, self.low_of_next() * 0.999
        self.take_profit = self.position.qty, self.price * 1.01


class SizeByTheFuture(Trader):
    """Bets more when it will pay."""

    def go_long(self):
        market = self._route.market
        ahead = market.rows.value(min(market.cursor + 60, len(market.rows) - 1), 2)
        share = 0.4 if ahead > self.price else 0.1
        self.buy = share * self.available_margin / self.price, self.price


class DecidesByFile(Trader):
    """Enters when a file says that the next bars rise; records nothing."""

    file: Path

    def __init__(self):
        super().__init__()
        with self.file.open() as lines:
            self.closes = {int(time): float(close) for time, close in csv.reader(lines)}

    def should_long(self):
        ahead = int(self.current_candle[0]) + 4 * 15 * 60_000
        return self.index % 2 == 0 and self.closes.get(ahead, 0.0) > self.price * 1.001


class Skewed(Base):
    """Deploys another feature than it gathered."""

    def peek(self):
        return self.price / self.candles[-20:, 2].mean() - 1 if self.ml_mode == "gather" else 0.0

    def should_long(self):
        return self.ml_mode == "deploy" and self.ml_predict_proba()[1] > 2


# What is read from the future, who reads it, and which check must say so.
PEEKS = {
    NextClose: "peek",
    CentredWindow: "peek",
    GlobalMax: "peek",
    ScaledOverAll: "peek",
    SequentialOverAll: "peek",
    MinutesOfTheEngine: "peek",
    UnclosedHigherTimeframe: "peek",
    ExternalFile: "peek",
    ExternalHigherTimeframe: "peek",
    EarlierRun: "peek",
    EarlierRunOnDisk: "peek",
    EarlierRunInBuiltins: "peek",
    RarePeek: "peek",
    TimeAfterTheFact: "up",
    StopBelowTheNextLow: "order",
    SizeByTheFuture: "order",
    DecidesByFile: "order",
    Skewed: "peek",
}
