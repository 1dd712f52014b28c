"""Observed samples on their way: gathered from several routes, saved, read back, and trained on with purging."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from livermore import Strategy
from livermore.candles import synthetic_candles
from livermore.errors import NoSamplesError
from livermore.ml.labels import TripleBarrier
from livermore.research import gather_ml_data, load_ml_data_csv, train_model

EXCHANGE, BTC, ETH = "Sandbox", "BTC-USDT", "ETH-USDT"
DAYS, BARS = 6, 6 * 96
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0006,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 0,
}
Gather = Callable[..., dict[str, Any]]


class Barriers(Strategy):
    """Observes every other bar for twelve bars, so that six overlap."""

    label = TripleBarrier(upper=0.01, lower=0.01, bars=12, unit="fraction", vertical="sign", fee=0.0006)

    def before(self) -> None:
        if self.index % 2 == 0 and self.index >= 4:
            rising = self.close > self.open
            self.observe(self.ml_features(), label=self.label, side="long" if rising else "short")

    def ml_features(self) -> dict[str, Any]:
        close = self.candles[:, 2]
        return {"momentum": close[-1] / close[-4] - 1, "body": self.close / self.open - 1}

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


class Patient(Barriers):
    """Waits for longer than the run lasts."""

    label = TripleBarrier(upper=10.0, lower=0.99, bars=10_000, unit="fraction")


@pytest.fixture
def gather(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gather:
    """Gather from two routes in an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def run(strategy: type[Strategy] = Barriers, **more: Any) -> dict[str, Any]:
        route = {"exchange": EXCHANGE, "timeframe": "15m", "strategy": strategy}
        candles = {
            symbol: {"exchange": EXCHANGE, "symbol": symbol, "candles": synthetic_candles(DAYS * 1440, seed=seed)}
            for seed, symbol in enumerate((BTC, ETH))
        }
        return gather_ml_data(CONFIG, [{**route, "symbol": symbol} for symbol in (BTC, ETH)], [], candles, **more)

    return run


def test_what_is_open_at_the_end_is_reported_and_not_labelled(
    gather: Gather, capsys: pytest.CaptureFixture[str]
) -> None:
    points = gather()["data_points"]
    observed = 2 * len(range(4, BARS, 2))
    still_open = observed - len(points)
    assert 0 < still_open <= 12
    assert re.search(rf"Left open, not labelled\s+{still_open}\n", capsys.readouterr().out)


def test_nothing_but_open_observations_says_so(gather: Gather) -> None:
    with pytest.raises(NoSamplesError, match=rf"observe left {2 * len(range(4, BARS, 2))} samples open at the end"):
        gather(Patient)


def test_samples_survive_the_files(gather: Gather) -> None:
    points = gather(verbose=False)["data_points"]
    read = load_ml_data_csv("Barriers")
    assert len(read) == len(points)
    for ours, theirs in zip(read, sorted(points, key=lambda point: point["time"]), strict=True):
        for key in ("time", "features", "label", "label_time", "exchange", "symbol", "timeframe", "payoff", "side"):
            assert ours[key] == theirs[key], key


def test_training_purges_what_overlaps_the_test_side(gather: Gather) -> None:
    points = gather(verbose=False)["data_points"]
    result = train_model(points, LogisticRegression(), verbose=False, evidence=False)
    info = result["train_test_info"]
    in_order = sorted(points, key=lambda point: point["time"])
    first_test = in_order[len(in_order) - info["test_size"]]["time"]
    train = in_order[: len(in_order) - info["test_size"]]
    overlapping = sum(point["label_time"] > first_test for point in train)
    assert overlapping > 5
    assert info["train_size"] == len(train) - overlapping
