"""Gathering, loading and deploying through the functions that scripts call."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore import Strategy
from livermore.candles import synthetic_candles
from livermore.errors import (
    ConfigError,
    DatasetError,
    DatasetNotFoundError,
    FeatureError,
    LivermoreWarning,
    ModelNotFoundError,
    NoSamplesError,
)
from livermore.ml.dataset import parquet_beside, write_samples
from livermore.research import backtest, gather_ml_data, load_ml_data_csv, load_ml_model, train_model
from livermore.research._gather_ml_data import _write

EXCHANGE, BTC, ETH = "Sandbox", "BTC-USDT", "ETH-USDT"
DAYS = 3
BARS = DAYS * 96
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0006,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 0,
}
Inputs = Callable[..., dict[str, Any]]


class Watcher(Strategy):
    """Records on every bar, and labels four bars later."""

    def __init__(self) -> None:
        super().__init__()
        self.entry: tuple[int, float] | None = None

    def before(self) -> None:
        if self.ml_mode == "deploy":
            return
        if self.entry is not None and self.index - self.entry[0] == 4:
            self.record_label("up", bool(self.price > self.entry[1]))
            self.entry = None
        if self.entry is None and self.index >= 5:
            self.entry = self.index, self.price
            self.record_features(self.ml_features())

    def ml_features(self) -> dict[str, Any]:
        close = self.candles[:, 2]
        return {"momentum": close[-1] / close[-5] - 1, "rising": bool(close[-1] > close[-2])}

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


class Other(Watcher):
    """The same with one feature more."""

    def ml_features(self) -> dict[str, Any]:
        return super().ml_features() | {"constant": 1}


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """Arguments of a run over three days of one or more symbols, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Strategy, "ml_mode", "gather")

    def make(**strategies: type[Strategy]) -> dict[str, Any]:
        symbols = {"btc": BTC, "eth": ETH}
        chosen = {symbols[key]: strategy for key, strategy in (strategies or {"btc": Watcher}).items()}
        return {
            "config": CONFIG,
            "routes": [
                {"exchange": EXCHANGE, "symbol": symbol, "timeframe": "15m", "strategy": strategy}
                for symbol, strategy in chosen.items()
            ],
            "data_routes": [],
            "candles": {
                f"{EXCHANGE}-{symbol}": {
                    "exchange": EXCHANGE,
                    "symbol": symbol,
                    "candles": synthetic_candles(DAYS * 1440, seed=seed),
                }
                for seed, symbol in enumerate(chosen)
            },
        }

    return make


def csv_of(name: str) -> Path:
    return Path("strategies", name, "ml_data", f"{name}_data.csv")


def test_samples_are_returned_and_saved_under_the_strategys_name(inputs: Inputs) -> None:
    found = gather_ml_data(**inputs(), verbose=False)
    assert set(found) == {"data_points", "backtest_metrics"}
    points = found["data_points"]
    assert len(points) == (BARS - 6) // 4
    assert points[0]["label_time"] - points[0]["time"] == 5 * 900  # from the bar's opening to the fourth close after it
    assert load_ml_data_csv("Watcher") == points
    assert load_ml_data_csv(csv_of("Watcher")) == points
    parquet_beside(csv_of("Watcher")).unlink()
    plain = [{key: point[key] for key in ("time", "features", "label")} for point in points]
    assert load_ml_data_csv("Watcher") == plain


def test_all_routes_are_gathered_into_one_file_of_their_strategy(inputs: Inputs) -> None:
    points = gather_ml_data(**inputs(btc=Watcher, eth=Watcher), verbose=False)["data_points"]
    assert {point["symbol"] for point in points} == {BTC, ETH}
    saved = load_ml_data_csv("Watcher")
    assert len(saved) == len(points)
    assert [point["time"] for point in saved] == sorted(point["time"] for point in points)


def test_strategies_have_a_file_each(inputs: Inputs, capsys: pytest.CaptureFixture[str]) -> None:
    gather_ml_data(**inputs(btc=Watcher, eth=Other))
    assert "constant" not in load_ml_data_csv("Watcher")[0]["features"]
    assert "constant" in load_ml_data_csv("Other")[0]["features"]
    printed = capsys.readouterr().out
    assert "DATA GATHERING  ·  Watcher, Other" in printed
    assert str(csv_of("Other")) in printed
    with pytest.raises(ConfigError, match=r"names one file, and the routes run 2 strategies.*Other, Watcher"):
        gather_ml_data(**inputs(btc=Watcher, eth=Other), csv_path="x.csv", verbose=False)


