"""What users of live trading complain of most, by the numbers of the list that this package was designed with.

1 is in `test_parity` and `test_session`; 4 in `test_exchange_session`; 5 in `test_retraining`, and its lock in
`test_session`; 6 in `test_view`; 7 and 9 in `test_model_service`; 10 is measured by ``benchmarks/live.py``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.engine import BacktestSpec
from livermore.live import LiveSession, ManualClock, RowsFeed, StoredFeed
from livermore.live._journal import open_journal
from livermore.strategies import Strategy

MINUTE = 60_000


class Share:
    """Says with what probability the next bar rises, from two indicators."""

    version = "share"

    def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
        p = 1 / (1 + np.exp(-100 * features["trend"] - features["strength"] / 100))
        return {0: 1 - p, 1: p}


class Predicting(Strategy):
    """Asks the model on each bar, and trades by it; in gather mode records each bar's features and next move."""

    def ml_features(self) -> dict[str, float]:
        return {
            "trend": ta.ema(self.candles, 10) / ta.ema(self.candles, 30) - 1,
            "strength": ta.rsi(self.candles, 14),
        }

    def before(self) -> None:
        if self.ml_mode == "gather":
            if self.index > 0:
                self.record_label("rise", self.close > self.open)
            self.record_features(self.ml_features())
        else:
            self.p = self.ml_predict_proba()[1]

    def should_long(self) -> bool:
        return self.ml_mode == "gather" or self.p > 0.5

    def go_long(self) -> None:
        self.buy = 1, self.price

    def update_position(self) -> None:
        self.liquidate()


@pytest.fixture(scope="module")
def rows(minutes: Any) -> np.ndarray:
    made: np.ndarray = minutes(5, 1200)
    return made


@pytest.fixture(scope="module")
def spec(rows: np.ndarray, spec_of: Any) -> BacktestSpec:
    """On bars of 5 minutes; the first 300 minutes are the warm-up of 60 bars."""
    made: BacktestSpec = spec_of({"BTC-USDT": Predicting}, {"BTC-USDT": rows}, "5m", 300, warm_up_candles=60)
    return made.with_(ml_mode="deploy", model=Share())


def run(spec: BacktestSpec, rows: np.ndarray, folder: Path, **options: Any) -> None:
    with LiveSession(spec, StoredFeed({"BTC-USDT": rows}), folder, start=int(rows[0, 0]), **options) as session:
        session.run()


def predictions(folder: Path) -> dict[int, dict[str, Any]]:
    """By the opening time of the bar, UTC s."""
    with open_journal(folder) as journal:
        events = journal.events_of(("prediction",), "BTC-USDT")
    return {event.values["bar"]: event.values for event in events}


def test_02_after_three_hours_off_the_predictions_are_those_of_a_session_that_never_stopped(
    spec: BacktestSpec, rows: np.ndarray, tmp_path: Path
) -> None:
    live = rows[300:]
    run(spec, live, tmp_path / "always")
    clock = ManualClock(int(live[0, 0]))

    def fed(part: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
        for row in part:
            clock.sleep_until(int(row[0]) + MINUTE)
            yield {"BTC-USDT": row}

    with LiveSession(spec, RowsFeed(fed(live[:400]), clock=clock), tmp_path / "s", start=int(live[0, 0])) as session:
        session.run()
    clock.advance(180 * MINUTE)
    with LiveSession(spec, RowsFeed(fed(live[400:]), clock=clock), tmp_path / "s") as session:
        session.run()
    assert predictions(tmp_path / "s") == predictions(tmp_path / "always")
    with open_journal(tmp_path / "s") as journal:
        closed = sum(len(block.times) for block in journal.blocks() if not block.entries_allowed)
        notes = [text for _, text in journal.notes()]
    # The minutes that were missed are marked: nothing was opened in them, and a note says why.
    assert 175 <= closed <= 180
    assert any("nothing is opened: the candles of" in text for text in notes)
    assert notes[-1] == "entries are allowed"


def test_03_features_of_predictions_are_those_that_gathering_records(
    spec: BacktestSpec, rows: np.ndarray, tmp_path: Path
) -> None:
    run(spec, rows[300:], tmp_path / "s")
    found = predictions(tmp_path / "s")
    gathered = {s["time"]: s["features"] for s in spec.with_(ml_mode="gather").run().data_points}
    assert len(gathered) > 150
    for time, features in gathered.items():
        assert found[time]["features"] == features


def test_08_what_was_decided_does_not_depend_on_how_long_the_session_went_on(
    spec: BacktestSpec, rows: np.ndarray, tmp_path: Path
) -> None:
    run(spec, rows[300:800], tmp_path / "short")
    run(spec, rows[300:], tmp_path / "long")
    events = []
    for name in ("short", "long"):
        with open_journal(tmp_path / name) as journal:
            events.append([event for m in list(journal.minutes())[:500] for event in m.events])
    short, long = ([(e.time, e.kind, e.data.replace("long", "short")) for e in part] for part in events)
    assert len(short) > 300
    assert short == long


def test_11_the_first_decision_is_that_of_a_session_that_began_long_before(
    spec: BacktestSpec, rows: np.ndarray, spec_of: Any, tmp_path: Path
) -> None:
    run(spec, rows[300:], tmp_path / "early")
    late = spec_of({"BTC-USDT": Predicting}, {"BTC-USDT": rows}, "5m", 900, warm_up_candles=60)
    run(late.with_(ml_mode="deploy", model=Share()), rows[900:], tmp_path / "late")
    early, found = predictions(tmp_path / "early"), predictions(tmp_path / "late")
    assert len(found) == 60
    assert found == {bar: early[bar] for bar in found}
