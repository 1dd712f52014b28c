"""Deploying: policies for values that training never saw, days that the model knows already, several models."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore import Strategy
from livermore.candles import synthetic_candles
from livermore.errors import ConfigError, FeatureError, LivermoreWarning, ModelError, ModelNotFoundError
from livermore.ml.report import asking_notes, render_asking
from livermore.research import backtest, train_model
from livermore.strategies import state_of

EXCHANGE, SYMBOL = "Sandbox", "BTC-USDT"
DAY = 86_400
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0006,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 0,
}
CANDLES = synthetic_candles(3 * 1440, seed=3)
START = int(CANDLES[0, 0] / 1000)
QUIET = {"verbose": False, "importance": False, "impact": False, "evidence": False}


def samples(task: str = "binary", *, start: int = START - 30 * DAY, n: int = 200, names: str = "ab") -> list[Any]:
    """Samples of two features between 0 and 1 and of a flag, from long before the backtest."""
    rng = np.random.default_rng(1)
    found = []
    for i, row in enumerate(rng.uniform(size=(n, len(names)))):
        value = row[0] + 0.3 * rng.standard_normal()
        features = dict(zip(names, row.tolist(), strict=True)) | {"flag": True}
        label = {"name": "y", "value": bool(value > 0.5) if task == "binary" else float(value)}
        time = start + 900 * i
        found.append({"time": time, "label_time": time + 900, "features": features, "label": label})
    return found


class Asking(Strategy):
    """Buys on the bars that the model likes; what it sees on a bar is what the test says."""

    ml_mode = "deploy"
    seen: Callable[[int], dict[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.said: list[float] = []

    def ml_features(self) -> dict[str, Any]:
        return type(self).seen(self.index)

    def should_long(self) -> bool:
        self.said.append(self.ml_predict_proba()[1])
        return self.said[-1] >= 0.5

    def go_long(self) -> None:
        self.buy = 0.01, self.price

    def on_open_position(self, order: Any) -> None:
        self.take_profit = self.position.qty, self.price * 1.001
        self.stop_loss = self.position.qty, self.price * 0.999


def usual(index: int) -> dict[str, Any]:
    return {"a": (index % 10) / 10, "b": 0.5, "flag": True}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The strategy's folder, with a model of days long before the backtest."""
    monkeypatch.chdir(tmp_path)
    train_model(samples(), LogisticRegression(), save_to="strategies/Asking", **QUIET)
    return tmp_path / "strategies" / "Asking"


def run(strategy: type[Strategy] = Asking, /, *, seen: Any = usual, **options: Any) -> dict[str, Any]:
    """Backtest a strategy of that name whose class the test may have changed."""
    own = {key: options.pop(key) for key in list(options) if hasattr(strategy, key)}
    kept: list[Any] = []
    kind = type("Asking", (strategy,), own | {"seen": staticmethod(seen), "terminate": kept.append})
    candles = {"x": {"exchange": EXCHANGE, "symbol": SYMBOL, "candles": CANDLES}}
    routes = [{"exchange": EXCHANGE, "symbol": SYMBOL, "timeframe": "15m", "strategy": kind}]
    # Bound methods of a list do not become methods, so the instance is fetched by a hook of its own.
    kind.terminate = lambda self: kept.append(self)  # type: ignore[method-assign]
    result = backtest(CONFIG, routes, [], candles, **options)
    return result | {"strategy": kept[0]}


def broken(value: Any, at: int = 20, name: str = "b") -> Callable[[int], dict[str, Any]]:
    return lambda index: usual(index) | ({name: value} if index >= at else {})


BROKEN = {"missing": math.nan, "infinite": math.inf, "outside": 5.0}


@pytest.mark.parametrize("reason", BROKEN)
def test_raise_names_feature_value_and_what_to_do(reason: str, folder: Path) -> None:
    words = {
        "missing": "is missing",
        "infinite": "is inf",
        "outside": r"is 5, far outside its range in training, 0\.\d+ to",
    }
    with pytest.raises(FeatureError, match=rf"feature 'b' {words[reason]}.*ml_policy = 'skip'"):
        run(seen=broken(BROKEN[reason]))


@pytest.mark.parametrize("reason", BROKEN)
def test_skip_answers_what_no_gate_passes_and_counts_it(reason: str, folder: Path) -> None:
    result = run(seen=broken(BROKEN[reason]), ml_policy="skip")
    said = result["strategy"].said
    (row,) = result["ml"]["models"]
    assert all(math.isnan(chance) for chance in said[-10:])
    assert row["asked"] == len(said)
    assert row["skipped"] == sum(math.isnan(chance) for chance in said) > 100
    assert row["found"] == [{"feature": "b", "reason": reason, "count": row["skipped"]}]
    first = row["examples"][0]
    assert first["time"] >= START + 20 * 900
    assert (first["feature"], first["reason"]) == ("b", reason)
    assert len(row["examples"]) == 3
    assert all(trade["opened_at"] / 1000 <= first["time"] + 1800 for trade in result["trades"])
    assert any(f"b {reason} ({row['skipped']}" in note for note in asking_notes(result["ml"]))
    assert f"b {reason}" in render_asking(result["ml"])


