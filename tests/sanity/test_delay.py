"""One bar late means one bar late, and an edge that vanishes there is told from one that decays."""

import numpy as np
import pytest

from livermore.engine import BacktestSpec
from livermore.research import check_strategy, compare_backtests
from livermore.sanity import TradedAmounts, lateness, sanity_of, vanishes, with_lagged_features, with_late_entries
from livermore.strategies import Strategy

BARS = 96 * 20
MARKET = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": "Sandbox",
    "warm_up_candles": 0,
}


class Told(Strategy):
    """Holds for one bar in the direction of a number that it is told for each bar."""

    told = np.zeros(BARS)

    def ml_features(self):
        return {"bar": float(self.index), "told": float(self.told[self.index])}

    def should_long(self):
        return self.told[self.index] > 0.5 and (self.ml_mode != "deploy" or self.ml_predict_proba()[1] > 0.5)

    def should_short(self):
        return self.told[self.index] < -0.5 and (self.ml_mode != "deploy" or self.ml_predict_proba()[1] > 0.5)

    def go_long(self):
        self.buy = 0.1, self.price

    def go_short(self):
        self.sell = 0.1, self.price

    def update_position(self):
        self.liquidate()


def told(values):
    return type("Told", (Told,), {"told": values, "__module__": __name__})


def candles(returns):
    """Return one-minute candles of 15-minute bars with these log returns, each spread evenly over its minutes."""
    minutes = 100 * np.exp(np.concatenate([[0.0], np.cumsum(np.repeat(returns / 15, 15))]))
    opened, closed = minutes[:-1], minutes[1:]
    time = 1_609_459_200_000.0 + 60_000 * np.arange(opened.size)
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    return np.column_stack([time, opened, closed, high, low, np.full(opened.size, 50.0)])


def spec_of(strategy, returns, **options):
    entry = {"Sandbox-BTC-USDT": {**MARKET, "candles": candles(returns)}}
    return BacktestSpec(CONFIG, [{**MARKET, "timeframe": "15m", "strategy": strategy}], [], entry, **options)


def compared(strategy, returns):
    spec = spec_of(strategy, returns)
    on_time, late = (TradedAmounts.of(one.run().closed_trades) for one in (spec, with_late_entries(spec)))
    return lateness(on_time, late)


def noise(seed):
    return 0.002 * np.random.default_rng(seed).standard_normal(BARS)


def decaying(seed, memory=0.9):
    """Return a drift that decays over some bars, and returns with that drift."""
    random = np.random.default_rng(seed)
    drift = np.zeros(BARS)
    for i in range(1, BARS):
        drift[i] = memory * drift[i - 1] + np.sqrt(1 - memory**2) * random.standard_normal()
    return drift, 0.001 * drift + 0.002 * random.standard_normal(BARS)


@pytest.mark.parametrize("sign", [1, -1])
def test_entries_come_one_bar_late(sign):
    signals = np.zeros(BARS)
    signals[[10, 50, 90]] = sign
    spec = spec_of(told(signals), noise(1))
    on_time, late = spec.run().trades, with_late_entries(spec).run().trades
    assert [trade["opened_at"] + 900_000 for trade in on_time] == [trade["opened_at"] for trade in late]
    assert [trade["type"] for trade in on_time] == [trade["type"] for trade in late]


class Patient(Told):
    """Holds for three bars."""

    told = np.where(np.isin(np.arange(BARS), (10, 11)), 1.0, 0.0)

    def update_position(self):
        if self.index >= 14:
            self.liquidate()


def test_what_was_said_before_a_trade_opens_no_other_after_it():
    assert len(with_late_entries(spec_of(Patient, noise(1))).run().trades) == 1


def test_the_late_strategy_keeps_its_name_and_module():
    spec = with_late_entries(spec_of(told(np.zeros(BARS)), noise(1)))
    assert (spec.routes[0]["strategy"].__name__, spec.routes[0]["strategy"].__module__) == ("Told", __name__)


def test_the_usual_backtest_is_not_changed_by_one_that_ran_late():
    signals = np.where(np.arange(BARS) % 7 == 0, 1.0, 0.0)
    spec = spec_of(told(signals), noise(2))
    before = [trade["opened_at"] for trade in spec.run().trades]
    with_late_entries(spec).run()
    assert [trade["opened_at"] for trade in spec.run().trades] == before


def test_a_strategy_of_a_project_is_found_by_its_name(tmp_path):
    folder = tmp_path / "strategies" / "Always"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "from livermore.strategies import Strategy\n"
        "class Always(Strategy):\n"
        "    def should_long(self): return True\n"
        "    def go_long(self): self.buy = 0.1, self.price\n"
        "    def update_position(self): self.liquidate()\n"
    )
    spec = spec_of("Always", noise(3), root=tmp_path)
    assert len(with_late_entries(spec).run().trades) > 100


