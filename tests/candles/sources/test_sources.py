"""Each source's own form, made from candles in memory, is read back as the same candles."""

import hashlib
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from make_sources import MAKERS, Made, sample_candles

from livermore.candles import CandleRead, ReadOptions, known_sources, read_candle_file, read_candles, source_of
from livermore.candles.files import _unpack
from livermore.errors import CandleError, MissingExtraError
from livermore.research import import_candles_file, import_candles_folder
from livermore.typing import Rows

CANDLES = sample_candles(60, seed=5)


def expected(made: Made, candles: Rows = CANDLES) -> Rows:
    return candles if made.has_volume else np.c_[candles[:, :5], np.zeros(len(candles))]


def written(made: Made, folder: Path) -> Path:
    path = folder / made.name
    path.write_bytes(made.pack(made.content))
    return path


@pytest.mark.parametrize("name", MAKERS)
def test_the_form_of_each_source_is_read_back(name: str, tmp_path: Path) -> None:
    made = MAKERS[name](CANDLES)
    rows = read_candles(written(made, tmp_path), source=made.source, **made.options)
    assert np.array_equal(rows, expected(made))


RECOGNISED = {
    *("binance", "binance_futures", "bitstamp", "coinbase_csv", "cryptodatadownload", "databento", "databento_pretty"),
    *("dukascopy", "dukascopy_local", "histdata", "jesse", "metatrader5", "polygon"),
    *("yfinance", "yfinance_levels", "yfinance_tickers"),
}


@pytest.mark.parametrize("name", sorted(RECOGNISED))
def test_a_source_that_no_other_is_like_is_recognised_and_said(name: str, tmp_path: Path) -> None:
    made = MAKERS[name](CANDLES)
    read = read_candle_file(written(made, tmp_path), None, ReadOptions.of(made.options))
    assert np.array_equal(read.candles, expected(made))
    assert f"recognised as a file of {made.source}: " in read.notes[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("metatrader4", r'may be of several sources\. Say which: source="histdata-mt" or "metatrader4"'),
        ("histdata_mt", r'may be of several sources\. Say which: source="histdata-mt" or "metatrader4"'),
        ("firstrate", r"has no line with the names of columns; .*Say which source it is from"),
        ("cryptoarchive", r"has no line with the names of columns; .*Say which source it is from"),
        ("alphavantage", r'the time has no time zone.*Say which: timezone="UTC", "America/New_York"'),
    ],
)
def test_what_may_be_of_several_sources_is_refused(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(CandleError, match=says):
        read_candles(written(MAKERS[name](CANDLES), tmp_path))


@pytest.mark.parametrize(
    ("name", "without", "says"),
    [
        ("metatrader5", "timezone", r"line 2: the time has no time zone.*--timezone"),
        ("metatrader4", "timezone", r"line 1: the time has no time zone.*--timezone"),
        ("alphavantage", "stamp", r"may be the start or the end of their candles.*--stamp"),
        ("stooq", "stamp", r"may be the start or the end of their candles.*--stamp"),
        ("stooq", "timezone", r"the time has no time zone"),
        ("polygon", "ticker", r"rows of 3 values of ticker: A, AAPL, ZZZ.*Say which: ticker='A' .*--ticker"),
        ("yfinance_tickers", "ticker", r"columns of 2 tickers: AAPL, MSFT.*--ticker"),
        ("kraken", "ticker", r"holds 3 files \(ETHUSD_1.csv, XBTUSD_1.csv, XBTUSD_60.csv\).*--member"),
    ],
)
def test_what_a_source_leaves_open_must_be_said(name: str, without: str, says: str, tmp_path: Path) -> None:
    made = MAKERS[name](CANDLES)
    options = {option: value for option, value in made.options.items() if option != without}
    with pytest.raises(CandleError, match=says):
        read_candles(written(made, tmp_path), source=made.source, **options)


def test_several_tickers_are_no_duplicates_to_be_left_out(tmp_path: Path) -> None:
    # Sorted, and with the first of each time, three instruments once became one series without a word.
    path = written(MAKERS["polygon"](CANDLES), tmp_path)
    with pytest.raises(CandleError, match="They are not one series"):
        read_candles(path, source="polygon", sort=True, duplicates="first")
    with pytest.raises(CandleError, match="has no row whose ticker is 'TSLA'"):
        read_candles(path, source="polygon", ticker="TSLA")


def test_several_publishers_are_no_duplicates(tmp_path: Path) -> None:
    made = MAKERS["databento"](CANDLES)
    text = made.content.decode()
    both = text + text.split("\n", 1)[1].replace(",33,1,99,", ",33,2,99,")
    path = tmp_path / "x.csv"
    path.write_text(both)
    with pytest.raises(CandleError, match=r"2 values of publisher_id: 1, 2.*--where publisher_id=1"):
        read_candles(path, source="databento", sort=True, duplicates="first")
    assert np.array_equal(read_candles(path, where={"publisher_id": "2"}), CANDLES)


def test_scaled_integers_of_an_unknown_source_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "timestamp,open,high,low,close\n1704067200,5200000000000,5210000000000,5190000000000,5205000000000\n"
    )
    with pytest.raises(CandleError, match=r"whole numbers as large as 5200000000000, and may be scaled.*--price-scale"):
        read_candles(path)
    assert read_candles(path, price_scale=1e-9)[0, 1:5].tolist() == [5200.0, 5205.0, 5210.0, 5190.0]
    assert read_candles(path, price_scale=1)[0, 1] == 5.2e12


