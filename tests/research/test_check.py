"""`check_strategy`: planted peeks are found and named, honest strategies are left in peace."""

import builtins
import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from livermore.candles import resample, synthetic_candles
from livermore.errors import ConfigError
from livermore.research import check_strategy
from livermore.strategies import Strategy

FOLDER = Path(__file__).parent / "check_strategies"
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0005,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": "Sandbox",
    "warm_up_candles": 60,
}
ROUTES = [{"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "15m"}]
DATA_ROUTES = [{"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "4h"}]
WARM_UP = 2 * 1440


def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


honest, peeking = module("honest"), module("peeking")


def market(seed=5, days=14):
    return synthetic_candles(WARM_UP + days * 1440, seed=seed)


def entry(rows):
    return {"Sandbox-BTC-USDT": {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": rows}}


def check(strategy, rows=None, **options):
    rows = market() if rows is None else rows
    options = {"cuts": 4} | options
    return check_strategy(
        strategy, CONFIG, ROUTES, DATA_ROUTES, entry(rows[WARM_UP:]), entry(rows[:WARM_UP]), **options
    )


@pytest.fixture(autouse=True)
def no_memory_of_earlier_tests():
    yield
    builtins.__dict__.pop("_livermore_test_seen", None)


@pytest.mark.parametrize("strategy", honest.HONEST, ids=lambda strategy: strategy.__name__)
@pytest.mark.parametrize("seed", [5, 6])
def test_honest_strategies_pass(strategy, seed):
    found = check(strategy, market(seed))
    assert found["findings"] == ()
    assert found["ok"]
    assert found["events"] > 100
    assert not any(state.startswith("skipped") for state in found["checks"].values())


@pytest.mark.parametrize(
    ("strategy", "name"), peeking.PEEKS.items(), ids=lambda value: getattr(value, "__name__", value)
)
def test_planted_peeks_are_found_and_named(strategy, name, tmp_path):
    rows = market()
    strategy.file = tmp_path / "closes.csv"
    if strategy is not peeking.EarlierRunOnDisk:
        bars = resample(rows, "15m")
        with strategy.file.open("w") as lines:
            csv.writer(lines).writerows((int(bar[0]), bar[2]) for bar in bars)
    found = check(strategy, rows)
    assert not found["ok"]
    errors = [finding for finding in found["findings"] if finding.severity == "error"]
    assert name in {finding.name for finding in errors}
    assert "honest" not in {finding.name for finding in found["findings"]}
    named = next(finding for finding in errors if finding.name == name)
    assert rows[0, 0] < named.time <= rows[-1, 0] + 60_000
    assert name in str(found)


def test_the_bar_is_named():
    found = check(peeking.RarePeek)
    finding = next(finding for finding in found["findings"] if finding.name == "peek" and finding.check == "feed")
    assert finding.bar % 90 == 0


class Unseeded(Strategy):
    def ml_features(self):
        return {"noise": float(np.random.default_rng().normal())}

    def before(self):
        if self.index % 5 == 0:
            self.record_features(self.ml_features())

    def should_long(self):
        return False

    def go_long(self):
        pass


def test_unseeded_numbers_fail_determinism_and_the_rest_is_skipped():
    found = check(Unseeded)
    assert found["checks"]["determinism"] == "failed"
    assert found["checks"]["look-ahead"].startswith("skipped")
    assert {finding.name for finding in found["findings"]} == {"noise"}


class RunningSum(Unseeded):
    def ml_features(self):
        return {
            "sum": float(np.log(self.candles[:, 5]).sum()),
            "ratio": float(self.candles[-1, 2] / self.candles[-9, 2]),
        }


def test_what_depends_on_where_the_data_begin_is_a_warning():
    found = check(RunningSum)
    assert found["checks"]["recursion"] == "warning"
    assert {finding.name for finding in found["findings"]} == {"sum"}
    assert found["ok"]
    assert found["recursion"]["ratio"] == {"largest": 0.0, "late": 0.0}


class RecordsMore(Unseeded):
    def ml_features(self):
        return {"a": self.price}

    def before(self):
        if self.index % 5 == 0:
            self.record_features({**self.ml_features(), "b": self.close})


def test_features_that_are_recorded_but_not_deployed_are_named():
    found = check(RecordsMore)
    assert {(finding.check, finding.name) for finding in found["findings"]} == {("parity", "b")}


class Fails(Unseeded):
    def before(self):
        if self.index == 3:
            raise ValueError("out of luck")


def test_a_strategy_that_does_not_run_says_so_itself():
    with pytest.raises(ValueError, match="out of luck"):
        check(Fails)


def test_days_and_cuts_must_be_counts():
    with pytest.raises(ConfigError, match="days and cuts"):
        check(honest.TimeWindow, cuts=0)


def test_candles_are_left_as_they_were():
    rows = market()
    before = rows.copy()
    check(honest.CloseLabel, rows)
    np.testing.assert_array_equal(rows, before)


def test_the_report_lists_every_check():
    text = str(check(honest.CloseLabel))
    assert text.count("✓") == 8
    assert "Nothing was found" in text


class ReadsTheOther(Unseeded):
    """On one of two symbols it knows the next minute of the other."""

    def ml_features(self):
        other = self._route.session.markets["BTC-USDT"]
        ahead = self.symbol == "ETH-USDT"
        return {"other": float(other.rows.value(min(other.cursor + ahead, len(other.rows) - 1), 2))}


@pytest.mark.parametrize("gap", [0, 5])
def test_on_two_symbols_the_one_that_peeks_is_named(gap):
    routes = [{"exchange": "Sandbox", "symbol": symbol, "timeframe": "15m"} for symbol in ("BTC-USDT", "ETH-USDT")]
    candles = {}
    for seed, route in enumerate(routes):
        rows = synthetic_candles(6 * 1440, seed=seed)
        rows = np.delete(rows, np.arange(3_000, 3_000 + gap), axis=0)
        candles[f"Sandbox-{route['symbol']}"] = {**route, "candles": rows}
    honest_one = check_strategy(honest.TimeWindow, CONFIG | {"warm_up_candles": 0}, routes, [], candles, cuts=3)
    assert honest_one["findings"] == ()
    found = check_strategy(ReadsTheOther, CONFIG | {"warm_up_candles": 0}, routes, [], candles, cuts=3)
    assert {(finding.name, finding.symbol) for finding in found["findings"]} == {("other", "ETH-USDT")}


class OpensOnTheLastBar(honest.CloseLabel):
    """Its last trade is closed by the end of the run, at once."""

    def should_long(self):
        if self.index not in (100, 959):
            return False
        self.record_features(self.ml_features())
        return True


def test_a_trade_that_the_end_of_the_run_closes_is_no_early_label():
    rows = market(days=10)
    found = check(OpensOnTheLastBar, rows)
    assert found["findings"] == ()
    labels = check_labels(rows)
    assert labels[-1]["label_time"] == rows[-1, 0] / 1000 + 60
    assert labels[-1]["label_time"] <= labels[-1]["time"] + 900


def check_labels(rows):
    from livermore.audit.event_log import log_backtest
    from livermore.engine import BacktestSpec

    routes = [{**ROUTES[0], "strategy": OpensOnTheLastBar}]
    spec = BacktestSpec(CONFIG, routes, DATA_ROUTES, entry(rows[WARM_UP:]), entry(rows[:WARM_UP]), ml_mode="gather")
    return log_backtest(spec).data_points
