"""A paper session on the loopback exchange that takes 30 ms for each minute, so that a page can watch it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.engine import BacktestSpec
from livermore.live import ExchangeFeed, LiveSession, ManualClock, ModelWatch
from livermore.strategies import Strategy
from livermore.testing import LoopbackExchange

EXCHANGE, SYMBOL, MINUTES = "Kraken Pro Spot", "BTC-USDT", 1440
MARKUP = "<b onclick=alert(1)>rsi"


class InAndOut(Strategy):
    """Buys at every second bar if its model lets it, and sells at the other ones."""

    def ml_features(self):
        return {MARKUP: float(self.index % 7), "close": float(self.close)}

    def should_long(self):
        if self.index % 2:
            return False
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())
            return True
        return self.ml_predict_proba()[1] > 0.2

    def go_long(self):
        self.buy = 0.01, self.price

    def update_position(self):
        if self.index % 2:
            self.liquidate()

    def on_close_position(self, order, closed_trade=None):
        if self.ml_mode == "gather":
            self.record_label("win", bool(closed_trade.pnl > 0))


class Coin:
    """A model that knows nothing."""

    version = "coin"

    def predict_proba(self, features):
        share = (features["close"] * 1000 % 97) / 97
        return {0: 1 - share, 1: share}


class SlowClock(ManualClock):
    """A clock that takes 30 ms for each minute."""

    def sleep_until(self, time_ms: int) -> None:
        time.sleep(0.03)
        super().sleep_until(time_ms)


@contextmanager
def running_session(root: Path, name: str = "first") -> Iterator[LiveSession]:
    """Run a session of a project in a thread until the block ends; its minutes are those up to an hour from now."""
    # Four days after the start: a slow machine does not come to their end.
    rows = synthetic_candles(5 * MINUTES, seed=5)
    now = time.time_ns() // 1_000_000 // MINUTE_MS * MINUTE_MS
    rows[:, 0] += now + 60 * MINUTE_MS - rows[-1, 0]
    start = int(rows[MINUTES, 0])
    market = {"exchange": EXCHANGE, "symbol": SYMBOL}
    spec = BacktestSpec(
        {"exchange": EXCHANGE, "type": "spot", "starting_balance": 10_000, "fee": 0.001, "warm_up_candles": 0},
        [{**market, "timeframe": "1m", "strategy": InAndOut}],
        ml_mode="deploy",
        model=Coin(),
    )
    with LoopbackExchange({SYMBOL: np.ascontiguousarray(rows)}, "kraken", clock=SlowClock(start)) as exchange:
        feed = ExchangeFeed(exchange.client(), [SYMBOL], clock=exchange.clock)
        watch = ModelWatch(on_alarm="warn", level=0.01)
        folder = root / "storage" / "live" / name
        with LiveSession(spec, feed, folder, start=start, model_watch=watch) as session:
            thread = threading.Thread(target=session.run, daemon=True)
            thread.start()
            try:
                yield session
            finally:
                session.stop()
                thread.join(60)
                assert not thread.is_alive()


def until(is_true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for what a session does by itself."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.02)