@pytest.mark.parametrize(("times", "unit"), [(("1704067200", "1704067260000"), "mixed"), (("1704067200000",) * 2, "s")])
def test_units_that_change_or_do_not_fit_are_refused(times: tuple[str, str], unit: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("timestamp,open,high,low,close\n" + "".join(f"{time},1,1,1,1\n" for time in times))
    if unit == "mixed":
        with pytest.raises(CandleError, match=r"line 3: the unit of the times changes .*--time-unit mixed"):
            read_candles(path)
        assert read_candles(path, time_unit="mixed")[:, 0].tolist() == [1_704_067_200_000, 1_704_067_260_000]
    else:
        with pytest.raises(CandleError, match="line 2: the time 1704067200000 is not in s since 1970"):
            read_candles(path, time_unit="s")


def dated(tmp_path: Path, *dates: str) -> Path:
    path = tmp_path / "x.csv"
    path.write_text("time,open,high,low,close\n" + "".join(f"{date} 12:00 +00:00,1,1,1,1\n" for date in dates))
    return path


def test_dates_that_begin_with_day_or_month_are_told_apart_or_refused(tmp_path: Path) -> None:
    day = np.datetime64("2024-02-01T12:00", "ms").astype(np.int64)
    month = np.datetime64("2024-01-02T12:00", "ms").astype(np.int64)
    path = dated(tmp_path, "01/02/2024")
    with pytest.raises(CandleError, match=r"line 2: the date '01/02/2024 .* may begin with the day .*--dates"):
        read_candles(path)
    assert read_candles(path, dates="dmy")[0, 0] == day
    assert read_candles(path, dates="mdy")[0, 0] == month
    assert read_candles(dated(tmp_path, "01/02/2024", "13/02/2024"))[0, 0] == day
    assert read_candles(dated(tmp_path, "1/2/2024", "1/13/2024"))[0, 0] == month
    with pytest.raises(CandleError, match="may begin with the day or with the month"):
        read_candles(dated(tmp_path, "1/13/2024", "13/1/2024"))
    with pytest.raises(CandleError, match=r"line 3: the time '1/13/2024 .* is not understood"):
        read_candles(dated(tmp_path, "1/2/2024", "1/13/2024"), dates="dmy")


def test_a_comma_that_may_separate_thousands_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time;open;high;low;close\n1704067200;1,234;1,235;1,233;1,234\n")
    with pytest.raises(CandleError, match=r"line 2: the comma of '1,234' may be a decimal sign.*--decimal"):
        read_candles(path)
    assert read_candles(path, decimal=",")[0, 1] == 1.234


def test_rows_without_prices_are_left_out_where_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time,open,high,low,close,volume\n1704067200,1,2,1,2,3\n1704067260,NaN,NaN,NaN,NaN,NaN\n")
    with pytest.raises(CandleError, match=r'line 3: the row has no prices.*empty="drop"'):
        read_candles(path)
    read = read_candle_file(path, None, ReadOptions(empty="drop"))
    assert read.candles[:, 0].tolist() == [1_704_067_200_000]
    assert read.dropped == 1
    path.write_text("time,open,high,low,close,volume\n1704067200,1,2,1,2,3\n1704067260,NaN,2,1,2,3\n")
    with pytest.raises(CandleError, match=r"line 3 .*open is nan"):
        read_candles(path, empty="drop")


def test_stamps_at_the_end_of_candles(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = "\n".join(f"{int(time) // 1000 + 60},1,1,1,1" for time in CANDLES[:5, 0])
    path.write_text(f"close_time,open,high,low,close\n{rows}\n")
    with pytest.raises(CandleError, match=r"only column of times is close_time.*--stamp end"):
        read_candles(path)
    assert read_candles(path, stamp="end")[:, 0].tolist() == CANDLES[:5, 0].tolist()
    # Some give the last millisecond of a candle.
    rows = "\n".join(f"{int(time) + 59_999},1,1,1,1" for time in CANDLES[:5, 0])
    path.write_text(f"close_time,open,high,low,close\n{rows}\n")
    assert read_candles(path, stamp="end")[:, 0].tolist() == CANDLES[:5, 0].tolist()
    rows = "\n".join(f"{int(time) // 1000 + 3600},1,1,1,1" for time in CANDLES[30:31, 0])
    path.write_text(f"end,open,high,low,close\n{rows}\n")
    assert read_candles(path, stamp="end", base="1h")[:, 0].tolist() == CANDLES[30:31, 0].tolist()


def test_an_archive_of_several_months_is_one_series(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    made = MAKERS["kaiko"](CANDLES[:40]), MAKERS["kaiko"](CANDLES[40:])
    with zipfile.ZipFile(path, "w") as archive:
        # The order in the archive does not matter.
        archive.writestr("BTC-2025-01.csv", made[1].content)
        archive.writestr("BTC-2024-12.csv", made[0].content)
        archive.writestr("README.txt", "about")
    with pytest.raises(CandleError, match=r'x.zip holds 3 files \(BTC-2024-12.csv, .*member="\*.csv"'):
        read_candles(path)
    assert np.array_equal(read_candles(path, source="kaiko", member="BTC-*.csv"), CANDLES)
    assert np.array_equal(read_candles(path, source="kaiko", member="BTC-2024-12.csv"), CANDLES[:40])
    with pytest.raises(CandleError, match=r"holds no file 'ETH\*'\. It holds: BTC-2024-12.csv"):
        read_candles(path, source="kaiko", member="ETH*")


def test_files_of_an_archive_that_overlap_are_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", MAKERS["kaiko"](CANDLES[:40]).content)
        archive.writestr("b.csv", MAKERS["kaiko"](CANDLES[39:]).content)
    with pytest.raises(CandleError, match=r"line 2 of .*b\.csv .* there twice: line 41 of .*a\.csv"):
        read_candles(path, source="kaiko", member="*.csv")
    assert np.array_equal(read_candles(path, source="kaiko", member="*.csv", duplicates="last"), CANDLES)


def test_a_member_of_declared_size_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", b"0" * 100_000)
    monkeypatch.setattr(_unpack, "MOST_UNPACKED", 1000)
    monkeypatch.setattr(_unpack, "MOST_TIMES", 2)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(CandleError, match="unpacks to more than"):
        read_candles(path)


def test_a_checksum_beside_a_file_is_verified(tmp_path: Path) -> None:
    path = written(MAKERS["binance"](CANDLES), tmp_path)
    beside = path.with_name(f"{path.name}.CHECKSUM")
    beside.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    assert "its SHA-256 is that of the .CHECKSUM beside it" in read_candle_file(path).notes
    beside.write_text(f"{'0' * 64}  {path.name}\n")
    with pytest.raises(CandleError, match=r"does not have the checksum in BTCUSDT-1m-2024-12\.zip\.CHECKSUM"):
        read_candles(path)
    beside.write_text("")
    with pytest.raises(CandleError, match="instead of nothing"):
        read_candles(path)


def test_a_source_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_text("31.12.2024|19:00|1,5|2,5|1,0|2,0\n31.12.2024|19:01|2,0|2,0|2,0|2,0\n")
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[broker]\ncolumns = ["date", "time", "open", "high", "low", "close"]\n'
        'separator = "|"\ndates = "dmy"\ntimezone = "America/New_York"\n'
    )
    rows = read_candles(path, source=mine)
    assert rows[:, 0].tolist() == [1_735_689_600_000, 1_735_689_660_000]
    assert rows[0, 1:].tolist() == [1.5, 2.0, 2.5, 1.0, 0.0]
    assert np.array_equal(read_candles(path, source=f"{mine}#broker"), rows)
    with pytest.raises(CandleError, match="has the sources broker; name one of them"):
        read_candles(path, source=f"{mine}#other")


class Walk:
    """A source that is no file at all."""

    name = "walk"
    about = "three candles"

    def read(self, path: Path, options: ReadOptions) -> CandleRead:
        return CandleRead(CANDLES[:3], ["made up"])


def test_a_source_may_be_any_object(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    assert np.array_equal(read_candles(tmp_path / "x", source=Walk()), CANDLES[:3])
    with pytest.raises(CandleError, match="must be a name, a TOML file or a CandleSource"):
        read_candles(tmp_path / "x", source=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x", "is no TOML file"),
        ("x = 3", r"\[x\] must be a table"),
        ("[x]\nzone = 'UTC'", r"\[x\] has the key 'zone'; there are: about, columns"),
        ("[x]\ntimezone = 'Mars/Phobos'", "is no time zone"),
        ("[x]\ntime_units = ['h']", "time_units has 'h'; there are: s, ms"),
        ("[x]\ncolumns = ['open', 'high']", "columns lacks low, close"),
        ("[x]\nnames = {opening = 'o'}", "names has 'opening'"),
        ("[x]\nlike = '('", "like is no regular expression"),
        ("[x]\nheader = 'none'", "needs columns"),
        ("[x]\nprice_scale = -1", "price_scale must be a number above 0"),
        ("[x]\nseparator = ', '", "separator must be one sign"),
        ("[x]\nstamp = 'middle'", "stamp must be one of 'start', 'end', 'unknown'"),
        ("[x]\ncolumns = 'time'", "columns must be a list of texts"),
        ("", "has the sources \\(none\\)"),
    ],
)
def test_mistakes_in_a_source_of_ones_own_are_named(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(CandleError, match=says):
        source_of(tmp_path / "mine.toml")


def test_each_source_has_a_form_in_the_tests() -> None:
    made = [MAKERS[name](CANDLES) for name in MAKERS if name != "databento_dbn"]
    assert {form.source for form in made} == {source.name for source in known_sources()}


def test_two_ways_of_writing_offsets_in_one_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "time,open,high,low,close\n2024-10-27 00:59+02:00,1,1,1,1\n2024-10-27T02:00:00.000 GMT+0300,1,1,1,1\n"
        "2024-10-26T23:01:00Z,1,1,1,1\n"
    )
    first = np.datetime64("2024-10-26T22:59", "ms").astype(np.int64)
    assert (read_candles(path)[:, 0] - first).tolist() == [0, 60_000, 120_000]


def test_a_folder_of_pairs(tmp_path: Path) -> None:
    for maker in ("freqtrade_feather", "freqtrade_json"):
        made = MAKERS[maker](CANDLES)
        name = made.name if maker == "freqtrade_feather" else "ETH_USDT-1m.json"
        (tmp_path / name).write_bytes(made.content)
    (tmp_path / "BTC_USDT-1h.feather").write_bytes(b"another timeframe")
    assert np.array_equal(read_candles(tmp_path, source="freqtrade", ticker="BTC/USDT"), CANDLES)
    with pytest.raises(CandleError, match=r"is a folder\. Say which file: ticker="):
        read_candles(tmp_path, source="freqtrade")
    with pytest.raises(CandleError, match="has no file"):
        read_candles(tmp_path, source="freqtrade", ticker="XRP/USDT")
    done = import_candles_folder(tmp_path, "Binance Spot", source="freqtrade", root=tmp_path)
    assert [(one.symbol, one.rows, one.new_rows) for one in done] == [("BTC-USDT", 60, 60), ("ETH-USDT", 60, 60)]
    (tmp_path / "BTC_USDT_USDT-1m-futures.feather").write_bytes(b"")
    (tmp_path / "A_B_C-1m.feather").write_bytes(b"")
    with pytest.raises(CandleError, match=r"the names of A_B_C-1m\.feather do not tell base and quote apart"):
        import_candles_folder(tmp_path, "Binance Spot", source="freqtrade", root=tmp_path)


def test_an_import_says_what_it_found(tmp_path: Path) -> None:
    rows = CANDLES.copy()
    rows[20:, 1:5] *= 1.5
    rows[3:6, 5] = 0
    made = MAKERS["kaiko"](np.delete(rows, [10, 11], axis=0))
    path = written(made, tmp_path)
    done = import_candles_file(path, "E", "A-B", root=tmp_path, source="kaiko")
    assert (done.rows, done.gaps, done.missing_minutes, done.jumps) == (58, 1, 2, 1)
    assert done.zero_volume == pytest.approx(3 / 58)
    assert done.largest_jump == pytest.approx(0.5, abs=0.01)
    said = str(done)
    for part in ("times in ms since 1970", "2 minutes are missing in 1 gaps", "5.2% of the candles", "1 candles open"):
        assert part in said


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.dbn").write_bytes(b"DBN\x01" + b"\x00" * 100)
    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'livermore\[databento\]'"):
        read_candles(tmp_path / "x.dbn", source="databento")


def test_the_integer_that_means_no_price_is_refused(tmp_path: Path) -> None:
    made = MAKERS["databento"](CANDLES)
    lines = made.content.decode().split("\n")
    cells = lines[3].split(",")
    cells[5] = "9223372036854775807"
    (tmp_path / "x.csv").write_text("\n".join([*lines[:3], ",".join(cells), *lines[4:]]))
    with pytest.raises(CandleError, match="line 4: a price is the integer that means none"):
        read_candles(tmp_path / "x.csv", source="databento")
