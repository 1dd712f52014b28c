"""The three patterns without their state machines: observed, they record the same samples as by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import livermore.indicators as ta
from livermore.ml.labels import FixedHorizon, TradeOutcome, TripleBarrier
from livermore.research import gather_ml_data
from livermore.strategies import Strategy, load_strategies, state_of


def observe_trade(self: Any, features: dict[str, Any]) -> None:
    """Stands in for `record_features`: a signal whose entry never filled gives way to the next."""
    self.observe(features, label=TradeOutcome(name="win"), key="entry")


def leave_out(self: Any, order: Any, trade: Any) -> None:
    """Stands in for an `on_close_position` that labels."""


def observe_barriers(self: Any) -> None:
    """Stands in for a `before` that watches three barriers, one observation after another."""
    if not state_of(self).open_observations:
        reach = self.width * ta.atr(self.candles, 14)
        label = TripleBarrier(upper=reach, lower=reach, bars=self.horizon, unit="distance", on="close")
        self.observe(self.ml_features(), label=label)


def observe_horizon(self: Any) -> None:
    """Stands in for a `before` that waits for a window to end, one after another."""
    if not state_of(self).open_observations:
        self.observe(self.ml_features(), label=FixedHorizon(bars=self.horizon, name="log_return"))


PATTERNS: dict[str, dict[str, Callable[..., None]]] = {
    "close-label-walk": {"record_features": observe_trade, "on_close_position": leave_out},
    "triple-barrier-walk": {"before": observe_barriers},
    "triple-barrier-two-routes-walk": {"before": observe_barriers},
    "time-window-walk": {"before": observe_horizon},
}


@pytest.mark.parametrize("name", PATTERNS)
def test_observed_samples_are_those_recorded_by_hand(
    name: str, project: Path, inputs_of: Callable[[str], dict[str, Any]]
) -> None:
    inputs = inputs_of(name)
    by_hand = gather_ml_data(**inputs, csv_path=None, verbose=False)
    for route in inputs["routes"]:
        route["strategy"] = without_state_machine(route["strategy"], PATTERNS[name])
    observed = gather_ml_data(**inputs, csv_path=None, verbose=False)
    assert observed["backtest_metrics"] == by_hand["backtest_metrics"]
    assert [rounded(sample) for sample in observed["data_points"]] == [
        rounded(sample) for sample in by_hand["data_points"]
    ]


def without_state_machine(name: str, hooks: dict[str, Callable[..., None]]) -> type[Strategy]:
    return type(name, (load_strategies([name])[name],), dict(hooks))


def rounded(sample: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only an observation has, and round as `TimeWindow` does."""
    label = sample["label"]
    value = round(label["value"], 6) if isinstance(label["value"], float) else label["value"]
    rest = {key: sample[key] for key in sample.keys() - {"payoff", "key", "label"}}
    return rest | {"label": {"name": label["name"], "value": value, "type": type(value)}}
