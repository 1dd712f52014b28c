"""`compare_backtests`: what is compared with what, and what it dares to claim."""

import dataclasses
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from livermore.candles import synthetic_candles
from livermore.errors import ConfigError, DatasetError, StrategyError
from livermore.ml.evidence import Bets, compare_paired, match_bets
from livermore.research import compare_backtests, train_model
from livermore.strategies import Strategy

DAY = 86_400
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0004,
    "type": "futures",
    "futures_leverage": 1,
    "futures_leverage_mode": "cross",
    "exchange": "Sandbox",
    "warm_up_candles": 0,
}
ROUTES = [{"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "15m"}]
FIGURES = ("expectancy", "win_rate", "sharpe_ratio", "max_drawdown", "annual_return")


def entry(rows):
    return {"Sandbox-BTC-USDT": {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": rows}}


class Clockwork(Strategy):
    """Enters at every sixth bar; in deploy mode if the model lets it."""

    def ml_features(self):
        return {"minute": float(self.current_candle[0] // 60_000)}

    def should_long(self):
        return self.index % 6 == 0 and (self.ml_mode != "deploy" or self.ml_predict_proba()[1] >= 0.5)

    def go_long(self):
        self.buy = self.available_margin * 0.5 / self.price, self.price

    def on_open_position(self, order):
        self.stop_loss = self.position.qty, self.price * 0.99
        self.take_profit = self.position.qty, self.price * 1.012


class Observer(Clockwork):
    """Only observes while it gathers."""

    def should_long(self):
        return self.ml_mode == "deploy" and super().should_long()


class Idle(Clockwork):
    def should_long(self):
        return False


class Clairvoyant:
    """Knows the prices of an hour ahead."""

    def __init__(self, rows, sure=1.0):
        self.close = dict(zip((rows[:, 0] // 60_000).tolist(), rows[:, 2].tolist(), strict=True))
        self.random = np.random.default_rng(0)
        self.sure = sure

    def predict_proba(self, features):
        now, ahead = (self.close.get(features["minute"] + shift) for shift in (14, 240))
        rises = ahead is not None and ahead > now
        right = rises if self.random.random() < self.sure else not rises
        return {0: 1.0 - right, 1: float(right)}


class Blind:
    def __init__(self, passes=0.5):
        self.random = np.random.default_rng(1)
        self.passes = passes

    def predict_proba(self, features):
        probability = float(self.random.random() < self.passes)
        return {0: 1 - probability, 1: probability}


@pytest.fixture(scope="module")
def rows():
    return synthetic_candles(60 * 1440, seed=11)


def compare(rows, model, strategy=Clockwork, **options):
    options = {"draws": 300, "resamples": 200, "verbose": False} | options
    return compare_backtests(strategy, model, CONFIG, ROUTES, [], entry(rows), **options)


def test_a_model_that_knows_the_future_helps(rows):
    found = compare(rows, Clairvoyant(rows))
    assert found["verdict"]["helped"] == "yes"
    assert found["verdict"]["p_value"] < 0.02
    assert found["difference"]["expectancy"]["low"] > 0
    assert found["model"]["win_rate"] > found["baseline"]["win_rate"]


def test_a_model_that_is_always_wrong_does_not(rows):
    found = compare(rows, Clairvoyant(rows, sure=0.0))
    assert found["verdict"]["helped"] == "no"
    assert found["difference"]["expectancy"]["high"] < 0


def test_a_blind_model_cannot_be_told_from_chance(rows):
    found = compare(rows, Blind())
    assert found["verdict"]["helped"] == "cannot tell"


def test_the_shape_that_is_promised(rows):
    found = compare(rows, Blind())
    assert set(found["difference"]) == set(FIGURES)
    for name in FIGURES:
        assert set(found["difference"][name]) == {"value", "low", "high", "p_random"}
        assert found["difference"][name]["value"] == pytest.approx(found["model"][name] - found["baseline"][name])
        assert set(found["random"][name]) == {"mean", "low", "high"}
    assert set(found["verdict"]) == {"helped", "p_value", "trials", "text"}
    assert set(found["by"]) == {"month", "side", "symbol"}


def test_its_figures_agree_with_the_engines(rows):
    found = compare(rows, Blind())
    for side in ("baseline", "model"):
        engine = found[side]["metrics"]
        assert found[side]["trades"] == engine["total"]
        assert found[side]["fees"] == pytest.approx(engine["fee"])
        assert found[side]["win_rate"] == pytest.approx(engine["win_rate"])
    final = found["equity"]["without"][-1] * CONFIG["starting_balance"]
    assert final == pytest.approx(found["baseline"]["metrics"]["finishing_balance"], rel=0.01)


def test_groups_add_up(rows):
    found = compare(rows, Blind())
    for groups in found["by"].values():
        assert sum(group["n_baseline"] for group in groups) == found["baseline"]["trades"]
        assert sum(group["n_model"] for group in groups) == found["model"]["trades"]


def test_more_trials_need_more_evidence(rows):
    once, often = (compare(rows, Clairvoyant(rows, sure=0.6), trials=trials) for trials in (1, 50))
    assert often["verdict"]["p_value"] > once["verdict"]["p_value"]
    assert often["verdict"]["trials"] == 50


def test_it_can_be_repeated(rows):
    assert compare(rows, Blind())["difference"] == compare(rows, Blind())["difference"]


def test_a_model_that_passes_everything_changes_nothing(rows):
    found = compare(rows, Blind(passes=1.0))
    assert found["coverage"] == 1.0
    assert all(found["difference"][name]["value"] == 0 for name in FIGURES)
    assert found["verdict"]["helped"] == "no"
    assert "every trade" in found["verdict"]["text"]


def test_a_model_that_passes_nothing_tells_nothing(rows):
    found = compare(rows, Blind(passes=0.0))
    assert found["model"]["trades"] == 0
    assert found["verdict"]["helped"] == "cannot tell"
    assert "no trade" in found["verdict"]["text"]
    assert "no trade" in str(found)


def test_without_trades_there_is_nothing_to_compare(rows):
    with pytest.raises(StrategyError, match="Idle makes no trade in gather mode"):
        compare(rows, Blind(), Idle)
    with pytest.raises(StrategyError, match="Observer makes no trade in gather mode"):
        compare(rows, Blind(), Observer)


def test_what_is_no_model_is_refused(rows):
    with pytest.raises(ConfigError, match="model must be a folder"):
        compare(rows, 3.0)
    with pytest.raises(ConfigError, match="draws must be 100 or more"):
        compare(rows, Blind(), draws=5)


@pytest.fixture
def folder(tmp_path, rows):
    """A model folder whose training ends in the middle of the candles."""
    random = np.random.default_rng(0)
    times = (rows[::90, 0] / 1000)[:480]
    samples = [
        {
            "time": int(time),
            "features": {"minute": float(time // 60)},
            "label": {"name": "win", "value": bool(random.random() < 0.7)},
            "label_time": int(time) + 3_600,
        }
        for time in times
    ]
    target = tmp_path / "Observer"
    train_model(samples, LogisticRegression(), save_to=target, verbose=False, importance=False, impact=False)
    return target


@pytest.mark.filterwarnings("ignore::livermore.errors.LivermoreWarning")
def test_days_of_the_training_are_left_out(rows, folder):
    found = compare(rows, folder)
    first, last = found["interval"]
    assert rows[0, 0] / 1000 < first < last
    assert found["in_sample"]["interval"][1] == first
    assert found["baseline"]["trades"] + found["in_sample"]["n_baseline"] == found["baseline"]["metrics"]["total"]
    assert any("trained on" in note for note in found["notes"])


@pytest.mark.filterwarnings("ignore::livermore.errors.LivermoreWarning")
def test_on_nothing_but_days_of_the_training_it_claims_nothing(rows, folder):
    found = compare(rows[: 20 * 1440], folder)
    assert found["verdict"]["helped"] == "cannot tell"
    assert "trained on these days" in found["verdict"]["text"]


@pytest.mark.filterwarnings("ignore::livermore.errors.LivermoreWarning")
def test_the_ledger_counts_looks_once(rows, folder):
    assert compare(rows, folder)["verdict"]["trials"] == 1
    assert compare(rows, folder)["verdict"]["trials"] == 1
    assert compare(rows, folder, hyperparameters={"x": 1})["verdict"]["trials"] == 1
    assert compare(rows[:-1440], folder)["verdict"]["trials"] == 2


@pytest.mark.filterwarnings("ignore::livermore.errors.LivermoreWarning")
def test_a_strategy_that_only_observes_is_compared_with_itself_unfiltered(rows, folder):
    found = compare(rows, folder, Observer)
    assert found["baseline"]["trades"] > 0
    assert any("every signal passed" in note for note in found["notes"])


def test_text_and_page_show_the_same_figures(rows):
    found = compare(rows, Blind())
    assert len(repr(found)) < 400
    text, page = str(found), found.to_html()
    for name, spec, factor in (("expectancy", ".3f", 1), ("win_rate", ".1f", 100), ("sharpe_ratio", ".2f", 1)):
        value = format(factor * found["model"][name], spec)
        assert value in text
        assert value in page
    trusted = found["model"]["sharpe_evidence"]
    assert trusted["trials"] == found["verdict"]["trials"]
    assert trusted["text"].split(".")[0] in " ".join(text.split())


# --- The statistics ---------------------------------------------------------------------------------------------------


def bets(n, random, keep=None):
    opened = np.sort(random.integers(0, 200 * DAY, n))
    made = Bets(
        opened=opened,
        closed=opened + random.integers(60, DAY, n),
        value=random.normal(scale=0.01, size=n),
        exposure=random.uniform(0.1, 1.0, n),
        symbol=random.choice(["BTC-USDT", "ETH-USDT"], n),
        side=random.choice(["long", "short"], n),
    )
    return made if keep is None else (made, taken(made, keep(n)))


def taken(all_bets, rows):
    return Bets(**{field.name: getattr(all_bets, field.name)[rows] for field in dataclasses.fields(Bets)})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 120), st.floats(0.1, 1.0))
def test_matching_loses_no_bet(seed, n, share):
    random = np.random.default_rng(seed)
    without = bets(n, random)
    rows = np.flatnonzero(random.random(n) < share)
    kept, extra = taken(without, rows), bets(7, random)
    joined = Bets(
        **{
            field.name: np.concatenate([getattr(kept, field.name), getattr(extra, field.name)])
            for field in dataclasses.fields(Bets)
        }
    )
    pool = match_bets(without, joined)
    assert (pool.without > 0).sum() == n
    assert (pool.with_model > 0).sum() == len(rows) + 7
    assert pool.n_matched == len(rows)
    assert pool.n_only_model == 7
    assert pool.n_changed == 0
    assert np.all(np.diff(pool.opened) >= 0)
    np.testing.assert_allclose(pool.base * pool.multiple, pool.with_model)


def test_random_filters_keep_coverage_and_sizes():
    from livermore.ml.evidence import _paired

    random = np.random.default_rng(0)
    multiple = random.choice([0.0, 0.5, 2.0], 90)
    for _ in range(50):
        dealt = multiple[_paired._permuted(90, random)]
        assert sorted(dealt) == sorted(multiple)


def test_random_filters_keep_the_moods():
    from livermore.ml.evidence import _paired

    random = np.random.default_rng(0)
    regimes = np.repeat(random.random(20) < 0.5, 10)
    changes = np.count_nonzero(np.diff(regimes))
    for _ in range(50):
        assert abs(np.count_nonzero(np.diff(regimes[_paired._permuted(200, random)])) - changes) <= 4


def test_costs_of_size_are_weighted():
    opened = np.array([0, DAY])
    sides = {"symbol": np.full(2, "A-B"), "side": np.full(2, "long")}
    side = Bets(
        opened=opened, closed=opened + 60, value=np.array([0.01, -0.01]), exposure=np.array([3.0, 1.0]), **sides
    )
    found = compare_paired(match_bets(side, side), start=0, end=2 * DAY, n_draws=100, n_resamples=100)
    assert found.without["expectancy"] == pytest.approx(0.5)
    assert found.without["win_rate"] == 0.5


def test_drawdown_and_return_of_a_known_account():
    opened = np.arange(3) * DAY
    side = Bets(
        opened=opened,
        closed=opened + 60,
        value=np.array([0.1, -0.2, 0.1]),
        exposure=np.ones(3),
        symbol=np.full(3, "A-B"),
        side=np.full(3, "long"),
    )
    found = compare_paired(match_bets(side, side), start=0, end=3 * DAY, n_draws=100, n_resamples=100)
    assert found.without["max_drawdown"] == pytest.approx(-20)
    assert found.equity["without"][-1] == pytest.approx(1.1 * 0.8 * 1.1)


@pytest.mark.parametrize("days", [8, 29, 30, 60])
def test_figures_per_year_need_thirty_days_and_stay_within_their_range(days):
    random = np.random.default_rng(days)
    opened = np.sort(random.integers(0, (days - 1) * DAY, 60))
    every = Bets(
        opened=opened,
        closed=opened + 3_600,
        value=random.normal(-0.02, 0.05, 60),
        exposure=np.ones(60),
        symbol=np.full(60, "A-B"),
        side=np.full(60, "long"),
    )
    found = compare_paired(
        match_bets(every, taken(every, np.flatnonzero(random.random(60) < 0.5))),
        start=0,
        end=days * DAY,
        n_draws=100,
        n_resamples=200,
    )
    for name in ("sharpe_ratio", "annual_return"):
        assert math.isnan(found.with_model[name]) == math.isnan(found.difference[name]["value"]) == (days < 30)
        assert math.isnan(found.difference[name]["low"]) == (days < 30)
    ranges = {"win_rate": (0, 1), "max_drawdown": (-100, 0), "annual_return": (-100, math.inf)}
    for name, (least, most) in ranges.items():
        low, high = (found.without[name] + found.difference[name][end] for end in ("low", "high"))
        assert math.isnan(low) or least - 1e-9 <= low <= high <= most + 1e-9


def test_the_report_names_its_setting_and_says_that_it_is_short(rows):
    found = compare(rows[: 20 * 1440], Blind())
    text = str(found)
    assert found["setting"]["markets"]
    for title in ("Exchange", "Symbol", "Timeframe", "Fee", "Leverage", "Made"):
        assert f"\n  {title:<28}" in text
    assert "fewer than 30 days are not extrapolated" in " ".join(text.split())
    assert "nan" not in text


def test_nothing_to_compare_with_is_refused():
    empty = taken(bets(3, np.random.default_rng(0)), np.array([], dtype=int))
    with pytest.raises(DatasetError, match="no bet was placed without the model"):
        compare_paired(match_bets(empty, empty), start=0, end=DAY)
    with pytest.raises(DatasetError, match="one shape"):
        Bets(**{field.name: np.zeros(k + 1) for k, field in enumerate(dataclasses.fields(Bets))})


# --- Honesty ----------------------------------------------------------------------------------------------------------


def simulation():
    path = Path(__file__).parents[2] / "benchmarks" / "compare_honesty.py"
    spec = importlib.util.spec_from_file_location("compare_honesty", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.slow
def test_without_edge_it_claims_help_in_at_most_one_of_twenty():
    honesty = simulation()
    found = [
        honesty.judged(honesty.simulated(*honesty.SETTINGS[seed % 6], 0.0, seed), 1, seed).helped for seed in range(200)
    ]
    assert found.count("yes") <= 10


@pytest.mark.slow
def test_an_edge_is_seen():
    honesty = simulation()
    found = honesty.verdicts(honesty.SETTINGS[2], 0.3, 30)
    assert found.count("yes") >= 24


@pytest.mark.slow
def test_the_best_of_ten_models_without_edge_is_seen_through():
    honesty = simulation()
    found = honesty.best_of_ten(honesty.SETTINGS[0], 20, trials=10)
    assert found.count("yes") <= 3
