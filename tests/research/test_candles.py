"""The candle functions of `livermore.research`: ranges, warm-up, files and stand-ins."""

import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from livermore.candles import CandleStore, check_candles, read_candles, resample, synthetic_candles, timeframe_ms
from livermore.errors import (
    CandleError,
    CandlesNotFoundError,
    DateRangeError,
    LivermoreWarning,
    MissingExtraError,
    TimeframeError,
)
from livermore.research import (
    candles_from_close_prices,
    fake_candle,
    fake_range_candles,
    get_candles,
    import_candles,
    import_candles_file,
    store_candles,
    update_candles,
)

DAY = 1440
DAY_MS = DAY * 60_000
START = 1_609_459_200_000  # 2021-01-01, a Friday
CANDLES = synthetic_candles(40 * DAY, seed=11)


def day(number):
    """UTC ms of the day that comes `number` days after the first candle."""
    return START + number * DAY_MS


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "strategies").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stored(project):
    store_candles(CANDLES, "Binance Spot", "BTC-USDT")
    return project


def ask(timeframe, start, finish, **options):
    return get_candles("Binance Spot", "BTC-USDT", timeframe, start, finish, **options)


def between(start, finish):
    return CANDLES[(CANDLES[:, 0] >= start) & (CANDLES[:, 0] < finish)]


def test_minutes_come_back_with_the_finish_day_excluded(stored):
    warmup, candles = ask("1m", day(3), day(5))
    assert warmup is None
    assert np.array_equal(candles, between(day(3), day(5)))
    assert (stored / "storage" / "candles" / "Binance Spot" / "BTC-USDT" / "2021-01.parquet").exists()


def test_both_ends_are_taken_back_to_midnight(stored):
    _, candles = ask("1m", day(3) + 5_000_000, day(5) + DAY_MS - 1)
    assert np.array_equal(candles, between(day(3), day(5)))


@pytest.mark.parametrize("timeframe", ["5m", "1h", "4h", "1D"])
def test_larger_timeframes_are_aggregated_and_preceded_by_that_many(stored, timeframe):
    warmup, candles = ask(timeframe, day(10), day(12), warmup_candles_num=7)
    assert np.array_equal(candles, resample(between(day(10), day(12)), timeframe))
    length = timeframe_ms(timeframe)
    assert warmup[:, 0].tolist() == [day(10) - length * back for back in range(7, 0, -1)]


def test_unfinished_weeks_are_left_out(stored):
    _, weeks = ask("1W", day(0), day(19))
    # Weeks open on Thursdays: the first one holds its last six days only, the third one is not over.
    assert weeks[:, 0].tolist() == [day(-1), day(6)]
    assert weeks[0, 1] == CANDLES[0, 1]


@pytest.mark.parametrize("timeframe", ["1m", "5m", "1h", "4h", "1D"])
def test_for_jesse_all_are_minutes(stored, timeframe):
    warmup, candles = ask(timeframe, day(10), day(12), warmup_candles_num=7, is_for_jesse=True)
    assert np.array_equal(candles, between(day(10), day(12)))
    assert np.array_equal(warmup, between(day(10) - 7 * timeframe_ms(timeframe), day(10)))


