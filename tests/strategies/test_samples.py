"""Recording: a sample's time is that of its features, several may be open, and what is no feature is refused."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.engine import SessionResult, open_session
from livermore.errors import FeatureError, ModelNotFoundError
from livermore.ml.labels import FixedHorizon
from livermore.strategies import Strategy

START = 1_640_995_200_000
EXCHANGE = "Sandbox"


class Recorder(Strategy):
    """Does what the test gives it on each bar."""

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


def record(bar: Any, minutes: int = 30, timeframe: str = "5m") -> SessionResult:
    """Run a strategy whose `before` is `bar` over flat candles."""
    rows = np.full((minutes, 6), 100.0)
    rows[:, 0] = START + 60_000 * np.arange(minutes)
    session = open_session(
        {
            "starting_balance": 1000,
            "fee": 0,
            "futures_leverage": 1,
            "futures_leverage_mode": "cross",
            "exchange": EXCHANGE,
            "warm_up_candles": 0,
        },
        [
            {
                "exchange": EXCHANGE,
                "strategy": type("Recorder", (Recorder,), {"before": bar}),
                "symbol": "BTC-USDT",
                "timeframe": timeframe,
            }
        ],
        [],
        {"x": {"exchange": EXCHANGE, "symbol": "BTC-USDT", "candles": rows}},
    )
    session.run()
    return SessionResult.of(session)


def test_a_sample_knows_its_bar_and_when_its_label_became_known() -> None:
    def bar(self: Any) -> None:
        if self.index == 1:
            self.record_features({"a": 1.5})
        if self.index == 3:
            self.record_label("win", True)

    result = record(bar)
    assert result.data_points == [
        {
            "time": START // 1000 + 300,
            "features": {"a": 1.5},
            "label": {"name": "win", "value": True},
            # The end of the fourth bar.
            "label_time": START // 1000 + 1200,
            "exchange": EXCHANGE,
            "symbol": "BTC-USDT",
            "timeframe": "5m",
        }
    ]
    assert result.strategies[0]._ml_data_points == result.data_points


def test_features_recorded_again_bring_their_own_time() -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": self.index, "b": None} if self.index == 0 else {"a": self.index})
        if self.index == 2:
            self.record_label("y", 0)

    (sample,) = record(bar).data_points
    assert sample["time"] == START // 1000 + 600
    assert sample["features"] == {"a": 2, "b": None}


def test_several_samples_may_be_open_and_what_stays_open_is_counted() -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": self.index}, key=self.index, side=1)
        if self.index >= 2:
            self.record_label("later", self.index, key=self.index - 2)

    result = record(bar)
    assert [(s["features"]["a"], s["label"]["value"], s["key"], s["side"]) for s in result.data_points] == [
        (0, 2, 0, 1),
        (1, 3, 1, 1),
        (2, 4, 2, 1),
        (3, 5, 3, 1),
    ]
    assert result.open_points == 2


def test_a_label_without_features_is_logged_and_not_recorded() -> None:
    result = record(lambda self: self.record_label("y", 1))
    assert result.data_points == []
    assert "record_label('y') found no open sample" in result.logs[0].message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (np.True_, True),
        (3, 3),
        (np.int64(3), 3),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
    ],
)
def test_labels_become_plain_python(value: Any, expected: Any) -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": 1})
        self.record_label("y", value)

    found = record(bar).data_points[0]["label"]["value"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", ["up", None, [1], np.array([1.0, 2.0])])
def test_other_labels_are_refused(value: Any) -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": 1})
        self.record_label("y", value)

    with pytest.raises(FeatureError, match=r"Recorder on BTC-USDT at 2022-01-01 00:05 UTC: the label 'y' must be"):
        record(bar)


@pytest.mark.parametrize("value", [1, 1.5, True, None, float("nan"), np.float64(2), np.int32(2), np.bool_(1)])
def test_features_may_be_numbers_bools_and_missing(value: Any) -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": value})
        self.record_label("y", 1)

    found = record(bar).data_points[0]["features"]["a"]
    assert found is None or found == pytest.approx(value, nan_ok=True)
    assert not isinstance(found, np.generic) or isinstance(found, float)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"a": "high"}, "the feature 'a' must be a number, bool or None, got 'high'"),
        ({"a": np.arange(3.0)}, r"take one value of it, such as \[-1\]"),
        ({"a": 1 + 2j}, "the feature 'a' must be a number"),
        ({1: 2.0}, "the feature name 1 must be a string"),
        ([1.0], "features must be a dict"),
    ],
)
def test_other_features_are_refused(features: Any, message: str) -> None:
    with pytest.raises(FeatureError, match=r"Recorder on BTC-USDT at 2022-01-01 00:00 UTC: .*" + message):
        record(lambda self: self.record_features(features))


def test_recorded_features_do_not_change_with_the_dict_they_came_from() -> None:
    def bar(self: Any) -> None:
        self.record_features(self.vars)
        self.record_label("y", 1)
        self.vars["late"] = 1.0

    assert record(bar, minutes=5).data_points[0]["features"] == {}


def test_ml_features_must_be_written_by_the_user() -> None:
    with pytest.raises(NotImplementedError, match=r"Recorder has no ml_features\(\)"):
        record(lambda self: self.ml_features())


def test_prediction_without_a_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def bar(self: Any) -> None:
        type(self).ml_features = lambda self: {"a": 1.0}
        self.ml_predict_proba()

    with pytest.raises(ModelNotFoundError):
        record(bar)


def test_ml_mode_is_the_class_s_or_the_instance_s() -> None:
    assert Recorder().ml_mode == "gather"
    assert type("Deployed", (Recorder,), {"ml_mode": "deploy"})().ml_mode == "deploy"
    one = Recorder()
    one.ml_mode = "deploy"
    assert Recorder().ml_mode == "gather"


def test_export(tmp_path: Path) -> None:
    def bar(self: Any) -> None:
        self.record_features({"b": 2.0, "a": True})
        self.record_label("y", -1)

    strategy = copy.copy(record(bar, minutes=10).strategies[0])
    assert strategy.export_ml_data(tmp_path)
    lines = (tmp_path / "ml_data" / "Recorder_data.csv").read_text().splitlines()
    assert lines == [
        "time,label_name,label_value,a,b",
        f"{START // 1000},y,-1,True,2.0",
        f"{START // 1000 + 300},y,-1,True,2.0",
    ]
    assert not Recorder().export_ml_data(tmp_path)


class MyDict(dict[str, Any]):
    """A mapping that is no plain dict."""


BAD_VALUES = [
    (np.inf, "is inf, which no model can use"),
    (-np.float64(np.inf), "is .*inf"),
    (np.float32(np.inf), "is .*inf"),
    (10**400, ".*loses digits"),
    pytest.param(10**5000, ".*loses digits", id="5001 digits"),
    (2**53 + 1, ".*loses digits"),
    (np.int64(2**53 + 1), ".*loses digits"),
    (np.ma.masked, "is masked"),
    (np.ma.array([1.0], mask=[True]), "is masked"),
    (1j, "must be a number"),
    (np.complex64(1), "must be a number"),
]


@pytest.mark.parametrize(("value", "message"), BAD_VALUES)
@pytest.mark.parametrize("mapping", [dict, MyDict])
@pytest.mark.parametrize("observed", [False, True])
def test_a_value_that_no_data_set_can_hold_is_refused_at_its_bar(
    value: Any, message: str, mapping: type, observed: bool
) -> None:
    def bar(self: Any) -> None:
        if self.index == 1:
            features = mapping({"a": 1.0, "b": value})
            self.observe(features, FixedHorizon(bars=1)) if observed else self.record_features(features)

    with pytest.raises(FeatureError, match=r"Recorder on BTC-USDT at 2022-01-01 00:05 UTC: the feature 'b' " + message):
        record(bar)


@pytest.mark.parametrize(
    ("value", "kept"),
    [(np.nan, np.nan), (2**53, 2**53), (np.ma.array([2.0]), 2.0), (np.float32(0.5), 0.5), (None, None)],
)
def test_missing_and_exact_values_are_recorded(value: Any, kept: Any) -> None:
    def bar(self: Any) -> None:
        self.record_features(features_dict={"a": value})
        self.record_label("y", 1)

    found = record(bar).data_points[0]["features"]["a"]
    assert type(found) is type(kept)
    np.testing.assert_equal(found, kept)


@pytest.mark.parametrize("value", [np.inf, np.nan, np.float64(-np.inf), 10**400, 2**63 + 1, np.ma.masked])
def test_a_label_that_no_data_set_can_hold_is_refused_at_its_bar(value: Any) -> None:
    def bar(self: Any) -> None:
        self.record_features({"a": 1})
        self.record_label("y", value)

    with pytest.raises(FeatureError, match=r"Recorder on BTC-USDT at 2022-01-01 00:05 UTC: the label 'y'"):
        record(bar)


@pytest.mark.parametrize("name", ["", "a\0b", "time", "label_value", "x" * 200_000, 1])
def test_a_name_that_no_file_can_hold_is_refused_at_its_bar(name: Any) -> None:
    with pytest.raises(FeatureError, match=r"Recorder on BTC-USDT at 2022-01-01 00:00 UTC: .* feature"):
        record(lambda self: self.record_features({"good": 1.0, name: 1.0}))


@pytest.mark.parametrize(
    "extra", [{"side": "up"}, {"side": 2}, {"side": [1]}, {"weight": -1}, {"weight": np.inf}, {"payoff": np.inf}]
)
def test_what_else_a_sample_carries_is_checked_at_its_bar(extra: dict[str, Any]) -> None:
    name = next(iter(extra))
    with pytest.raises(FeatureError, match=rf"Recorder on BTC-USDT at 2022-01-01 00:00 UTC: {name}"):
        record(lambda self: self.record_features({"a": 1.0}, **extra))


@pytest.mark.parametrize("name", ["time", "label_time", "label", "features", "symbol", "exchange", "timeframe", "note"])
def test_nothing_else_can_be_given(name: str) -> None:
    with pytest.raises(FeatureError, match=rf"2022-01-01 00:00 UTC: a sample cannot .*{name!r}"):
        record(lambda self: self.record_features({"a": 1.0}, **{name: 5}))


@pytest.mark.parametrize(
    "key",
    [
        [1],
        {},
        np.array([1]),
        object(),
        b"x",
        pytest.param(10**4999, id="many digits"),
        2**63,
        np.nan,
        np.ma.masked,
        (1, [2]),
    ],
)
@pytest.mark.parametrize("call", ["record_features", "record_label", "observe"])
def test_a_key_that_no_file_keeps_is_refused(key: Any, call: str) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "record_features": ({"a": 1.0},),
        "record_label": ("y", 1),
        "observe": ({"a": 1.0}, FixedHorizon(bars=1)),
    }
    with pytest.raises(FeatureError, match="key must be a string or an integer"):
        record(lambda self: getattr(self, call)(*arguments[call], key=key))


def test_keys_are_plain_values() -> None:
    def bar(self: Any) -> None:
        for key in (np.int64(self.index), "a", ("a", 1)):
            self.record_features({"a": 1.0}, key=key)
            self.record_label("y", 1, key=key)

    keys = [sample["key"] for sample in record(bar, minutes=5).data_points]
    assert keys == [0, "a", ("a", 1)]
    assert type(keys[0]) is int


@pytest.mark.parametrize("name", ["y\ud800", "y" * 200_000])
def test_names_that_no_file_holds_are_refused_at_their_bar(name: str) -> None:
    with pytest.raises(FeatureError, match=r"2022-01-01 00:0\d UTC: the label's name"):
        record(lambda self: self.record_features({"a": 1.0}) or self.record_label(name, 1))
    with pytest.raises(FeatureError, match="2022-01-01 00:00 UTC: the feature name"):
        record(lambda self: self.record_features({name: 1.0}))
