"""A session whose process is killed at random minutes, again and again, ends as the backtest does."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livermore.engine import BacktestSpec, SessionResult
from livermore.live import LiveSession, StoredFeed, check_parity

SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from killed_session import run

run({folder!r}, pause=0.001)
print("ended")
"""

MODULE = '''
import time

from livermore.candles import synthetic_candles
from livermore.engine import BacktestSpec
from livermore.live import LiveSession, StoredFeed
from livermore.strategies import Strategy


class Trader(Strategy):
    """Trades often, and remembers what it did."""

    def before(self):
        self.vars["bars"] = self.vars.get("bars", 0) + 1
        if self.index % 3 == 0:
            self.record_features({"price": self.price})
        elif self.index % 3 == 2:
            self.record_label("up", self.close > self.open)

    def should_long(self):
        return self.close > self.open and self.vars["bars"] % 2 == 0

    def should_short(self):
        return self.close < self.open and self.vars["bars"] % 5 == 0

    def go_long(self):
        self.buy = 1, self.price
        self.stop_loss = 1, self.price * 0.999

    def go_short(self):
        self.sell = 1, self.price
        self.stop_loss = 1, self.price * 1.001

    def update_position(self):
        if self.vars["bars"] % 3 == 0:
            self.liquidate()


MARKET = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
ROWS = synthetic_candles(2500, seed=3)


def spec():
    config = {
        "starting_balance": 1_000_000, "fee": 0.0005, "type": "futures", "futures_leverage": 2,
        "futures_leverage_mode": "cross", "exchange": "Sandbox", "warm_up_candles": 0,
    }
    candles = {"Sandbox-BTC-USDT": {**MARKET, "candles": ROWS}}
    return BacktestSpec(config, [{**MARKET, "timeframe": "1m", "strategy": Trader}], candles=candles)


def run(folder, pause=0.0):
    def wait(event):
        time.sleep(pause)

    with LiveSession(spec(), StoredFeed({"BTC-USDT": ROWS}), folder, start=int(ROWS[0, 0]), on_event=wait) as session:
        print("open", flush=True)
        session.run()
'''


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_session_that_is_killed_at_random_minutes_ends_as_the_backtest_does(tmp_path: Path) -> None:
    (tmp_path / "killed_session.py").write_text(MODULE)
    folder, draw = tmp_path / "s", random.Random(2)
    script = SCRIPT.format(tests=str(tmp_path), folder=str(folder))
    kills = 0
    for _ in range(60):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == "open\n"
            if kills < 5:
                time.sleep(draw.uniform(0.01, 0.6))
                process.send_signal(signal.SIGKILL)
            ended = process.stdout.read() == "ended\n"
        process.wait()
        if ended:
            break
        kills += 1
    assert kills >= 3
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        import killed_session  # type: ignore[import-not-found]

        spec: BacktestSpec = killed_session.spec()
        parity = check_parity(folder, spec)
        assert parity.is_equal, str(parity)
        assert parity.minutes == 2500
        assert parity.trades > 500
        with LiveSession(spec, StoredFeed({"BTC-USDT": killed_session.ROWS}), folder) as session:
            bars = session.session.runners[0].strategy.vars["bars"]
            samples = session.finish().data_points
        bulk: SessionResult = spec.run()
        assert bars == bulk.strategies[0].vars["bars"] == 2500
        assert samples == bulk.data_points
