"""Walk-forward: every prediction is out of sample, and is what a loop by hand gives."""

import math
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from livermore import Strategy
from livermore.candles import synthetic_candles
from livermore.errors import ConfigError, DatasetError, EstimatorError, NoSamplesError
from livermore.ml.dataset import Dataset
from livermore.ml.retraining import assess_out_of_sample, retrain
from livermore.ml.tasks import task_named
from livermore.research import RetrainSchedule, compare_backtests, walk_forward

EXCHANGE, SYMBOL = "Sandbox", "BTC-USDT"
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0006,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 0,
}
DAYS = 6
CANDLES = synthetic_candles(DAYS * 1440, seed=5, edge=0.3)
START = int(CANDLES[0, 0] / 1000)
BAR = 900
DAILY = RetrainSchedule(every=timedelta(days=1), min_samples=30)


class Newest(RegressorMixin, BaseEstimator):
    """Predicts the largest label that it has seen."""

    def fit(self, X: Any, y: Any) -> "Newest":
        self.n_features_in_ = X.shape[1]
        self.newest_ = float(np.max(y))
        self.oldest_ = float(np.min(y))
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.newest_)


class Watcher(Strategy):
    """Labels each third bar four bars later; deployed, it asks on each bar and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[int, float] = {}
        self.said: list[tuple[int, dict[str, Any], Any]] = []

    @property
    def now(self) -> int:
        return int(self.current_candle[0] / 1000) + BAR

    def before(self) -> None:
        if self.index < 5:
            return
        if self.ml_mode == "deploy":
            self.said.append((self.now, self.ml_features(), self.ask()))
            return
        if self.index % 3 == 0:
            self.record_features(self.ml_features(), key=self.index)
            self.entries[self.index] = self.price
        due = self.index - 4
        if due in self.entries:
            self.record_label("y", self.outcome(self.entries.pop(due)), key=due)

    def ml_features(self) -> dict[str, Any]:
        close = self.candles[:, 2]
        return {"momentum": close[-1] / close[-5] - 1, "last": close[-1] / close[-2] - 1}

    def outcome(self, entry: float) -> Any:
        return bool(self.price > entry)

    def ask(self) -> Any:
        return self.ml_predict_proba()[1]

    def should_long(self) -> bool:
        return self.ml_mode == "deploy" and self.index > 5 and self.said[-1][2] > 0.5

    def go_long(self) -> None:
        self.buy = 0.01, self.price

    def on_open_position(self, order: Any) -> None:
        self.take_profit = self.position.qty, self.price * 1.002
        self.stop_loss = self.position.qty, self.price * 0.998

    def terminate(self) -> None:
        if self.ml_mode == "deploy":
            type(self).last = self  # type: ignore[attr-defined]


class Clocked(Watcher):
    """Its labels are the times at which they became known."""

    def outcome(self, entry: float) -> Any:
        return float(self.now)

    def ask(self) -> Any:
        return self.ml_predict()


def arguments(strategy: type[Strategy] = Watcher) -> dict[str, Any]:
    return {
        "config": CONFIG,
        "routes": [{"exchange": EXCHANGE, "symbol": SYMBOL, "timeframe": "15m", "strategy": strategy}],
        "data_routes": [],
        "candles": {"x": {"exchange": EXCHANGE, "symbol": SYMBOL, "candles": CANDLES}},
        "verbose": False,
    }


@pytest.mark.parametrize("window", [None, timedelta(days=2)])
def test_no_prediction_knows_a_label_of_its_future(window: timedelta | None) -> None:
    schedule = RetrainSchedule(every=timedelta(hours=8), window=window, min_samples=10)
    result = walk_forward(Newest(), **arguments(Clocked), schedule=schedule, task="regression")
    said = Clocked.last.said  # type: ignore[attr-defined]
    answered = [(now, newest) for now, _, newest in said if not math.isnan(newest)]
    assert len(answered) > 400
    for now, newest in answered:
        due = schedule.last_due(now)
        # The newest label of a training is the newest that was known when it was due, not older and not newer.
        assert due - 4 * BAR < newest <= due <= now
    models = [training.predictor.model for training in result["models"].trainings if training.predictor]
    if window is not None:
        assert all(model.newest_ - model.oldest_ <= window.total_seconds() for model in models)
    (row,) = result["ml"]["models"]
    assert row["without_model"] == len(said) - len(answered) > 0
    assert row["asked"] == len(said)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 2000)), min_size=2, max_size=40),
    st.integers(10, 900),
    st.none() | st.integers(10, 3000),
    st.lists(st.integers(0, 8000), min_size=1, max_size=10),
)
def test_the_model_in_force_was_trained_on_what_was_known(
    samples: list[tuple[int, int]], every: int, window: int | None, times: list[int]
) -> None:
    data = Dataset.from_samples(
        [
            {
                "time": t,
                "label_time": t + w,
                "features": {"x": float(t)},
                "label": {"name": "known", "value": float(t + w)},
            }
            for t, w in samples
        ]
    )
    schedule = RetrainSchedule(
        every=timedelta(seconds=every), window=None if window is None else timedelta(seconds=window), min_samples=2
    )
    models = retrain(data, Newest(), task_named("regression"), schedule, start=0, end=9000)
    for now in times:
        predictor = models.at(now)
        due = schedule.last_due(now)
        known = [t + w for t, w in samples if t + w <= due and (window is None or t >= due - window)]
        if predictor is not None:
            assert predictor.model.newest_ <= now
        if len(known) >= 2 and len(set(known)) > 1:
            assert predictor is not None
            assert predictor.model.newest_ == max(known)


def test_it_is_what_a_loop_by_hand_gives() -> None:
    result = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    points = result["data_points"]
    for now, features, chance in Watcher.last.said[::7]:  # type: ignore[attr-defined]
        due = now // 86_400 * 86_400
        known = [point for point in points if point["label_time"] <= due]
        if len(known) < 30:
            assert math.isnan(chance)
            continue
        X = np.array([[point["features"]["last"], point["features"]["momentum"]] for point in known])
        y = np.array([int(point["label"]["value"]) for point in known])
        scaler = StandardScaler().fit(X)
        model = LogisticRegression().fit(scaler.transform(X), y)
        row = scaler.transform([[features["last"], features["momentum"]]])
        assert chance == pytest.approx(model.predict_proba(row)[0, 1], rel=1e-9)
    assert len(result["trades"]) > 5


def test_the_result_tells_trainings_and_what_they_were_worth() -> None:
    result = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    first = START // 86_400 * 86_400
    assert [row["at"] for row in result["trainings"]] == [first + 86_400 * k for k in range(DAYS + 1)][
        : len(result["trainings"])
    ]
    sizes = [row["n_samples"] for row in result["trainings"]]
    assert sizes[0] == 0
    assert sizes == sorted(sizes)
    assert result["trainings"][0]["note"] == "too few samples were known"
    assert not result["trainings"][0]["trained"]
    found = result["out_of_sample"]
    trained_first = next(row["at"] for row in result["trainings"] if row["trained"])
    assert found["n"] == sum(point["time"] + BAR >= trained_first for point in result["data_points"])
    assert set(found["metrics"]) >= {"accuracy", "roc_auc"}
    text = str(result)
    assert "WALK FORWARD" in text
    assert f"{found['n']:,}" in text
    assert "questions came before the first model" in text


def test_the_sharpe_ratio_is_that_of_days_with_a_model() -> None:
    from livermore.research._sharpe_of_run import sharpe_of_run

    times = tuple(START * 1000.0 + 86_400_000.0 * day for day in range(121))
    returns = np.r_[np.full(60, 0.5), np.random.default_rng(0).normal(0.001, 0.01, 60)]
    run: Any = SimpleNamespace(balance_times=times, returns=returns, metrics={}, strategies=())
    everything, later = sharpe_of_run(run), sharpe_of_run(run, since=times[60])
    assert everything is not None
    assert later is not None
    assert (everything["n"], later["n"]) == (120, 60)
    assert later["sharpe"] < everything["sharpe"]
    assert sharpe_of_run(run, since=math.inf) is None


def test_trainings_in_parallel_change_nothing() -> None:
    one = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    said = [chance for _, _, chance in Watcher.last.said]  # type: ignore[attr-defined]
    two = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY, n_jobs=2)
    np.testing.assert_array_equal(said, [chance for _, _, chance in Watcher.last.said])  # type: ignore[attr-defined]
    assert one["metrics"] == two["metrics"]


def test_samples_from_before_give_a_model_from_the_first_bar() -> None:
    gathered = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)["data_points"]
    moved = [point | {key: point[key] - DAYS * 86_400 for key in ("time", "label_time")} for point in gathered]
    result = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY, data=moved)
    assert result["ml"]["models"][0]["without_model"] == 0
    assert result["out_of_sample"] is None or result["out_of_sample"]["n"] == 0


def test_what_a_training_has_seen_is_not_measured() -> None:
    data = Dataset.from_samples(
        [
            {"time": t, "label_time": t, "features": {"x": float(t % 7)}, "label": {"name": "y", "value": t % 2}}
            for t in range(100)
        ]
    )
    task = task_named("binary")
    schedule = RetrainSchedule(every=timedelta(seconds=50), min_samples=10)
    models = retrain(data, LogisticRegression(), task, schedule, start=0, end=100)
    found = assess_out_of_sample(models, data, task, data.time)
    assert found is not None
    # The sample of second 50 is labelled in that second, so the training of second 50 knows it.
    assert found.rows.tolist() == list(range(51, 100))


def test_one_class_only_is_no_training_and_the_old_model_stays() -> None:
    data = Dataset.from_samples(
        [
            {
                "time": t,
                "label_time": t,
                "features": {"x": float(t % 7)},
                "label": {"name": "y", "value": t % 2 if t < 50 else 1},
            }
            for t in range(200)
        ]
    )
    schedule = RetrainSchedule(every=timedelta(seconds=50), window=timedelta(seconds=40), min_samples=10)
    models = retrain(data, LogisticRegression(), task_named("binary"), schedule, start=0, end=200)
    assert [training.predictor is not None for training in models.trainings] == [False, True, False, False]
    assert models.at(199) is models.trainings[1].predictor
    assert "class" in models.trainings[2].note
    assert models.at(49) is None


class Silent(Watcher):
    def before(self) -> None: ...


def test_what_cannot_be_walked_is_refused() -> None:
    with pytest.raises(NoSamplesError, match="no labelled sample was recorded"):
        walk_forward(LogisticRegression(), **arguments(Silent), schedule=DAILY)
    with pytest.raises(EstimatorError):
        walk_forward(Newest(), **arguments(), schedule=DAILY)
    both = arguments()
    both["routes"] = [*both["routes"], {**both["routes"][0], "symbol": "ETH-USDT", "strategy": Silent}]
    with pytest.raises(ConfigError, match=r"the routes run 2 strategies \(Silent, Watcher\)"):
        walk_forward(LogisticRegression(), **both, schedule=DAILY)
    plain = [{"time": 1, "features": {"last": 1, "momentum": 1}, "label": {"name": "y", "value": 1}}]
    with pytest.raises(DatasetError, match="no label_time"):
        walk_forward(LogisticRegression(), **arguments(), schedule=DAILY, data=plain)


class TradesAnyway(Watcher):
    """In gather mode it trades its signals, too."""

    def should_long(self) -> bool:
        return self.index > 5 and (self.ml_mode == "gather" or self.said[-1][2] > 0.5)


def test_the_models_can_be_compared_with_no_model() -> None:
    inputs = arguments(TradesAnyway)
    result = walk_forward(LogisticRegression(), **inputs, schedule=DAILY)
    found = compare_backtests(None, result["models"], **inputs, draws=100, resamples=100)
    assert found["model"]["trades"] == len(result["trades"])
    assert found["in_sample"] is None
    assert any("questions came before the first model" in note for note in found["notes"])


def test_days_before_the_first_model_are_not_compared() -> None:
    """Without a model no condition on its probability is true: trades that it could not make would count against it."""
    inputs = arguments(TradesAnyway)
    late = RetrainSchedule(every=timedelta(days=1), min_samples=70)
    models = walk_forward(LogisticRegression(), **inputs, schedule=late)["models"]
    found = compare_backtests(None, models, **inputs, draws=100, resamples=100, sanity=False)
    assert models.first_at is not None
    assert START < models.first_at == found["interval"][0]
    assert found["baseline"]["trades"] < found["baseline"]["metrics"]["total"]
    assert any("no model had been trained yet" in note for note in found["notes"])


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    assert list(tmp_path.iterdir()) == []


def test_each_metric_out_of_sample_has_an_interval_and_the_report_shows_it() -> None:
    result = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    found = result["out_of_sample"]
    assert set(found["intervals"]) >= {"accuracy", "roc_auc", "mcc"}
    low, high = found["intervals"]["roc_auc"]
    assert 0 <= low <= found["metrics"]["roc_auc"] <= high <= 1
    assert found["verdict"]["edge"] in ("yes", "no", "cannot tell")
    text, page = str(result), result.to_html()
    assert f"95 % interval {low:.3f} to {high:.3f}" in text
    assert f"95 % interval {low:.3f} to {high:.3f}" in page
    assert found["verdict"]["text"] in " ".join(text.split())
    assert len(repr(result)) < 400


class TradesUntold(TradesAnyway):
    """Trades before there is a model, too."""

    def should_long(self) -> bool:
        return self.index > 5


def test_a_walk_forward_says_whether_its_trades_pay() -> None:
    result = walk_forward(LogisticRegression(), **arguments(TradesUntold), schedule=DAILY)
    first, found = result["models"].first_at, result["pays"]
    assert found["n_trades"] == sum(trade["opened_at"] >= 1000 * first for trade in result["trades"])
    assert 0 < found["n_trades"] < len(result["trades"])
    assert found["text"] in " ".join(str(result).split())
    assert result["out_of_sample"]["verdict"]["predicts"] in ("yes", "no", "cannot tell")


def test_the_report_names_what_it_was_made_with() -> None:
    result = walk_forward(LogisticRegression(), **arguments(), schedule=DAILY)
    setting = result["setting"]
    text = str(result)
    for exchange, symbol, timeframe in setting["markets"]:
        assert f"Symbol                      {symbol}" in text
        assert f"Exchange                    {exchange}" in text
        assert f"Timeframe                   {timeframe}" in text
    assert f"Leverage                    {setting['leverage']} ({setting['type']})" in text
    assert "Fee    " in text
    assert "Made    " in text