def test_warm_up_counts_candles_that_exist(project):
    # Of each hour but the fifth before the start, there is something; the third lacks its last minute.
    hours = (CANDLES[:, 0] - day(10)) // 3_600_000
    minutes = (CANDLES[:, 0] // 60_000) % 60
    there = (hours != -5) & ~((hours == -3) & (minutes == 59))
    store_candles(CANDLES[there], "Binance Spot", "BTC-USDT")
    warmup, _ = ask("1h", day(10), day(11), warmup_candles_num=6, is_for_jesse=True)
    assert warmup[0, 0] == day(10) - 7 * 3_600_000
    assert len(warmup) == 6 * 60 - 1
    bars, _ = ask("1h", day(10), day(11), warmup_candles_num=6)
    assert len(bars) == 5


def test_warm_up_across_weekends_looks_further_back(project):
    weekday = (CANDLES[:, 0] // DAY_MS + 3) % 7
    store_candles(CANDLES[weekday < 5], "Binance Spot", "BTC-USDT")
    monday = day(3 + 14)
    warmup, _ = ask("1D", monday, monday + DAY_MS, warmup_candles_num=7, is_for_jesse=True)
    assert warmup[0, 0] == monday - 11 * DAY_MS
    assert len(warmup) == 7 * DAY


def test_a_last_bar_is_complete_when_the_range_reaches_beyond_it(project):
    rows = CANDLES[: 2 * DAY]
    store_candles(rows[np.arange(len(rows)) != DAY - 1], "Binance Spot", "BTC-USDT")
    assert len(ask("1h", day(0), day(1))[1]) == 24


@pytest.mark.parametrize("for_jesse", [True, False])
def test_too_little_before_the_start_is_an_error(stored, for_jesse):
    message = "100 warm-up candles of 1h before 2021-01-03 00:00 UTC were asked for, and 48 of Binance Spot BTC-USDT"
    with pytest.raises(CandlesNotFoundError, match=message):
        ask("1h", day(2), day(4), warmup_candles_num=100, is_for_jesse=for_jesse)
    with pytest.raises(CandlesNotFoundError, match="and 0 of Binance"):
        ask("1h", day(0), day(4), warmup_candles_num=1, is_for_jesse=for_jesse)


@pytest.mark.parametrize(
    ("start", "finish", "message"),
    [
        (day(3), day(3), "2021-01-04 00:00 UTC, must be before the finish"),
        (day(3), day(3) + 1000, "must be before"),
        (day(4), day(3), "must be before"),
        (day(3), 4_102_444_800_000, "2100-01-01 00:00 UTC, is in the future"),
    ],
)
def test_empty_reversed_and_future_ranges(stored, start, finish, message):
    with pytest.raises(DateRangeError, match=message):
        ask("1h", start, finish)


def test_what_is_not_stored_is_an_error_that_tells_how_to_import(project):
    with pytest.raises(CandlesNotFoundError, match=r"livermore candles import FILE --exchange 'Binance Spot' --symbol"):
        ask("1h", day(0), day(1))
    store_candles(CANDLES, "Binance Spot", "BTC-USDT")
    with pytest.raises(
        CandlesNotFoundError, match=r"between 2022-01-01 .* reach from 2021-01-01 00:00 UTC to 2021-02-10"
    ):
        ask("1h", day(365), day(370))
    with pytest.raises(CandlesNotFoundError, match="Did you mean: Binance Spot BTC-USDT"):
        get_candles("Binance Spot", "BTC-USDC", "1h", day(0), day(1))
    with pytest.raises(TimeframeError, match="unknown timeframe '60m'"):
        ask("60m", day(0), day(1))


def test_a_range_that_is_covered_in_part_is_warned_about(stored):
    with pytest.warns(
        LivermoreWarning, match="2021-02-20 00:00 UTC was asked for, but .* to 2021-02-10 00:00 UTC only"
    ):
        _, candles = ask("1h", day(30), day(50))
    assert len(candles) == 240


def test_storing_needs_an_array_of_minutes(project):
    with pytest.raises(TypeError, match="must be a numpy array of shape"):
        store_candles(CANDLES[:5].tolist(), "E", "A-B")
    with pytest.raises(CandleError, match="no one-minute candles"):
        store_candles(resample(CANDLES, "5m"), "E", "A-B")
    assert not (project / "storage").exists()


def write_csv(path, rows):
    lines = ["time,open,high,low,close,volume"]
    lines += [",".join(repr(float(row[i])) for i in (0, 1, 3, 4, 2, 5)) for row in rows]
    path.write_text("\n".join(lines))
    return path


def test_importing_a_file_reports_its_gaps(project):
    rows = CANDLES[np.r_[0:100, 101:200, 300:400]]
    report = import_candles_file(write_csv(project / "x.csv", rows), "E", "A-B")
    assert (report.rows, report.new_rows, report.gaps) == (299, 299, 2)
    assert (report.missing_minutes, report.longest_gap_minutes) == (101, 100)
    assert str(report).startswith("E A-B: 299 one-minute candles, 2021-01-01 00:00 UTC to 2021-01-01 06:39 UTC (299 of")
    assert "101 minutes are missing in 2 gaps, the longest of 100 minutes" in str(report)
    assert import_candles_file(project / "x.csv", "E", "A-B").new_rows == 0


def test_importing_into_another_project_with_options(project, tmp_path):
    rows = CANDLES[:50][::-1].copy()
    rows[:, 5] = 0
    report = import_candles_file(write_csv(project / "x.csv", rows), "E", "A-B", root=tmp_path / "other", sort=True)
    assert "there are no volumes" in str(report)
    assert "missing" not in str(report)
    assert len(CandleStore(tmp_path / "other" / "storage" / "candles").read("E", "A-B")) == 50


def test_an_import_tells_the_gap_between_its_candles_and_stored_ones(project):
    store_candles(CANDLES[:100], "E", "A-B")
    report = import_candles_file(write_csv(project / "x.csv", CANDLES[130:200]), "E", "A-B")
    assert report.gaps_beside == ((int(CANDLES[99, 0]), int(CANDLES[130, 0])),)
    assert "nothing is stored between 2021-01-01 01:39 UTC and 2021-01-01 02:10 UTC" in str(report)
    again = import_candles_file(write_csv(project / "x.csv", CANDLES[100:130]), "E", "A-B")
    assert again.gaps_beside == ()


def test_a_bad_file_stores_nothing(project):
    write_csv(project / "x.csv", np.where(np.arange(300).reshape(50, 6) == 100, np.nan, CANDLES[:50]))
    with pytest.raises(CandleError, match="line 18 "):
        import_candles_file(project / "x.csv", "E", "A-B")
    assert not (project / "storage").exists()


DATA = Path(os.environ.get("LIVERMORE_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("name", "gaps", "missing", "longest"),
    [
        ("btc-perp-1m-2022-01.csv.gz", 0, 0, 0),
        ("gbpusd-1m-bid-2012-02.csv.gz", None, None, 2880),
        ("6e-future-1m-2024-01.csv.gz", None, None, 2880),
    ],
)
def test_real_files_are_stored_and_read_back_identically(project, name, gaps, missing, longest):
    if not (DATA / name).exists():
        pytest.skip(f"needs {name} in {DATA} (or where LIVERMORE_DATA points)")
    report = import_candles_file(DATA / name, "E", "A-B", timezone="UTC")
    candles = read_candles(DATA / name, timezone="UTC")
    stored = CandleStore("storage/candles").read("E", "A-B")
    assert np.array_equal(stored, candles)
    assert report.missing_minutes == (candles[-1, 0] - candles[0, 0]) / 60_000 + 1 - len(candles)
    if gaps is not None:
        assert (report.gaps, report.missing_minutes, report.longest_gap_minutes) == (gaps, missing, longest)
    else:
        assert report.gaps > 4
        assert report.longest_gap_minutes >= longest
    warmup, rows = get_candles("E", "A-B", "1h", int(candles[20_000, 0]), int(candles[-1, 0]), 50, is_for_jesse=True)
    assert len(resample(warmup, "1h", until=int(rows[0, 0]))) == 50
    assert np.array_equal(
        np.concatenate([warmup, rows]), candles[np.isin(candles[:, 0], np.r_[warmup[:, 0], rows[:, 0]])]
    )


def test_candles_from_close_prices():
    candles = check_candles(candles_from_close_prices([10, 12, 11]))
    assert candles[:, :5].tolist() == [
        [START, 9.5, 10, 10, 9.5],
        [START + 60_000, 10, 12, 12, 10],
        [START + 120_000, 12, 11, 12, 11],
    ]
    assert candles_from_close_prices([]).shape == (0, 6)
    random.seed(1)
    first = candles_from_close_prices(np.arange(1, 50))
    random.seed(1)
    assert np.array_equal(first, candles_from_close_prices(np.arange(1, 50)))
    assert set(first[:, 5]) <= set(range(201))


def test_fake_candles_follow_each_other():
    candles = check_candles(fake_range_candles(200))
    assert candles[:, 0].tolist() == [START + 60_000 * i for i in range(200)]
    assert (candles[1:, 1] == candles[:-1, 2]).all()
    assert set(candles[:, 2] - candles[:, 1]) == set(range(1, 9))
    assert (candles[:, 4] == candles[:, 1] - 1).all()
    assert fake_candle()[0] == START + 60_000 * 200
    assert fake_candle(reset=True)[0] == START - 60_000
    assert fake_candle({"open": 20, "high": 99.5, "timestamp": 60_000})[[0, 1, 3]].tolist() == [60_000, 20, 99.5]
    assert fake_candle()[0] == START + 60_000
    assert fake_range_candles(0).shape == (0, 6)


class Exchange:
    """A ccxt exchange that has listed its one market two days after 2021-01-01, and gives 1,000 candles at most."""

    id = "binance"
    has = {"fetchTime": True}  # noqa: RUF012
    timeframes = {"1m": "1m"}  # noqa: RUF012

    def __init__(self, options):
        self.options = options

    def load_markets(self):
        return {"BTC/USDT": {}, "ETH/USDT": {}}

    def fetch_time(self):
        return day(6)

    def feature_value(self, market, method, name):
        return 1000

    def fetch_ohlcv(self, market, timeframe, since, limit):
        assert (market, timeframe) == ("BTC/USDT", "1m")
        rows = between(max(since, day(2)), day(4))[:limit]
        return [[int(row[0]), *row[[1, 3, 4, 2, 5]].tolist()] for row in rows]


@pytest.fixture
def exchange(monkeypatch):
    ccxt = pytest.importorskip("ccxt", reason="needs ccxt: pip install 'livermore[ccxt]'")
    monkeypatch.setattr(ccxt, "binance", Exchange)
    monkeypatch.setattr("livermore.candles._retry.Retry.pause", lambda *arguments: None)


def test_downloading(project, exchange):
    text = import_candles("Binance Spot", "BTC-USDT", "2021-01-03")
    assert (
        text == "Binance Spot BTC-USDT: stored 2,880 one-minute candles, 2021-01-03 00:00 UTC to 2021-01-04 23:59 UTC"
    )
    assert np.array_equal(CandleStore("storage/candles").read("Binance Spot", "BTC-USDT"), between(day(2), day(4)))
    assert "no new candles" in import_candles("Binance Spot", "BTC-USDT", "2021-01-03")
    with pytest.raises(CandlesNotFoundError, match=r"has no market BTC/USDC .*Did you mean BTC/USDT"):
        import_candles("binance", "BTC-USDC", "2021-01-01")
    with pytest.raises(CandlesNotFoundError, match=r"unknown exchange 'Binanc Spot'; did you mean Binance Spot"):
        import_candles("Binanc Spot", "BTC-USDT", "2021-01-01")
    with pytest.raises(DateRangeError, match="'01/01/2021' must be a day such as"):
        import_candles("binance", "BTC-USDT", "01/01/2021")
    with pytest.raises(DateRangeError, match="2100-01-01, is in the future"):
        import_candles("binance", "BTC-USDT", "2100-01-01")
    with pytest.raises(CandlesNotFoundError, match="has no candles of BTC-USDT from 2021-01-05 on"):
        import_candles("binance", "BTC-USDT", "2021-01-05", show_progressbar=False)


def test_updating_goes_on_from_the_last_candle_of_each_market_and_one_failure_stops_no_other(project, exchange):
    store = CandleStore("storage/candles")
    store.write(between(day(2), day(3)), "Binance Spot", "BTC-USDT")
    store.write(between(day(2), day(3)), "Sandbox", "BTC-USDT")
    (done,) = update_candles()
    assert (done.exchange, done.rows, done.first) == ("Binance Spot", DAY, day(3))
    assert np.array_equal(store.read("Binance Spot", "BTC-USDT"), between(day(2), day(4)))
    store.write(between(day(2), day(3)), "Binance Spot", "AAA-USDT")
    with pytest.raises(CandlesNotFoundError, match="Binance Spot has no market AAA/USDT") as caught:
        update_candles()
    assert "done: Binance Spot BTC-USDT: no new candles" in caught.value.__notes__[0]
    with pytest.raises(CandlesNotFoundError, match="Sandbox BTC-USDT are of no exchange that can be asked"):
        update_candles("Sandbox")


def test_downloading_needs_the_extra(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'livermore\[ccxt\]'"):
        import_candles("Binance Spot", "BTC-USDT", "2021-01-01")


@pytest.mark.parametrize("symbol", ["6E", "", "-", "6E-"])
def test_a_symbol_that_no_route_can_name_is_not_stored(symbol, project):
    with pytest.raises(CandleError, match="needs a dash between the two assets"):
        store_candles(CANDLES[:5], "E", symbol)
    with pytest.raises(CandleError, match="needs a dash between the two assets"):
        import_candles_file("x.csv", "E", symbol)
    assert not (project / "storage").exists()
