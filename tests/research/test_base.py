"""Candles that are not minutes, through the functions that scripts and commands call."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.candles import Base, resample, synthetic_candles
from livermore.cli import main
from livermore.errors import CandleError, CandlesNotFoundError, TimeframeError
from livermore.research import (
    RetrainSchedule,
    StoredRun,
    check_stored_candles,
    check_strategy,
    compare_backtests,
    export_candles,
    gather_ml_data,
    gather_universe,
    get_candles,
    import_candles_file,
    list_candles,
    remove_candles,
    store_candles,
    train_model,
    walk_forward,
)
from livermore.strategies import Strategy

DAY = 86_400_000
START = 1_609_459_200_000  # 2021-01-01, a Friday
MINUTES = synthetic_candles(3 * 1440, seed=11)
HOURS = resample(synthetic_candles(60 * 1440, seed=3), "1h")
NEW_YORK = {"timezone": "America/New_York", "hours": {"Mon-Fri": "09:30-16:00"}}
MARKET = ("Sandbox", "BTC-USDT")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _sessions(days: int) -> np.ndarray:
    """Return hourly candles of New York's sessions."""
    every = START + 1_800_000 * np.arange(48.0 * days)
    times = every[Base("1h", NEW_YORK).are_openings(every)]
    rows = HOURS[: len(times)].copy()
    rows[:, 0] = times
    return rows


def test_bases_are_stored_apart() -> None:
    store_candles(MINUTES, *MARKET)
    store_candles(HOURS, *MARKET, base="1h")
    assert [(str(market.base), market.rows) for market in list_candles()] == [
        ("one-minute candles", len(MINUTES)),
        ("candles of 1h", len(HOURS)),
    ]
    days = START, START + 2 * DAY
    assert np.array_equal(get_candles(*MARKET, "1h", *days)[1], resample(MINUTES, "1h")[:48])
    assert np.array_equal(get_candles(*MARKET, "1h", *days, base="1h")[1], HOURS[:48])
    assert np.array_equal(get_candles(*MARKET, "1D", *days, base="1h")[1], resample(HOURS, "1D", base=Base("1h"))[:2])
    assert remove_candles(*MARKET, base="1h") == 3
    assert len(list_candles()) == 1


def test_candles_of_another_base_are_refused() -> None:
    with pytest.raises(CandleError, match=r"no candles of 1D: the nearest two are 60 minutes apart. Store .* base 1h"):
        store_candles(HOURS, *MARKET, base="1D")
    with pytest.raises(CandleError, match="no candles of 1h: the nearest two are 1 minutes apart"):
        store_candles(MINUTES, *MARKET, base="1h")
    with pytest.raises(CandleError, match=r"no one-minute candles: .* Store them with the base 1h"):
        store_candles(HOURS, *MARKET)
    assert list_candles() == []
    with pytest.raises(TimeframeError, match="15m is no whole multiple of the base 1h"):
        get_candles(*MARKET, "15m", START, START + DAY, base="1h")


def test_a_file_in_the_wrong_folder_is_refused(project: Path) -> None:
    """The file says what it holds, wherever it is moved to."""
    store_candles(HOURS, *MARKET, base="1h")
    (project / "storage" / "candles-1h").rename(project / "storage" / "candles")
    with pytest.raises(CandleError, match="holds candles of 1h, in a folder of those of 1m"):
        get_candles(*MARKET, "1h", START, START + DAY)


