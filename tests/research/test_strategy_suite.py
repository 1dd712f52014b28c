"""The suite for strategies: it passes an honest one and fails a peeking one, test by test."""

import pytest

from livermore.candles import synthetic_candles
from livermore.strategies import Strategy
from livermore.testing._strategies import StrategySuite, assert_no_peeking

CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0005,
    "type": "futures",
    "futures_leverage": 1,
    "futures_leverage_mode": "cross",
    "exchange": "Sandbox",
    "warm_up_candles": 20,
}
ROUTES = [{"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "15m"}]


class Momentum(Strategy):
    ahead = 0

    def ml_features(self):
        bars = self.candles._series.bars
        row = min(len(self.candles) - 1 + self.ahead, len(bars) - 1)
        return {"change": float(bars[row, 2] / self.candles[-4:, 2][0] - 1)}

    def before(self):
        if self.index % 4 == 0:
            self.record_label("up", self.price > 0)
            self.record_features(self.ml_features())

    def should_long(self):
        return False

    def go_long(self):
        pass


class Peeking(Momentum):
    ahead = 1


def arguments(strategy):
    rows = synthetic_candles(6 * 1440, seed=1)
    candles = {"Sandbox-BTC-USDT": {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": rows}}
    return {
        "strategy": strategy,
        "config": CONFIG,
        "routes": ROUTES,
        "data_routes": [],
        "candles": candles,
        "cuts": 3,
    }


class TestMomentum(StrategySuite):
    def arguments(self):
        return arguments(Momentum)


class PeekingSuite(StrategySuite):
    def arguments(self):
        return arguments(Peeking)


def test_a_peek_fails_the_tests_that_it_concerns():
    suite = PeekingSuite()
    suite.test_it_does_something()
    suite.test_a_second_run_is_the_same()
    with pytest.raises(AssertionError, match="change"):
        suite.test_candle_by_candle_it_does_the_same()
    with pytest.raises(AssertionError, match="change"):
        suite.test_another_future_changes_nothing_before_it()


def test_assert_no_peeking_names_the_feature():
    assert assert_no_peeking(**arguments(Momentum))["ok"]
    with pytest.raises(AssertionError, match=r"change \(BTC-USDT, 2021"):
        assert_no_peeking(**arguments(Peeking))


def test_a_suite_without_arguments_says_what_it_needs():
    with pytest.raises(NotImplementedError, match=r"arguments\(\)"):
        StrategySuite().arguments()