def test_allow_asks_all_the_same_and_counts_it(folder: Path) -> None:
    result = run(seen=broken(5.0), ml_policy="allow")
    (row,) = result["ml"]["models"]
    assert not any(math.isnan(chance) for chance in result["strategy"].said)
    assert row["skipped"] == 0
    assert row["found"][0]["count"] > 100
    assert "asked all the same" in asking_notes(result["ml"])[0]
    with pytest.raises(FeatureError, match="ml_policy 'allow' passes it on, and the model refuses it"):
        run(seen=broken(math.inf), ml_policy="allow")


def test_allow_lets_a_model_that_takes_missing_values_have_them(folder: Path) -> None:
    train_model(samples(), HistGradientBoostingClassifier(max_iter=2), save_to=folder, **QUIET)
    result = run(seen=broken(math.nan), ml_policy="allow")
    assert not any(math.isnan(chance) for chance in result["strategy"].said)


@pytest.mark.parametrize(
    ("value", "margin", "passes"), [(2.9, 2.0, True), (3.1, 2.0, False), (-0.4, 0.5, True), (-0.6, 0.5, False)]
)
def test_the_margin_is_in_widths_of_the_range(value: float, margin: float, passes: bool, folder: Path) -> None:
    result = run(seen=broken(value), ml_policy="skip", ml_range_margin=margin)
    assert (result["ml"]["models"][0]["skipped"] == 0) is passes