def test_the_command_line_imports_checks_and_exports_a_base(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["time,open,high,low,close,volume"]
    lines += [f"{int(t)},{o},{h},{low},{c},{v}" for t, o, c, h, low, v in HOURS.tolist()]
    (project / "hours.csv").write_text("\n".join(lines))
    market = ["--exchange", "Sandbox", "--symbol", "BTC-USDT"]
    assert main(["candles", "import", "hours.csv", *market, "--base", "1h"]) == 0
    assert f"{len(HOURS):,} candles of 1h" in capsys.readouterr().out
    assert main(["candles", "check", "--base", "1h"]) == 0
    assert main(["candles", "export", *MARKET, "days.csv", "--base", "1h", "--timeframe", "1D"]) == 0
    assert len((project / "days.csv").read_text().splitlines()) == 1 + 60
    assert main(["candles", "remove", *MARKET]) != 0
    assert main(["candles", "remove", *MARKET, "--base", "1h"]) == 0


def test_where_trading_pauses_no_candle_is_missing() -> None:
    rows = np.delete(_sessions(30), 17, axis=0)
    store_candles(rows, *MARKET, base="1h", calendar=NEW_YORK)
    (report,) = check_stored_candles(base="1h", calendar=NEW_YORK)
    assert report.total is not None
    assert (report.total.gaps, report.total.missing_minutes) == (1, 60)
    (by_clock,) = check_stored_candles(base="1h")
    assert by_clock.total is not None
    assert by_clock.total.gaps > 20


def test_warm_up_counts_bars_and_not_hours(project: Path) -> None:
    """With sessions a stretch of forty bars of four hours is four weeks long."""
    rows = _sessions(59)
    store_candles(rows, *MARKET, base="1h", calendar=NEW_YORK)
    known: dict[str, Any] = {"timeframe": "4h", "base": "1h", "calendar": NEW_YORK, "warm_up_candles": 40}
    given = StoredRun("Any", start="2021-02-10", **known).arguments()
    warm_up = given["warmup_candles"]["Sandbox-BTC-USDT"]["candles"]
    base = Base("1h", NEW_YORK)
    assert len(resample(warm_up, "4h", base=base)) == 40
    assert given["config"]["base"] == "1h"
    latest = StoredRun("Any", **known).arguments()["candles"]["Sandbox-BTC-USDT"]["candles"]
    before = rows[rows[:, 0] < latest[0, 0]]
    assert 40 <= len(resample(before, "4h", base=base)) < 44
    with pytest.raises(CandlesNotFoundError, match=r"there are no one-minute candles in .*candles"):
        StoredRun("Any").arguments()


def test_import_says_how_many_candles_are_missing(project: Path) -> None:
    lines = ["time,open,high,low,close,volume"]
    lines += [f"{int(START / 1000 + 86_400 * day)},1,1,1,1,1" for day in (0, 1, 2, 5, 6)]
    (project / "days.csv").write_text("\n".join(lines))
    found = import_candles_file("days.csv", "Sandbox", "SPY-USD", base="1D")
    assert (found.rows, found.gaps, found.missing_minutes) == (5, 1, 2 * 1440)
    assert str(found).startswith("Sandbox SPY-USD: 5 candles of 1D, 2021-01-01 00:00 UTC to 2021-01-07 00:00 UTC")
    assert export_candles("Sandbox", "SPY-USD", "out.csv", base="1D") == 5


class Rises(Strategy):
    """Buys after a rising bar, sells at the next, and labels each trade by its profit."""

    def ml_features(self) -> dict[str, float]:
        return {"change": self.close / self.open - 1, "range": self.high / self.low - 1}

    def should_long(self) -> bool:
        return self.close > self.open and (self.ml_mode == "gather" or self.ml_predict_proba()[1] > 0.4)

    def go_long(self) -> None:
        self.buy = 1, self.price
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def update_position(self) -> None:
        self.liquidate()

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)


