"""The same strategies on the same candles record the same samples as in Jesse.

Jesse stamps a sample when it opens and never again. Where an entry does not fill and features are recorded again, its
time is that of the first attempt; ours is that of the features. `CloseLabel` is such a strategy: its feature
``bar_day`` says which bar its features are of, so its times are held against that, and must not lie before Jesse's. All
other times are equal.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gather_cases import CASES

from livermore.research import gather_ml_data, load_ml_data_csv

SECONDS_PER_DAY = 86_400
STALE = "CloseLabel"


@pytest.mark.parametrize("name", CASES)
def test_samples_equal_those_of_jesse(
    name: str,
    project: Path,
    inputs_of: Callable[[str], dict[str, Any]],
    jesse_samples: Callable[[str], dict[str, Any]],
) -> None:
    result = gather_ml_data(**inputs_of(name), csv_path=None, verbose=False)
    expected = jesse_samples(name)
    for symbol in CASES[name]["candles"]:
        theirs = [point for point in expected["data_points"] if point["symbol"] == symbol]
        ours = [point for point in result["data_points"] if point.get("symbol", symbol) == symbol]
        assert len(ours) == len(theirs) > 0
        check_labels(ours, theirs)
        check_features(ours, theirs)
        check_times(ours, theirs, stale=CASES[name]["strategy"] == STALE)
    check_metrics(result["backtest_metrics"], expected["metrics"])


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith("-walk") and "two-routes" not in name])
def test_samples_survive_the_csv(name: str, project: Path, inputs_of: Callable[[str], dict[str, Any]]) -> None:
    gathered = gather_ml_data(**inputs_of(name), verbose=False)["data_points"]
    strategy = CASES[name]["strategy"]
    reloaded = load_ml_data_csv(strategy)
    assert (project / "strategies" / strategy / "ml_data" / f"{strategy}_data.csv").exists()
    in_order = sorted(gathered, key=lambda point: point["time"])
    assert [point["time"] for point in reloaded] == [point["time"] for point in in_order]
    assert [point["label"] for point in reloaded] == [point["label"] for point in in_order]
    assert [type(point["label"]["value"]) for point in reloaded] == [type(p["label"]["value"]) for p in in_order]
    for ours, theirs in zip(reloaded, in_order, strict=True):
        assert ours["features"] == {key: float(value) for key, value in theirs["features"].items()}


def check_labels(ours: list[dict], theirs: list[dict]) -> None:
    assert {point["label"]["name"] for point in ours} == {theirs[0]["label"]["name"]}
    values, jesse_values = ([point["label"]["value"] for point in points] for points in (ours, theirs))
    assert {type(value) for value in values} == {type(jesse_values[0])}
    if isinstance(values[0], float):
        np.testing.assert_allclose(values, jesse_values, rtol=1e-9, atol=1e-13)
    else:
        assert values == jesse_values


def check_features(ours: list[dict], theirs: list[dict]) -> None:
    names = sorted(theirs[0]["features"])
    for point in ours:
        assert sorted(point["features"]) == names
    tables = [
        np.array([[float(point["features"][key]) for key in names] for point in points]) for points in (ours, theirs)
    ]
    np.testing.assert_allclose(*tables, rtol=1e-9, atol=1e-13)


def check_times(ours: list[dict], theirs: list[dict], *, stale: bool) -> None:
    times, jesse_times = ([point["time"] for point in points] for points in (ours, theirs))
    if not stale:
        assert times == jesse_times
        return
    assert times == [round(point["features"]["bar_day"] * SECONDS_PER_DAY) for point in ours]
    assert all(time >= jesse for time, jesse in zip(times, jesse_times, strict=True))
    # The fault is really there, else this would test nothing.
    assert times != jesse_times


def check_metrics(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours.keys() == theirs.keys()
    for key in ours.keys() - {"serenity_index"}:
        one, other = ours[key], theirs[key]
        assert (math.isnan(one) and math.isnan(other)) or one == pytest.approx(other, rel=1e-9, abs=1e-9), key