class Notes:
    """A model that keeps the features that it is shown."""

    def __init__(self):
        self.seen = []

    def predict_proba(self, features):
        self.seen.append((features["bar"], features["told"]))
        return {0: 0.0, 1: 1.0}


def test_the_model_is_shown_the_features_of_the_bar_before():
    signals = np.where(np.arange(BARS) % 5 == 0, 1.0, 0.01 * (np.arange(BARS) % 7))
    usual, lagged = Notes(), Notes()
    spec = spec_of(told(signals), noise(4), ml_mode="deploy")
    spec.with_(model=usual).run()
    with_lagged_features(spec.with_(model=lagged)).run()
    asked = [int(bar) for bar, _ in usual.seen]
    assert lagged.seen[1:] == [(bar - 1, signals[bar - 1]) for bar in asked[1:]]
    assert lagged.seen[0] == usual.seen[0]


@pytest.mark.parametrize("seed", range(3))
def test_an_edge_from_the_next_bar_vanishes(seed):
    returns = noise(seed)
    next_return = np.append(returns[1:], 0.0) / 0.002
    assert vanishes(compared(told(next_return), returns))


@pytest.mark.parametrize("seed", range(3))
def test_an_edge_that_decays_does_not_vanish(seed):
    drift, returns = decaying(seed)
    found = compared(told(drift), returns)
    assert found.gross > 3 * found.error
    assert not vanishes(found)
    assert found.kept > 0.5


def test_noise_does_not_vanish():
    found = [compared(told(noise(100 + seed) / 0.002), noise(seed)) for seed in range(8)]
    assert not any(vanishes(one) for one in found)


def test_few_trades_decide_nothing():
    returns = noise(5)
    next_return = np.append(returns[1:], 0.0) / 0.002
    next_return[19 * 8 :] = 0.0
    found = compared(told(np.where(np.arange(BARS) % 8 == 0, next_return, 0.0)), returns)
    assert found.trades < 20
    assert not vanishes(found)


class Fragile(Told):
    """Fails where it acts at another bar than that of its signal."""

    told = np.where(np.arange(BARS) % 9 == 0, 1.0, 0.0)

    def go_long(self):
        if self.told[self.index] < 1:
            raise ValueError("no signal at this bar")
        super().go_long()


def test_a_strategy_that_fails_one_bar_late_is_no_failure_of_the_check():
    spec = spec_of(Fragile, noise(6))
    found = sanity_of(spec, spec.run(), with_model=False)
    assert "no signal at this bar" in found["late"]["entries"]["failed"]
    assert "so nothing is known" in found["text"]


def test_only_trades_after_the_training_count():
    signals = np.where(np.arange(BARS) % 5 == 0, 1.0, 0.0)
    spec = spec_of(told(signals), noise(7))
    result = spec.run()
    half = result.trades[len(result.trades) // 2]["opened_at"]
    found = sanity_of(spec, result, with_model=False, start=half)
    assert found["late"]["entries"]["trades"] == len(result.trades) - len(result.trades) // 2


def test_check_warns_of_an_edge_that_vanishes_and_reports_costs():
    returns = noise(8)
    spec = spec_of(told(np.append(returns[1:], 0.0) / 0.002), returns)
    found = check_strategy(None, CONFIG, spec.routes, [], spec.candles, cuts=1, days=20)
    assert found["checks"]["delay"] == "warning"
    assert [finding.severity for finding in found["findings"] if finding.check == "delay"] == ["warning"]
    assert "bp (95 % interval" in str(found)


@pytest.mark.parametrize(("sign", "said"), [(1, "The trades break even at costs of"), (-1, "lose even without costs")])
def test_a_negative_break_even_cost_is_told_as_a_loss_without_costs(sign, said):
    drift, returns = decaying(9)
    spec = spec_of(told(sign * drift), returns)
    assert said in sanity_of(spec, spec.run(), with_model=False)["text"]


def test_the_comparison_reports_whether_its_edge_can_be_traded():
    drift, returns = decaying(9)
    spec = spec_of(told(drift), returns)
    options = {"draws": 100, "resamples": 100, "verbose": False}
    arguments = (None, Notes(), CONFIG, spec.routes, [], spec.candles)
    found = compare_backtests(*arguments, **options)
    assert found["sanity"]["late"]["entries"]["kept"] > 0.5
    assert set(found["sanity"]["late"]) == {"entries", "features"}
    assert "Half of the fills" in str(found)
    assert "fees, slippage 10 bp" in found.to_html()
    without = compare_backtests(*arguments, **options, sanity=False)
    assert without["sanity"] is None
    assert "Half of the fills" not in str(without)