def _inputs(base: str, calendar: Any, timeframe: str, count: int) -> dict[str, Any]:
    """Return the arguments of a backtest over random candles at the times of the base."""
    known = Base(base, calendar)
    times = START + 1_800_000 * np.arange(48.0 * 3650)
    times = times[known.are_openings(times)][:count]
    assert len(times) == count
    rows = synthetic_candles(60 * count, seed=9, base="1h")
    rows[:, 0] = times
    config = {"starting_balance": 1e6, "fee": 0.0, "type": "spot", "exchange": "Sandbox", "warm_up_candles": 0}
    place = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    return {
        "config": {**config, "base": base, "calendar": calendar},
        "routes": [{**place, "timeframe": timeframe, "strategy": Rises}],
        "data_routes": [],
        "candles": {"Sandbox-BTC-USDT": {**place, "candles": rows}},
    }


@pytest.mark.parametrize(
    ("base", "calendar", "timeframe"),
    [("1h", None, "2h"), ("1D", None, "1D"), ("1D", NEW_YORK, "1D"), ("1h", NEW_YORK, "4h")],
)
def test_from_samples_to_a_model_that_is_trained_again(base: str, calendar: Any, timeframe: str) -> None:
    """Gathering, training, the comparison and walking forward know when bars end."""
    given = _inputs(base, calendar, timeframe, 1200 if base == "1D" else 3000)
    gathered = gather_ml_data(**given, csv_path=None, verbose=False)
    points = gathered["data_points"]
    known = Base(base, calendar)
    times = known.bars(timeframe)
    assert len(points) > 100
    for point in points[:50]:
        # Features are known when their bar ends; the trade ends with the next bar, at the earliest.
        opened = 1000.0 * point["time"]
        ends = times.ends(given["candles"]["Sandbox-BTC-USDT"]["candles"][:, 0])
        assert 1000 * point["label_time"] in ends
        assert 1000 * point["label_time"] > times.end(opened)
    trained = train_model(gathered, LogisticRegression(), verbose=False, evidence=False, importance=False)
    # No label of the training part was known after the test part began.
    info = trained["train_test_info"]
    test_begins = times.end(1000.0 * sorted(point["time"] for point in points)[-info["test_size"]])
    assert info["train_size"] == sum(1000 * point["label_time"] < test_begins for point in points)
    every = timedelta(days=30 if base == "1h" else 60)
    walked = walk_forward(LogisticRegression(), **given, schedule=RetrainSchedule(every=every), verbose=False)
    assert walked["out_of_sample"]["n"] > 50
    compared = compare_backtests(None, walked["models"], **given, verbose=False)
    assert compared["baseline"]["metrics"]["total"] > 100


@pytest.mark.parametrize(("base", "calendar", "timeframe"), [("1h", None, "2h"), ("1D", NEW_YORK, "1D")])
def test_a_check_finds_look_ahead_in_long_candles(base: str, calendar: Any, timeframe: str) -> None:
    given = _inputs(base, calendar, timeframe, 700)
    rows = given["candles"]["Sandbox-BTC-USDT"]["candles"]

    class Peeks(Rises):
        """Reads the close of the next candle from the array that it was given."""

        def ml_features(self) -> dict[str, float]:
            return {"next": float(rows[min(len(rows) - 1, np.searchsorted(rows[:, 0], self.time) + 3), 2])}

    sound = check_strategy(None, **given, cuts=4)
    assert sound["checks"]["look-ahead"] == sound["checks"]["feed"] == "passed"
    given["routes"][0]["strategy"] = Peeks
    peeking = check_strategy(None, **given, cuts=4)
    assert not peeking["ok"]


def test_a_universe_is_gathered_from_the_candles_of_its_base(project: Path) -> None:
    given = _inputs("1h", None, "2h", 1200)
    rows = given["candles"]["Sandbox-BTC-USDT"]["candles"]
    store_candles(rows, *MARKET, base="1h")
    days = "2021-01-05", "2021-02-15"
    options: dict[str, Any] = {"timeframe": "2h", "root": project, "n_jobs": 1, "verbose": False}
    whole = gather_universe(Rises, None, *days, given["config"], **options)
    parts = gather_universe(Rises, None, *days, given["config"], parts=3, folder="parts", **options)
    assert len(whole) == len(parts) > 50