def test_a_backtest_obeys_what_is_said_of_unseen_symbols(folder: Path) -> None:
    place = {"exchange": EXCHANGE, "symbol": "ETH-USDT", "timeframe": "15m"}
    train_model([sample | place for sample in samples()], LogisticRegression(), save_to=folder, **QUIET)
    with pytest.warns(LivermoreWarning, match=r"symbol BTC-USDT \(trained on ETH-USDT\)"):
        run()
    with pytest.raises(ModelError, match="ml_on_unseen_symbol = 'warn'"):
        run(ml_on_unseen_symbol="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run(ml_on_unseen_symbol="allow")
    assert result["ml"]["models"][0]["other_market"] == "symbol BTC-USDT (trained on ETH-USDT)"


def test_what_was_constant_in_training_has_no_range(folder: Path) -> None:
    assert run(seen=broken(False, name="flag"))["ml"]["models"][0]["found"] == []


@pytest.mark.parametrize(
    ("attribute", "value"), [("ml_policy", "ignore"), ("ml_range_margin", -1), ("ml_on_unseen_symbol", "ignore")]
)
def test_policies_that_do_not_exist_are_refused(attribute: str, value: Any, folder: Path) -> None:
    with pytest.raises(ConfigError, match=attribute):
        run(**{attribute: value})


def test_a_second_call_with_the_same_values_is_a_look_up_and_with_others_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one bar the features may change between two calls: the answer goes with the values."""

    class Twice(Asking):
        def should_long(self) -> bool:
            kind = type(self)
            kind.seen = staticmethod(lambda index: {"a": 0.1, "b": 0.5, "flag": True})
            low = self.ml_predict_proba()[1]
            kind.seen = staticmethod(lambda index: {"a": 0.9, "b": 0.5, "flag": True})
            high = self.ml_predict_proba()[1]
            self.said.append(high - low)
            if self.index == 0:
                quick = state_of(self).model._cached_probabilities
                run = quick.run
                quick.run = lambda: calls.append(1) or run()
            return False

    calls: list[Any] = []
    said = run(Twice)["strategy"].said
    assert min(said) > 0.1
    assert calls == []


def test_what_is_remembered_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from livermore.ml.inference import _predictor

    monkeypatch.setattr(_predictor, "CACHE_SIZE", 16)
    result = run(seen=lambda index: {"a": index / 1000, "b": 0.5, "flag": True})
    assert 0 < state_of(result["strategy"]).model._cached_probabilities.cached_rows() <= 16


# --- Days that the model knows already --------------------------------------------------------------------------------


@pytest.fixture
def in_sample(folder: Path) -> Path:
    """A model that was trained on the first two of the three days."""
    train_model(samples(start=START, n=240), LogisticRegression(), save_to=folder, **QUIET)
    return folder


def test_days_of_the_training_are_named_and_reported_apart(in_sample: Path) -> None:
    day = [f"{np.datetime64(START + k * DAY, 's').astype('datetime64[D]')}" for k in range(3)]
    with pytest.warns(
        LivermoreWarning, match=rf"{day[0]} to {day[1]} are days that the model in .*Asking was trained on"
    ) as caught:
        result = run(ml_policy="allow")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    ml = result["ml"]
    end_of_training = START + 900 * 192 - 900
    assert ml["in_sample"]["interval"] == (START, end_of_training + 1)
    assert ml["out_of_sample"]["interval"] == (end_of_training + 1, START + 3 * DAY + 1)
    assert ml["before_training"] is None
    inside = [trade for trade in result["trades"] if trade["opened_at"] / 1000 <= end_of_training]
    assert 0 < len(inside) < len(result["trades"])
    assert ml["in_sample"]["metrics"]["total"] == len(inside)
    assert ml["out_of_sample"]["metrics"]["total"] == len(result["trades"]) - len(inside)
    assert ml["in_sample"]["metrics"]["net_profit"] == pytest.approx(sum(trade["PNL"] for trade in inside))
    assert "Days of the training" in render_asking(ml)


def test_in_sample_can_be_refused_or_allowed(in_sample: Path) -> None:
    with pytest.raises(ModelError, match=r"is asked about .* and was trained on .*on_in_sample='warn'"):
        run(on_in_sample="raise")
    run(on_in_sample="allow")
    with pytest.raises(ConfigError, match=r"on_in_sample must be one of 'warn', 'raise', 'allow'; it is 'ignore'"):
        run(on_in_sample="ignore")


def test_days_behind_the_training_are_no_matter(folder: Path) -> None:
    ml = run(on_in_sample="raise")["ml"]
    assert (ml["in_sample"], ml["before_training"]) == (None, None)
    assert ml["out_of_sample"]["interval"] == (START, START + 3 * DAY + 1)
    assert asking_notes(ml) == []


def test_a_backtest_that_asks_no_model_says_nothing_of_models() -> None:
    class Plain(Asking):
        def should_long(self) -> bool:
            return False

    assert "ml" not in run(Plain)


# --- Several models ---------------------------------------------------------------------------------------------------


class Stacked(Asking):
    """A regression says how far, and a second model whether to believe it."""

    def should_long(self) -> bool:
        first = self.ml_predict()
        chance = self.ml_predict_proba(model="meta")[1]
        self.said.append((first, chance))  # type: ignore[arg-type]
        return first > 0.5 and chance >= 0.5


@pytest.fixture
def stacked(folder: Path) -> dict[str, Any]:
    first = train_model(samples("regression"), LinearRegression(), "regression", save_to=folder, **QUIET)
    meta = train_model(samples(names="a"), LogisticRegression(), save_to=folder / "meta", **QUIET)
    return {"main": first, "meta": meta}


def answer(result: Any, features: dict[str, Any]) -> Any:
    row = result["scaler"].transform([[float(features[name]) for name in result["feature_names"]]])
    model = result["model"]
    return model.predict_proba(row)[0, 1] if hasattr(model, "predict_proba") else model.predict(row)[0]


def test_two_models_each_with_its_own_features(stacked: dict[str, Any]) -> None:
    result = run(Stacked)
    features = [usual(index) for index in range(10)]
    for k, (first, chance) in enumerate(result["strategy"].said[:3]):
        assert first == pytest.approx(answer(stacked["main"], features[k]), rel=1e-12)
        # The model "meta" was trained without b, which ml_features() has.
        assert chance == pytest.approx(answer(stacked["meta"], features[k]), rel=1e-12)
    assert [row["model"] for row in result["ml"]["models"]] == [None, "meta"]
    assert result["ml"]["models"][1]["folder"].endswith("meta")


def test_a_model_may_have_features_of_its_own(stacked: dict[str, Any]) -> None:
    class Own(Stacked):
        def ml_features_meta(self) -> dict[str, Any]:
            return {"a": 1 - self.ml_features()["a"], "flag": True}

    _, chance = run(Own)["strategy"].said[0]
    assert chance == pytest.approx(answer(stacked["meta"], {"a": 1.0, "flag": True}), rel=1e-12)


def test_each_model_s_own_manifest_is_checked(stacked: dict[str, Any], folder: Path) -> None:
    class Wrong(Stacked):
        def ml_features_meta(self) -> dict[str, Any]:
            return {"aa": 1.0, "flag": True}

    with pytest.raises(FeatureError, match=r"do not fit the model in .*meta; missing: 'a'; unknown: 'aa'"):
        run(Wrong)
    (folder / "meta" / "model.pkl").write_bytes(b"")
    with pytest.raises(ModelError, match=r"meta.model\.pkl is cut off"):
        run(Stacked)


@pytest.mark.parametrize("name", ["models", "ml_data", "../meta", ""])
def test_names_that_can_be_no_model(name: str, folder: Path) -> None:
    class Odd(Asking):
        def should_long(self) -> bool:
            return self.ml_predict_proba(model=name)[1] > 0.5

    with pytest.raises(ModelError, match="names no model"):
        run(Odd)


def test_a_model_that_is_not_there_says_where_it_looked(folder: Path) -> None:
    class Absent(Asking):
        def should_long(self) -> bool:
            return self.ml_predict_proba(model="meta")[1] > 0.5

    with pytest.raises(ModelNotFoundError, match=r"there is no folder .*Asking.meta"):
        run(Absent)


def test_a_plain_folder_has_no_ranges_and_warns_once(folder: Path) -> None:
    (folder / "model.json").unlink()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = run(seen=broken(1e6), ml_policy="skip")
    assert [str(w.message)[:40] for w in caught if w.category is LivermoreWarning] != []
    assert sum("has no model.json" in str(w.message) for w in caught) == 1
    assert result["ml"]["models"][0]["skipped"] == 0