def test_path_and_none(inputs: Inputs, capsys: pytest.CaptureFixture[str]) -> None:
    gather_ml_data(**inputs(), csv_path="here/x.csv", verbose=False)
    assert len(load_ml_data_csv("here/x.csv")) > 50
    assert capsys.readouterr().out == ""
    gather_ml_data(**inputs(), csv_path=None, verbose=False)
    assert {path.name for path in Path().iterdir()} == {"here"}


class Counter(Watcher):
    bars = 0

    def after(self) -> None:
        type(self).bars += 1


def test_a_folder_that_cannot_be_written_to_is_found_before_the_run(inputs: Inputs) -> None:
    Path("strategies").touch()
    with pytest.raises(ConfigError, match=r"cannot be written to .*Counter_data\.csv"):
        gather_ml_data(**inputs(btc=Counter), verbose=False)
    Path("folder.csv").mkdir()
    with pytest.raises(ConfigError, match="it is a folder"):
        gather_ml_data(**inputs(btc=Counter), csv_path="folder.csv", verbose=False)
    assert Counter.bars == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_run_loses_nothing(error: type[BaseException], inputs: Inputs) -> None:
    class Watched(Watcher):
        stop_at = BARS

        def after(self) -> None:
            if self.index == self.stop_at:
                raise error

    complete = gather_ml_data(**inputs(btc=Watched), verbose=False)["data_points"]
    before = csv_of("Watched").read_bytes()
    Watched.stop_at = 100
    with pytest.raises(error) as caught:
        gather_ml_data(**inputs(btc=Watched), verbose=False)
    partial = csv_of("Watched").with_name("Watched_data.partial.csv")
    saved = load_ml_data_csv(partial)
    assert saved == complete[: len(saved)]
    assert len(saved) == (100 - 5) // 4
    assert any(str(partial) in note for note in caught.value.__notes__)
    assert csv_of("Watched").read_bytes() == before


def test_a_complete_run_removes_what_an_earlier_one_left_unless_it_is_something_else(
    inputs: Inputs, recwarn: pytest.WarningsRecorder
) -> None:
    class Watched(Watcher):
        stop_at = 100

        def after(self) -> None:
            if self.index == self.stop_at:
                raise ZeroDivisionError

    partial = csv_of("Watched").with_name("Watched_data.partial.csv")
    with pytest.raises(ZeroDivisionError):
        gather_ml_data(**inputs(btc=Watched), verbose=False)
    assert partial.exists()
    Watched.stop_at = BARS
    complete = gather_ml_data(**inputs(btc=Watched), verbose=False)["data_points"]
    assert not list(partial.parent.glob("*partial*"))
    assert not recwarn.list

    write_samples(complete[5:9], partial)
    with pytest.warns(LivermoreWarning, match=r"Watched_data\.partial\.csv is of an earlier run .* It is kept"):
        gather_ml_data(**inputs(btc=Watched), verbose=False)
    assert load_ml_data_csv(partial) == complete[5:9]


def test_one_bad_sample_of_a_finished_run_does_not_cost_the_others(tmp_path: Path) -> None:
    samples = [{"time": 60 * i, "features": {"x": float(i)}, "label": {"name": "y", "value": i % 2}} for i in range(9)]
    samples[5]["features"] = {"x": np.inf}
    with pytest.raises(FeatureError, match="feature 'x' of sample 5") as caught:
        _write({"Faulty": samples}, {"Faulty": tmp_path / "Faulty_data.csv"})
    saved = load_ml_data_csv(tmp_path / "Faulty_data.partial.csv")
    assert saved == samples[:5] + samples[6:]
    left_out = "1 that cannot be used, or have other names of features or label than the first, are left out"
    assert left_out in caught.value.__notes__[0]
    assert not (tmp_path / "Faulty_data.csv").exists()


@pytest.mark.parametrize("csv_path", ["", ".", "fifo.csv", "notes.parquet"])
def test_a_path_that_is_no_csv_file_is_refused_before_the_run(csv_path: str, inputs: Inputs) -> None:
    os.mkfifo("fifo.csv")
    Path("notes.parquet").write_bytes(b"PAR1 and so on")
    with pytest.raises(ConfigError, match="samples cannot be written to"):
        gather_ml_data(**inputs(btc=Counter), csv_path=csv_path, verbose=False)
    assert Counter.bars == 0


def test_an_interrupted_run_without_a_file_writes_none(inputs: Inputs) -> None:
    class Stopped(Watcher):
        def after(self) -> None:
            if self.index == 50:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather_ml_data(**inputs(btc=Stopped), csv_path=None, verbose=False)
    assert list(Path().iterdir()) == []


