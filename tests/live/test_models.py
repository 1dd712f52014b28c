"""The model of a live session: named with each prediction, and replaced only when that is asked for."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from livermore.engine import BacktestSpec
from livermore.errors import JournalError
from livermore.live import LiveSession, StoredFeed, check_parity
from livermore.live._journal import Journal
from livermore.strategies import Strategy


class Above:
    """Predicts a rise with a probability that depends on the last body."""

    def __init__(self, version: str, up: float) -> None:
        self.version = version
        self._up = up

    def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
        p = self._up if features["body"] > 0 else 1 - self._up
        return {0: 1 - p, 1: p}


class Predicting(Strategy):
    def ml_features(self) -> dict[str, float]:
        return {"body": self.close / self.open - 1}

    def should_long(self) -> bool:
        return self.ml_predict_proba()[1] > 0.5

    def go_long(self) -> None:
        self.buy = 1, self.price

    def update_position(self) -> None:
        self.liquidate()


@pytest.fixture
def spec(minutes: Any, spec_of: Any) -> BacktestSpec:
    made: BacktestSpec = spec_of({"BTC-USDT": Predicting}, {"BTC-USDT": minutes(3, 60)})
    return made.with_(ml_mode="deploy", model=Above("a", 0.6))


def run(spec: BacktestSpec, folder: Path, minutes: int, **options: Any) -> None:
    candles = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
    start = int(next(iter(candles.values()))[0, 0])
    with LiveSession(spec, StoredFeed(candles), folder, start=start, **options) as session:
        session.run(until=start + 60_000 * minutes)


def model_events(folder: Path) -> list[tuple[str, str]]:
    journal = Journal(folder / "journal.sqlite")
    events = [(event.kind, event.values["version"]) for _, event in journal.model_events()]
    journal.close()
    return events


def test_each_prediction_names_its_model_and_its_bar(tmp_path: Path, spec: BacktestSpec) -> None:
    run(spec, tmp_path / "s", 60)
    journal = Journal(tmp_path / "s" / "journal.sqlite")
    predictions = [e for m in journal.minutes() for e in m.events if e.kind == "prediction"]
    journal.close()
    assert len(predictions) > 20
    assert {event.values["version"] for event in predictions} == {"a"}
    assert all(1000 * event.values["bar"] == event.time - 60_000 for event in predictions)
    assert model_events(tmp_path / "s") == [("model", "a")]
    assert check_parity(tmp_path / "s", spec).is_equal


def test_a_restart_with_another_model_is_refused(tmp_path: Path, spec: BacktestSpec) -> None:
    run(spec, tmp_path / "s", 30)
    # It decides the same; only its version differs.
    with pytest.raises(JournalError, match=r"predicts with model a, and the folder has b\..*--take-over"):
        run(spec.with_(model=Above("b", 0.6)), tmp_path / "s", 60)
    run(spec, tmp_path / "s", 60)


def test_another_model_takes_over_when_asked_to_and_the_journal_says_so(tmp_path: Path, spec: BacktestSpec) -> None:
    run(spec, tmp_path / "s", 30)
    # It decides the opposite, so a replay that asked it about earlier minutes would differ.
    other = spec.with_(model=Above("b", 0.4))
    run(other, tmp_path / "s", 40, take_over=True)
    run(other, tmp_path / "s", 60)
    assert model_events(tmp_path / "s") == [("model", "a"), ("take_over", "b")]
    parity = check_parity(tmp_path / "s", other)
    assert parity.is_equal
    assert parity.take_overs == 1
    assert "another model took over 1 times" in str(parity)


def test_a_journal_of_an_earlier_release_gets_the_new_table(tmp_path: Path, spec: BacktestSpec) -> None:
    run(spec, tmp_path / "s", 5)
    with sqlite3.connect(tmp_path / "s" / "journal.sqlite") as connection:
        connection.execute("DROP TABLE model_events")
    connection.close()
    run(spec, tmp_path / "s", 10)
    assert model_events(tmp_path / "s") == [("model", "a")]
