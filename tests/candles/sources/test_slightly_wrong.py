"""Files that are slightly wrong and looked right: each of these was once read with wrong values, without a word."""

import bz2
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from livermore.candles import read_candles
from livermore.errors import CandleError

START = 1_704_067_200  # 2024-01-01 00:00 UTC
HEADER = "timestamp,open,high,low,close,volume\n"
COLUMNS = HEADER.strip().split(",")


def lines(*times: object) -> str:
    return "".join(f"{time},10,12,9,11,5\n" for time in times)


def written(folder: Path, content: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", ["volatility", "Volatility (20)", "Vol. Change %", "Volume MA", "volume_average"])
def test_what_only_begins_like_a_volume_is_none(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"time,open,high,low,close,{name}\n{lines(START)}")
    assert read_candles(path)[0, 5] == 0


@pytest.mark.parametrize("name", ["Volume BTC", "Volume_(BTC)", "Vol.", "VolumeUSDT", "<VOL>", "volumefrom"])
def test_what_is_called_a_volume_is_one(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"time,open,high,low,close,{name}\n{lines(START)}")
    assert read_candles(path)[0, 5] == 5


def test_a_column_that_is_there_twice_must_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, f"time,open,high,low,close,close\n{START},10,12,9,11,10.5\n")
    with pytest.raises(CandleError, match=r"more than one column 'close'.*'close \(6\)' for the other"):
        read_candles(path)
    assert read_candles(path, columns={"close": "close"})[0, 2] == 11
    assert read_candles(path, columns={"close": "close (6)"})[0, 2] == 10.5


@pytest.mark.parametrize("write", [pq.write_table, pyarrow.feather.write_feather])
def test_a_column_that_is_there_twice_in_a_binary_file_is_refused(
    write: Callable[[Any, str], Any], tmp_path: Path
) -> None:
    values = [pa.array([value]) for value in (START, 10.0, 12.0, 9.0, 11.0, 5.0, 10.5)]
    path = tmp_path / f"x.{'parquet' if write is pq.write_table else 'feather'}"
    write(pa.Table.from_arrays(values, names=[*COLUMNS, "close"]), str(path))
    with pytest.raises(CandleError, match="more than one column 'close'"):
        read_candles(path)