class Silent(Watcher):
    def before(self) -> None: ...


class Deployed(Watcher):
    ml_mode = "deploy"


class NeverLabels(Watcher):
    def record_label(self, *arguments: Any, **options: Any) -> None: ...


class LabelsOnly(Watcher):
    def record_features(self, *arguments: Any, **options: Any) -> None: ...


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (Silent, rf"{BARS} bars were run and 0 trades closed(.|\n)*record_features and observe were never called"),
        (Deployed, r"ml_mode is not 'gather' in Deployed: set self.ml_mode = 'gather'"),
        (NeverLabels, r"record_features or observe left 1 samples open at the end: record_label was not called"),
        (LabelsOnly, r"record_label was called \d+ times with no sample open: call record_features first"),
    ],
)
def test_no_samples_says_what_to_check(strategy: type[Strategy], message: str, inputs: Inputs) -> None:
    with pytest.raises(NoSamplesError, match=message):
        gather_ml_data(**inputs(btc=strategy), verbose=False)
    assert not list(Path().rglob("*.csv"))


def test_a_route_that_recorded_nothing_is_told(inputs: Inputs) -> None:
    with pytest.warns(LivermoreWarning, match="no sample was recorded by Silent on ETH-USDT") as caught:
        gather_ml_data(**inputs(btc=Watcher, eth=Silent), verbose=False)
    assert caught[0].filename == __file__


def test_samples_of_other_strategies_are_kept_when_those_of_one_are_refused(tmp_path: Path) -> None:
    sound = [{"time": 60 * i, "features": {"x": float(i)}, "label": {"name": "y", "value": i % 2}} for i in range(9)]
    faulty = [*sound[:8], {**sound[8], "features": {"x": np.inf}}]
    paths = {name: tmp_path / f"{name}_data.csv" for name in ("First", "Faulty", "Last")}
    with pytest.raises(FeatureError) as caught:
        _write({"First": sound, "Faulty": faulty, "Last": sound}, paths)
    assert load_ml_data_csv(paths["First"]) == sound
    assert load_ml_data_csv(tmp_path / "Faulty_data.partial.csv") == sound[:8]
    assert load_ml_data_csv(tmp_path / "Last_data.partial.csv") == sound
    assert len(caught.value.__notes__) == 2


@pytest.mark.filterwarnings("error")
def test_what_is_kept_is_not_overwritten_where_warnings_are_errors(tmp_path: Path) -> None:
    sound = [{"time": 60 * i, "features": {"x": float(i)}, "label": {"name": "y", "value": i % 2}} for i in range(9)]
    paths = {name: tmp_path / f"{name}_data.csv" for name in ("First", "Last")}
    write_samples(sound[5:], tmp_path / "First_data.partial.csv")
    with pytest.raises(LivermoreWarning, match="It is kept"):
        _write({"First": sound, "Last": sound}, paths)
    assert load_ml_data_csv(tmp_path / "First_data.partial.csv") == sound[5:]
    assert load_ml_data_csv(paths["First"]) == load_ml_data_csv(paths["Last"]) == sound


@pytest.mark.parametrize("csv_path", ["auto", None])
def test_features_that_change_are_refused_by_name(csv_path: str | None, inputs: Inputs) -> None:
    class Changing(Watcher):
        def ml_features(self) -> dict[str, Any]:
            return super().ml_features() | ({"late": 1.0} if self.index > 100 else {})

    with pytest.raises(FeatureError, match=r"sample \d+ \(time .*has 'late', which sample 0"):
        gather_ml_data(**inputs(btc=Changing), csv_path=csv_path, verbose=False)
    # What was recorded with the first names is kept apart; the file itself is not written.
    assert [path.name for path in Path().rglob("*.csv")] == (["Changing_data.partial.csv"] if csv_path else [])


def test_missing_files_are_named_with_a_hint(inputs: Inputs) -> None:
    gather_ml_data(**inputs(), verbose=False)
    with pytest.raises(FileNotFoundError, match=r"Wacher_data\.csv\. Did you mean 'Watcher'\?"):
        load_ml_data_csv("Wacher")
    with pytest.raises(FileNotFoundError, match=r"Zebra_data\.csv\. There are samples of Watcher\."):
        load_ml_data_csv("Zebra")
    assert issubclass(DatasetNotFoundError, DatasetError)
    with pytest.raises(DatasetNotFoundError, match=r"no file nothing\.csv"):
        load_ml_data_csv("nothing.csv")
    with pytest.raises(ModelNotFoundError, match="there is no folder nowhere"):
        load_ml_model("nowhere")
    with (
        pytest.raises(FileNotFoundError, match=r"there is no strategies.Watcher.model\.pkl"),
        warnings.catch_warnings(),
    ):
        load_ml_model(Path("strategies", "Watcher"))


