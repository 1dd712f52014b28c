"""The model in service: predictions joined to labels, alarms, and what they and losses do to entries."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.turning_market import START, Follower, Persistence, candles

from livermore.engine import BacktestSpec
from livermore.errors import ConfigError, NoSamplesError
from livermore.live import LiveSession, ModelWatch, StoredFeed, check_parity, live_samples
from livermore.live._daily_loss import DailyLoss
from livermore.live._journal import Journal
from livermore.ml.dataset import read_samples
from livermore.ml.labels import FixedHorizon
from livermore.strategies import Strategy

FLIP = 700


class Observing(Follower):
    """Predicts a return, and observes each bar for five bars: five samples wait for their label at once."""

    label = FixedHorizon(5)

    def before(self) -> None:
        self.observe(self.ml_features, label=self.label)

    def should_long(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict() > 0

    def update_position(self) -> None:
        self.liquidate()


class Returns:
    """Predicts that half of the last body comes again."""

    def predict(self, features: dict[str, float]) -> float:
        return features["body"] / 2


@pytest.fixture
def spec(spec_of: Any) -> Any:
    def make(flip: int, n: int = 1200, seed: int = 1, strategy: type[Strategy] = Follower) -> BacktestSpec:
        made: BacktestSpec = spec_of({"BTC-USDT": strategy}, {"BTC-USDT": candles(n, flip, seed=seed)}, fee=0)
        return made.with_(ml_mode="deploy", model=Persistence())

    return make


def run(spec: BacktestSpec, folder: Path, until: int | None = None, **options: Any) -> dict[str, Any]:
    candles = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
    with LiveSession(spec, StoredFeed(candles), folder, start=START, **options) as session:
        session.run(until=None if until is None else START + 60_000 * until)
        return dict(session.status())


def events_of(folder: Path, kind: str) -> list[tuple[int, dict[str, Any]]]:
    journal = Journal(folder / "journal.sqlite")
    found = [((minute - START) // 60_000, e.values) for minute, e in journal.model_events() if e.kind == kind]
    journal.close()
    return found


def open_minutes(folder: Path) -> list[bool]:
    journal = Journal(folder / "journal.sqlite")
    found = [minute.entries_allowed for minute in journal.minutes()]
    journal.close()
    return found


def test_a_market_that_turns_round_raises_an_alarm_and_nothing_is_opened_after_it(tmp_path: Path, spec: Any) -> None:
    status = run(spec(FLIP), tmp_path / "s", model_watch=ModelWatch())
    alarms = events_of(tmp_path / "s", "alarm")
    minute, first = alarms[0]
    assert FLIP < minute < FLIP + 200
    assert first["question"] in ("calibration", "skill")
    assert first["level"] == 0.05
    allowed = open_minutes(tmp_path / "s")
    assert all(allowed[: minute + 1])
    assert not any(allowed[minute + 1 :])
    assert status["entries"].startswith("alarms about models: BTC-USDT calibration")
    assert status["positions"] == {"BTC-USDT": 0}
    assert check_parity(tmp_path / "s", spec(FLIP)).is_equal


def test_a_market_that_stays_as_it_is_raises_none_and_the_session_equals_the_backtest(
    tmp_path: Path, spec: Any
) -> None:
    steady = spec(flip=10_000)
    status = run(steady, tmp_path / "s", model_watch=ModelWatch())
    assert events_of(tmp_path / "s", "alarm") == []
    assert events_of(tmp_path / "s", "watch_ended") == []
    parity = check_parity(tmp_path / "s", steady)
    assert parity.is_equal
    assert "replay and backtest" in str(parity)
    (model,) = status["models"]
    assert model["labels"] > 1000
    assert model["reference"] == "the first 200 labelled predictions"
    assert {"skill", "calibration", "drift: body", "odd inputs"} == set(model["e_values"])


def test_a_warning_closes_nothing(tmp_path: Path, spec: Any) -> None:
    run(spec(FLIP), tmp_path / "s", model_watch=ModelWatch(on_alarm="warn"))
    assert events_of(tmp_path / "s", "alarm")
    assert all(open_minutes(tmp_path / "s"))


def test_what_is_known_of_a_model_is_rebuilt_after_a_stop(tmp_path: Path, spec: Any) -> None:
    whole = run(spec(FLIP), tmp_path / "whole", model_watch=ModelWatch())
    for until in (333, 760, None):
        stopped = run(spec(FLIP), tmp_path / "s", until, model_watch=ModelWatch())
    assert stopped["models"] == whole["models"]
    assert events_of(tmp_path / "s", "alarm") == events_of(tmp_path / "whole", "alarm")
    assert events_of(tmp_path / "s", "label") == events_of(tmp_path / "whole", "label")


def test_a_session_that_was_not_watched_gets_its_labels_when_it_is(tmp_path: Path, spec: Any) -> None:
    run(spec(10_000, n=100), tmp_path / "s", 50)
    run(spec(10_000, n=100), tmp_path / "s", model_watch=ModelWatch())
    assert len(events_of(tmp_path / "s", "label")) == 99


def test_the_samples_are_those_that_gathering_gives(tmp_path: Path, spec: Any) -> None:
    small = spec(10_000, n=200)
    run(small, tmp_path / "s", model_watch=ModelWatch())
    path = live_samples(tmp_path / "s")["Follower"]
    gathered = small.with_(ml_mode="gather").run().data_points
    assert read_samples(path) == gathered


def test_returns_that_are_observed_are_watched_as_well(tmp_path: Path, spec: Any) -> None:
    steady = spec(10_000, n=500, strategy=Observing).with_(model=Returns())
    status = run(steady, tmp_path / "s", model_watch=ModelWatch(chains=5, reference_samples=100))
    (model,) = status["models"]
    assert model["labels"] > 150
    assert model["lost"] == 0
    assert {"skill", "drift: body", "odd inputs"} == set(model["e_values"])
    assert check_parity(tmp_path / "s", steady).is_equal


def test_labels_name_the_prediction_that_was_made_with_their_features(tmp_path: Path, spec: Any) -> None:
    run(spec(10_000, n=100), tmp_path / "s", model_watch=ModelWatch())
    for _, label in events_of(tmp_path / "s", "label"):
        (prediction, *_) = label["predictions"]
        assert prediction["version"] == "persistence"
        assert prediction["result"]["1"] == (0.75 if label["sample"]["features"]["body"] > 0 else 0.25)


def test_a_strategy_that_fails_in_gather_mode_ends_the_watch_and_not_the_session(tmp_path: Path, spec: Any) -> None:
    class Failing(Follower):
        def before(self) -> None:
            if self.ml_mode == "gather" and self.index == 50:
                raise RuntimeError("no such thing")

    status = run(spec(10_000, n=100, strategy=Failing), tmp_path / "s", model_watch=ModelWatch())
    ((minute, ended),) = events_of(tmp_path / "s", "watch_ended")
    assert minute == 50
    assert "no such thing" in ended["error"]
    assert len(open_minutes(tmp_path / "s")) == 100
    assert "not watched any more" in status["entries"]
    with pytest.raises(NoSamplesError, match="has no labels"):
        live_samples(tmp_path / "s")


def test_odd_inputs_raise_an_alarm(tmp_path: Path, spec: Any) -> None:
    class Broken(Persistence):
        def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
            return dict.fromkeys((0, 1), float("nan"))

    run(spec(10_000, n=60).with_(model=Broken()), tmp_path / "s", model_watch=ModelWatch())
    assert [alarm["question"] for _, alarm in events_of(tmp_path / "s", "alarm")] == ["odd inputs"]


def test_another_model_that_takes_over_ends_the_alarm(tmp_path: Path, spec: Any) -> None:
    class Contrary(Persistence):
        version = "contrary"

        def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
            return super().predict_proba({"body": -features["body"]})

    run(spec(FLIP), tmp_path / "s", 1000, model_watch=ModelWatch())
    status = run(spec(FLIP).with_(model=Contrary()), tmp_path / "s", 1100, model_watch=ModelWatch(), take_over=True)
    assert status["entries"] == "allowed"
    assert status["models"][0]["version"] == "contrary"
    assert all(open_minutes(tmp_path / "s")[1000:])


class Losing(Strategy):
    def should_long(self) -> bool:
        return True

    def go_long(self) -> None:
        self.buy = 50, self.price

    def update_position(self) -> None:
        self.liquidate()


@pytest.mark.parametrize("limit", [0.01, 0.02, 0.07, 0.1, 0.13])
def test_a_loss_of_the_limit_itself_reaches_it(limit: float) -> None:
    losses = DailyLoss(limit, 1_000)
    losses.take(0, 1_000 - round(1_000 * limit) + 0.001)
    assert not losses.is_reached(0)
    losses.take(0, 1_000 - round(1_000 * limit))
    assert losses.is_reached(0)


def test_a_day_of_losses_closes_entries_until_the_next_utc_day(tmp_path: Path, spec_of: Any) -> None:
    n = 1500
    close = 100 * 0.9999 ** np.arange(1, n + 1)
    opening = close / 0.9999
    rows = np.column_stack([START + 60_000.0 * np.arange(n), opening, close, opening, close, np.ones(n)])
    losing = spec_of({"BTC-USDT": Losing}, {"BTC-USDT": rows}, fee=0.001)
    run(losing, tmp_path / "s", 700, max_daily_loss=0.02)
    run(losing, tmp_path / "s", max_daily_loss=0.02)
    allowed = open_minutes(tmp_path / "s")
    first = allowed.index(False)
    assert 10 < first < 600
    assert not any(allowed[first:1440])
    assert allowed[1440]
    assert check_parity(tmp_path / "s", losing).is_equal


def test_losses_count_from_the_equity_at_the_end_of_the_day_before() -> None:
    losses = DailyLoss(0.1, 1000)
    losses.take(0, 2000)
    losses.take(86_400_000, 1810)
    assert not losses.is_reached(86_400_000)
    losses.take(86_460_000, 1800)
    assert losses.is_reached(86_520_000)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"on_alarm": "stop"}, "on_alarm must be one of"),
        ({"level": 0}, "level must be between"),
        ({"chains": 0}, "chains must be"),
        ({"reference_samples": 5}, "reference_samples must be"),
        ({"max_age_days": -1}, "max_age_days must be"),
        ({"max_odd_share": float("nan")}, "max_odd_share must be"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        ModelWatch(**settings)
