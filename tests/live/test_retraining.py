"""Retraining in service: in another process, and its model takes over only if it is shown to predict."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from tests.live import turning_market
from tests.live.turning_market import START

from livermore.engine import BacktestSpec
from livermore.errors import ConfigError, EstimatorError
from livermore.live import LiveSession, ManualClock, ModelWatch, Retraining, RowsFeed, check_parity, session_view
from livermore.ml.dataset import Dataset
from livermore.ml.schedule import RetrainSchedule

MINUTE = 60_000


class Half:
    """Knows nothing: never enters."""

    version = "half"

    def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
        return {0: 0.5, 1: 0.5}


class Follower(turning_market.Follower):
    """The same with the volume, and only if the model is surer."""

    def ml_features(self) -> dict[str, float]:
        return {"volume": self.volume}

    def should_long(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] > 0.6

    def update_position(self) -> None:
        self.liquidate()


def market(n: int, share: float) -> np.ndarray:
    """Candles that rise after one of much volume, and fall after one of little, with a probability."""
    draw = np.random.default_rng(1)
    volume = draw.uniform(1, 9, n)
    signs = np.r_[1, np.sign(volume[:-1] - 5)] * np.where(draw.random(n) < share, 1, -1)
    close = 100 * np.exp(np.cumsum(signs * draw.uniform(0.0005, 0.0015, n)))
    opening = np.r_[100.0, close[:-1]]
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    return np.column_stack([START + 60_000.0 * np.arange(n), opening, close, high, low, volume])


def spec_for(spec_of: Any, rows: np.ndarray) -> BacktestSpec:
    made: BacktestSpec = spec_of({"BTC-USDT": Follower}, {"BTC-USDT": rows}, fee=0.0)
    return made.with_(ml_mode="deploy", model=Half())


def retraining(estimator: Any = None, **options: Any) -> Retraining:
    schedule = RetrainSchedule(every=timedelta(hours=8), min_samples=options.pop("min_samples", 200))
    return Retraining(schedule=schedule, estimator=estimator or LogisticRegression(), **options)


def feed(rows: np.ndarray, clock: ManualClock, sessions: list[LiveSession]) -> RowsFeed:
    """Minutes, of which the next comes when the training that runs has ended."""

    def fed() -> Iterator[dict[str, np.ndarray]]:
        for row in rows:
            process = sessions[0]._retrain_service._process if sessions and sessions[0]._retrain_service else None
            if process is not None:
                process.wait(300)
            clock.sleep_until(int(row[0]) + MINUTE)
            yield {"BTC-USDT": row}

    return RowsFeed(fed(), clock=clock)


def run(spec: BacktestSpec, rows: np.ndarray, folder: Path, **options: Any) -> list[Any]:
    """Run a session over rows; return its events of trainings and of models."""
    events: list[Any] = []
    sessions: list[LiveSession] = []
    clock = ManualClock(int(rows[0, 0]))
    given = {"start": START, "on_event": events.append, **options}
    with LiveSession(spec, feed(rows, clock, sessions), folder, **given) as session:
        sessions.append(session)
        session.run()
    return [event for event in events if event.kind in ("retraining", "take_over", "model", "alarm")]


@pytest.mark.slow
def test_a_model_that_predicts_takes_over_and_stays_over_restarts(spec_of: Any, tmp_path: Path) -> None:
    rows = market(1100, 0.75)
    spec = spec_for(spec_of, rows)
    folder = tmp_path / "s"
    first = run(spec, rows[:600], folder, retrain=retraining())
    assert [event.kind for event in first] == ["model", "retraining", "take_over"]
    trained = first[1].values
    assert (trained["outcome"], trained["at"]) == ("accepted", START // 1000 + 8 * 3600)
    # Samples that were not labelled by then were not used.
    assert trained["samples"] == 479
    assert first[2].values["hash"] == trained["hash"]
    # The journal's session goes on with the model that it trained, with and without further trainings.
    second = run(spec, rows[600:700], folder)
    assert second == []
    view = session_view(folder)
    assert [model.hash for model in view.models] == [trained["hash"]]
    assert view.routes[0].trades > 20
    third = run(spec, rows[700:], folder, retrain=retraining())
    assert [event.values["outcome"] for event in third if event.kind == "retraining"] == ["accepted"]
    parity = check_parity(folder, spec)
    assert parity.is_equal, str(parity)
    assert parity.take_overs == 2
    # Its monitor knew the training at once.
    with LiveSession(spec, RowsFeed([]), folder, model_watch=ModelWatch(on_alarm="warn")) as session:
        (model,) = session.status()["models"]
    assert model["reference"] == "given"


@pytest.mark.slow
def test_a_model_that_is_not_shown_to_predict_does_not_take_over(spec_of: Any, tmp_path: Path) -> None:
    rows = market(520, 0.5)
    events = run(spec_for(spec_of, rows), rows, tmp_path / "s", retrain=retraining())
    assert [event.kind for event in events] == ["model", "retraining"]
    assert events[1].values["outcome"] == "refused"
    assert "not 'yes'" in events[1].values["reason"]


def test_a_training_that_raises_leaves_the_old_model_in_force_and_says_so(spec_of: Any, tmp_path: Path) -> None:
    """Complaint 5."""
    rows = market(500, 0.75)
    events = run(spec_for(spec_of, rows), rows, tmp_path / "s", retrain=retraining(LogisticRegression(C=-1)))
    assert [event.kind for event in events] == ["model", "retraining"]
    assert events[1].values["outcome"] == "failed"
    assert "C" in events[1].values["reason"]
    assert session_view(tmp_path / "s").models[0].version == "half"
    assert check_parity(tmp_path / "s", spec_for(spec_of, rows)).is_equal


def test_a_training_with_too_few_samples_is_skipped(spec_of: Any, tmp_path: Path) -> None:
    rows = market(490, 0.75)
    events = run(spec_for(spec_of, rows), rows, tmp_path / "s", retrain=retraining(min_samples=5_000))
    assert events[1].values["outcome"] == "skipped"
    assert events[1].values["reason"] == "fewer than 5000 labels were known by then"


def test_a_training_that_is_killed_counts_as_failed(spec_of: Any, tmp_path: Path) -> None:
    rows = market(500, 0.75)
    spec = spec_for(spec_of, rows)
    events: list[Any] = []
    sessions: list[LiveSession] = []
    clock = ManualClock(START)

    def fed() -> Iterator[dict[str, np.ndarray]]:
        for row in rows:
            process = sessions[0]._retrain_service._process  # type: ignore[union-attr]  # there is one
            if process is not None:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            clock.sleep_until(int(row[0]) + MINUTE)
            yield {"BTC-USDT": row}

    options = {"start": START, "on_event": events.append, "retrain": retraining()}
    with LiveSession(spec, RowsFeed(fed(), clock=clock), tmp_path / "s", **options) as session:
        sessions.append(session)
        session.run()
    (ended,) = [event for event in events if event.kind == "retraining"]
    assert ended.values["outcome"] == "failed"
    assert ended.values["reason"] == "it was ended by signal 9"


def test_a_session_that_ends_ends_its_training(spec_of: Any, tmp_path: Path) -> None:
    rows = market(481, 0.75)
    clock = ManualClock(START)
    spec = spec_for(spec_of, rows)
    feed = RowsFeed(({"BTC-USDT": row} for row in rows), clock=clock)
    clock.sleep_until(START + 481 * MINUTE)
    with LiveSession(spec, feed, tmp_path / "s", start=START, retrain=retraining(), max_age_ms=10**9) as session:
        session.run()
        service = session._retrain_service
        assert service is not None
        process = service._process
        assert process is not None
        assert service.next_due == START // 1000 + 8 * 3600
    assert process.poll() is not None


def test_bad_settings_are_refused_before_the_session_starts(spec_of: Any, tmp_path: Path) -> None:
    rows = market(10, 0.75)
    with pytest.raises(ConfigError, match="one of Follower; it says 'Other'"):
        run(spec_for(spec_of, rows), rows, tmp_path / "s", retrain=retraining(strategy="Other"))
    with pytest.raises(EstimatorError):
        retraining(object())
    with pytest.raises(ConfigError, match="RetrainSchedule"):
        Retraining(schedule="weekly", estimator=LogisticRegression())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="patience_s"):
        retraining(patience_s=0)


def test_samples_from_before_the_session_are_used_and_those_of_its_own_days_are_not_taken_twice(tmp_path: Path) -> None:
    from livermore.live import _retrain_process as process

    class Setting:
        def setting(self) -> dict[str, Any]:
            return {"start": 2_000_000, "routes": [{"symbol": "A-B", "strategy": "S"}]}

        def model_events(self) -> list[Any]:
            return []

    def sample(time: int) -> dict[str, Any]:
        label = {"name": "up", "value": time % 2}
        return {"time": time, "features": {"x": float(time)}, "label": label, "label_time": time + 60, "symbol": "A-B"}

    history = Dataset.from_samples([sample(time) for time in (1000, 1060, 1999, 2000, 3000)])
    job = process.TrainingJob("", "S", None, "binary", RetrainSchedule(every=timedelta(days=1)), history, 0, "", 1, 0)
    assert process._joined(Setting(), job).time.tolist() == [1000, 1060, 1999]  # type: ignore[arg-type]  # is enough