class Gated(Watcher):
    """Deployed, it buys at every bar that the model likes, and remembers what the model said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[dict[str, Any], float]] = []

    def should_long(self) -> bool:
        if self.ml_mode != "deploy" or self.index < 5:
            return False
        chance = self.ml_predict_proba()[1]
        self.said.append((self.ml_features(), chance))
        return chance > 0.5

    def go_long(self) -> None:
        self.buy = 0.01, self.price

    def on_open_position(self, order: Any) -> None:
        self.stop_loss = 0.01, self.price * 0.99
        self.take_profit = 0.01, self.price * 1.01

    def terminate(self) -> None:
        self.shared_vars["said"] = self.said
        type(self).last = self.said  # type: ignore[attr-defined]


def test_from_samples_to_a_deployed_model(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    gather_ml_data(**inputs(btc=Gated), verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LivermoreWarning)
        result = train_model(
            load_ml_data_csv("Gated"), LogisticRegression(), save_to="strategies/Gated", verbose=False, evidence=False
        )
    monkeypatch.setattr(Gated, "ml_mode", "deploy")
    with pytest.warns(LivermoreWarning, match=r"are days that the model in strategies/Gated was trained on"):
        trades = backtest(**inputs(btc=Gated))["trades"]
    said = Gated.last  # type: ignore[attr-defined]
    assert len(said) > 50
    rows = [[features[name] for name in result["feature_names"]] for features, _ in said]
    expected = result["model"].predict_proba(result["scaler"].transform(np.array(rows, dtype=float)))[:, 1]
    np.testing.assert_allclose([chance for _, chance in said], expected, rtol=1e-12)
    assert len(trades) > 0
    assert len(trades) <= sum(chance > 0.5 for _, chance in said)


def test_deploying_without_a_model_says_where_it_looked(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gated, "ml_mode", "deploy")
    Path("strategies/Gated").mkdir(parents=True)
    with pytest.raises(
        ModelNotFoundError, match=r"there is no .*Gated.model\.pkl. Save a model there with train_model"
    ):
        backtest(**inputs(btc=Gated))


def test_a_gathering_shows_itself_in_a_line_and_as_a_page(inputs: Inputs, tmp_path: Path) -> None:
    found = gather_ml_data(**inputs(), verbose=False)
    assert isinstance(found, dict)
    assert len(repr(found)) < 200
    assert f"{len(found['data_points']):,} samples" in repr(found)
    page = found.to_html(tmp_path / "samples.html")
    assert (tmp_path / "samples.html").read_text(encoding="utf-8") == page
    assert len(repr(page)) < 200


def test_what_is_refused_at_the_end_costs_only_itself(inputs: Inputs) -> None:
    class Changing(Watcher):
        def record_label(self, name: str, value: Any, **options: Any) -> None:
            super().record_label("other" if self.index > 100 else name, value, **options)

    complete = gather_ml_data(**inputs(btc=Watcher), csv_path=None, verbose=False)["data_points"]
    with pytest.raises(DatasetError, match="is labelled 'other'") as caught:
        gather_ml_data(**inputs(btc=Changing), csv_path="x.csv", verbose=False)
    saved = load_ml_data_csv("x.partial.csv")
    assert saved == complete[: len(saved)]
    assert 20 < len(saved) < len(complete)
    assert f"{len(complete) - len(saved)} that cannot be used, or have other names" in caught.value.__notes__[0]


def test_a_file_of_the_user_does_not_stop_the_rescue(inputs: Inputs) -> None:
    class Stopped(Watcher):
        def after(self) -> None:
            if self.index == 100:
                raise ZeroDivisionError

    Path("x.partial.parquet").write_text("notes")
    with pytest.raises(ZeroDivisionError):
        gather_ml_data(**inputs(btc=Stopped), csv_path="x.csv", verbose=False)
    assert len(load_ml_data_csv("x.partial.2.csv")) > 20
    assert Path("x.partial.parquet").read_text() == "notes"


@pytest.mark.parametrize("csv_path", [b"x.csv", 5, True, ["x.csv"]])
def test_a_path_of_another_type_is_refused(csv_path: Any, inputs: Inputs) -> None:
    with pytest.raises(ConfigError, match="csv_path must be"):
        gather_ml_data(**inputs(), csv_path=csv_path, verbose=False)
