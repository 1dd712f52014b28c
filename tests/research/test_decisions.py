"""The decisions of a comparison, which its chart of candles shows."""

import json
import re

import numpy as np
import pytest

from livermore.candles import synthetic_candles
from livermore.research import compare_backtests
from livermore.strategies import Strategy

CONFIG = {"starting_balance": 10_000, "fee": 0.0004, "exchange": "Sandbox", "warm_up_candles": 0}
CONFIG |= {"type": "futures", "futures_leverage": 1, "futures_leverage_mode": "cross"}
PLACE = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
ROUTES = [{**PLACE, "timeframe": "1h"}]
THRESHOLD = 0.6


class EveryFourth(Strategy):
    """Buys at every fourth bar, for two bars."""

    def ml_features(self):
        return {"bar": float(self.index)}

    def should_long(self):
        return self.index % 4 == 0 and (self.ml_mode == "gather" or self.ml_predict_proba()[1] >= THRESHOLD)

    def go_long(self):
        self.buy = 0.01, self.price

    def on_open_position(self, order):
        self.vars["opened"] = self.index

    def update_position(self):
        if self.index - self.vars["opened"] >= 2:
            self.liquidate()


class Long(EveryFourth):
    """Holds its position longer once the model is asked, so that signals of the baseline meet a position."""

    def update_position(self):
        if self.index - self.vars["opened"] >= (2 if self.ml_mode == "gather" else 6):
            self.liquidate()


class Alternating:
    """Says .3 and .7 by turns of signals."""

    def predict_proba(self, features):
        probability = 0.7 if features["bar"] % 8 == 0 else 0.3
        return {0: 1 - probability, 1: probability}


def compared(strategy, days=14, model=None):
    candles = {"Sandbox-BTC-USDT": {**PLACE, "candles": synthetic_candles(days * 1440, seed=3)}}
    options = {"draws": 100, "resamples": 100, "verbose": False, "sanity": False}
    return compare_backtests(strategy, model or Alternating(), CONFIG, ROUTES, [], candles, **options)


def figure_of(comparison):
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', comparison.to_html(), re.DOTALL)
    return json.loads(found[1])["candles_0"]


@pytest.fixture(scope="module")
def filtered():
    return compared(EveryFourth)


def test_every_signal_is_taken_or_refused(filtered):
    (found,) = filtered["decisions"]
    assert found["asked"] == filtered["baseline"]["trades"]
    assert found["taken"] == filtered["model"]["trades"]
    assert found["taken"] + found["refused"] == filtered["baseline"]["trades"]
    assert found["held"] == 0


def test_the_lowest_prediction_that_was_taken_is_found(filtered):
    assert filtered["decisions"][0]["lowest_taken"] == pytest.approx(0.7)


def test_no_threshold_is_claimed_where_decisions_have_another_rule():
    class Inverted(EveryFourth):
        def should_long(self):
            return self.index % 4 == 0 and (self.ml_mode == "gather" or self.ml_predict_proba()[1] < THRESHOLD)

    assert compared(Inverted)["decisions"][0]["lowest_taken"] is None


def test_signals_that_meet_a_position_are_not_called_refused():
    (found,) = compared(Long)["decisions"]
    assert found["held"] > 0
    assert found["refused"] == 0


def test_a_refused_signal_stands_on_the_bar_whose_prediction_refused_it(filtered):
    (found,) = filtered["decisions"]
    by_time = dict(zip(found["predictions"]["time"].tolist(), found["predictions"]["1"].tolist(), strict=True))
    assert {by_time[signal["opened"]] for signal in found["refused_signals"]} == {0.3}
    assert {by_time[trade["opened"]] for trade in found["trades"]} == {0.7}


def test_the_stretch_that_is_shown_is_bounded_and_said(filtered):
    (found,) = filtered["decisions"]
    assert len(found["candles"]) == 240 < found["bars"]
    low, high = found["candles"][0, 0], found["candles"][-1, 0]
    for name in ("trades", "refused_signals"):
        assert all(low <= row["opened"] <= high for row in found[name])
    assert "240 of 336 bars" in filtered.to_html()


def test_the_figure_is_small_and_draws_what_was_decided(filtered):
    figure = figure_of(filtered)
    assert len(json.dumps(figure)) < 80_000
    drawn = {trace.get("name"): trace for trace in figure["data"]}
    (found,) = filtered["decisions"]
    assert len(drawn["refused signals"]["x"]) == len(found["refused_signals"])
    assert len(drawn["long"]["x"]) == len(found["trades"])
    (line,) = figure["layout"]["shapes"]
    assert (line["yref"], line["y0"]) == ("y2", pytest.approx(0.7))


def test_a_regression_and_several_classes_have_their_own_lines():
    class Sized(EveryFourth):
        def should_long(self):
            return self.index % 4 == 0 and (self.ml_mode == "gather" or self.ml_predict() > 0)

    class Number:
        def predict(self, features):
            return features["bar"] % 8 - 2

    class Three:
        def predict_proba(self, features):
            return {-1: 0.2, 0: 0.1, 1: 0.7}

    assert set(compared(Sized, model=Number())["decisions"][0]["predictions"]) == {"time", "prediction"}
    comparison = compared(EveryFourth, model=Three())
    assert set(comparison["decisions"][0]["predictions"]) == {"time", "-1", "0", "1"}
    assert comparison["decisions"][0]["lowest_taken"] is None


def test_a_model_that_refuses_everything_leaves_a_chart():
    class Never:
        def predict_proba(self, features):
            return {0: 1.0, 1: 0.0}

    comparison = compared(EveryFourth, days=4, model=Never())
    (found,) = comparison["decisions"]
    assert (found["taken"], found["lowest_taken"]) == (0, None)
    assert found["refused"] == len(found["refused_signals"]) == comparison["baseline"]["trades"]
    assert np.isfinite(found["candles"]).all()
    assert "refused signals" in json.dumps(figure_of(comparison))


def test_a_strategy_that_asks_no_model_has_no_pane():
    class Deaf(EveryFourth):
        def should_long(self):
            return self.index % 4 == 0

    comparison = compared(Deaf, days=4)
    assert set(comparison["decisions"][0]["predictions"]) == {"time"}
    assert "yaxis2" not in figure_of(comparison)["layout"]