@pytest.mark.parametrize(
    ("numbers", "options", "message"),
    [
        ("10,5;12,5;9,5;11,5;1.234", {}, "'10,5' has a comma where others have a point"),
        ("10.5;12.5;9.5;11.5;1,5", {}, "'1,5' has a comma where others have a point"),
        ("16.800,5;16.801,0;16.799,0;16.800,0;5", {}, "'16.800,5' has a point and a comma"),
        ("16.800;16.801;16.799;16.800;5", {"decimal": ","}, "'16.800' has a point, and the decimal sign is a comma"),
        ("16.800,5;16.801;16.799;16.800;5", {"decimal": ","}, "has a point, and the decimal sign is a comma"),
    ],
)
def test_points_that_separate_thousands_are_no_decimal_signs(
    numbers: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = written(tmp_path, f"time;open;high;low;close;volume\n{START};{numbers}\n")
    with pytest.raises(CandleError, match=message):
        read_candles(path, **options)


def test_ends_of_candles_are_whole_minutes_or_just_before_one(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + lines(START + 60, START + 90))
    with pytest.raises(CandleError, match=r"line 3: no candle ends 30 seconds after a minute begins"):
        read_candles(path, stamp="end")
    written(tmp_path, HEADER + lines(START + 59, START + 119))
    assert read_candles(path, stamp="end")[:, 0].tolist() == [START * 1000, START * 1000 + 60_000]


def test_a_date_alone_is_no_end(tmp_path: Path) -> None:
    """It was moved back by a day."""
    path = written(tmp_path, "date,open,high,low,close,volume\n" + lines("2024-01-02", "2024-01-03"))
    with pytest.raises(CandleError, match=r"a date without a time of day names the day of its candle.*--stamp start"):
        read_candles(path, stamp="end", base="1D")
    assert read_candles(path, base="1D")[0, 0] == (START + 86_400) * 1000


@pytest.mark.parametrize(
    ("source", "name", "content", "ticker", "fitting"),
    [
        ("kraken", "ETHUSD_1.csv", f"{START},10,12,9,11,5,3\n", "XBTUSD", "ETHUSD"),
        ("freqtrade", "ETH_USDT-1m.json", json.dumps([[START * 1000, 10, 12, 9, 11, 5]]), "BTC/USDT", "ETH/USDT"),
    ],
)
def test_the_file_of_another_ticker_is_refused(
    source: str, name: str, content: str, ticker: str, fitting: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content, name)
    with pytest.raises(CandleError, match=f"the file of {ticker!r} would be called"):
        read_candles(path, source=source, ticker=ticker)
    assert len(read_candles(path, source=source, ticker=fitting)) == len(read_candles(path, source=source)) == 1


def test_no_zone_is_99_hours_from_utc(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + lines("2024-01-02 00:00+99:00"))
    with pytest.raises(CandleError, match="line 2"):
        read_candles(path)


@pytest.mark.parametrize("clock", [["0", "600", "1200"], ["0", "6000", "12000"]])
def test_a_time_of_day_without_its_zeros_is_no_second_of_1970(clock: list[str], tmp_path: Path) -> None:
    rows = "".join(f"20240102,{time},10,12,9,11,5\n" for time in clock)
    path = written(tmp_path, "date,time,open,high,low,close,volume\n" + rows)
    with pytest.raises(CandleError, match="the time '20240102 0' is not understood"):
        read_candles(path, timezone="UTC")


def test_times_of_day_as_whole_numbers_belong_to_their_dates(tmp_path: Path) -> None:
    prices = {"open": [10.0] * 2, "high": [12.0] * 2, "low": [9.0] * 2, "close": [11.0] * 2}
    pq.write_table(pa.table({"date": ["2024-01-02"] * 2, "time": [930, 1000], **prices}), tmp_path / "x.parquet")
    times = read_candles(tmp_path / "x.parquet", timezone="UTC")[:, 0]
    assert times.tolist() == [(START + 86_400 + 34_200) * 1000, (START + 86_400 + 36_000) * 1000]


def test_seconds_of_32_bits_do_not_overflow(tmp_path: Path) -> None:
    rows = {"timestamp": pa.array([START, START + 60], pa.int32()), "open": [10.0] * 2, "high": [12.0] * 2}
    pq.write_table(pa.table({**rows, "low": [9.0] * 2, "close": [11.0] * 2}), tmp_path / "x.parquet")
    assert read_candles(tmp_path / "x.parquet")[:, 0].tolist() == [START * 1000, START * 1000 + 60_000]


def test_times_that_overflow_are_refused(tmp_path: Path) -> None:
    times = pa.array([2**62, 2**62 + 60], pa.timestamp("s", tz="UTC"))
    table = pa.table({"timestamp": times, **{name: pa.array([10.0] * 2) for name in COLUMNS[1:]}})
    pyarrow.feather.write_feather(table, tmp_path / "x.feather")
    with pytest.raises(CandleError, match="'timestamp'"):
        read_candles(tmp_path / "x.feather")


def test_truth_values_are_no_prices(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps([[START, True, True, True, True, True]]), "x.json")
    with pytest.raises(CandleError, match="the column 'open' is of type bool"):
        read_candles(path, columns=COLUMNS)


@pytest.mark.parametrize(("compress", "suffix"), [(bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_all_streams_of_a_packed_file_are_read_or_it_is_damaged(
    compress: Callable[[bytes], bytes], suffix: str, tmp_path: Path
) -> None:
    """Python's readers of both take a damaged stream after the first for the end of the file."""
    first = compress((HEADER + lines(START)).encode())
    second = compress(lines(START + 60).encode())
    path = tmp_path / f"x.csv.{suffix}"
    path.write_bytes(first + second)
    assert len(read_candles(path)) == 2
    path.write_bytes(first + second + b"\0" * 8)
    assert len(read_candles(path)) == 2
    for rest in (b"?" + second[1:], second[:-5], b"garbage"):
        path.write_bytes(first + rest)
        with pytest.raises(CandleError, match="damaged or cut off"):
            read_candles(path)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_an_encoding_with_zero_bytes_is_named(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, (HEADER + lines(START)).encode(encoding))
    with pytest.raises(CandleError, match="save it as UTF-8"):
        read_candles(path)
    written(tmp_path, (HEADER + lines(START)).encode("utf-16"))
    assert np.array_equal(read_candles(path)[:, 1:], [[10, 11, 12, 9, 5]])


@pytest.mark.parametrize("member", ["x.csv", "{ticker}{ticker}", "{ticker}-{pair}.csv", "{ticker}{"])
def test_patterns_of_members_need_the_ticker(member: str, tmp_path: Path) -> None:
    text = f'[mine]\ncolumns = ["timestamp", "open", "high", "low", "close"]\nmember = ["{member}"]\n'
    path = written(tmp_path, text, "mine.toml")
    with pytest.raises(CandleError, match=r"it needs \{ticker\} once"):
        read_candles(tmp_path / "x.csv", source=path)


def test_rows_above_the_names_of_columns_are_not_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, lines(START, START + 60) + HEADER + lines(START + 120))
    with pytest.raises(CandleError, match="line 1 is above the names of columns"):
        read_candles(path)
    written(tmp_path, "https://made.by/me\n" + HEADER + lines(START + 120))
    assert len(read_candles(path)) == 1
