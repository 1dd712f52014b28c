"""Files as people have them, read alike; and each way in which a file can be wrong, named with its line."""

import bz2
import gzip
import lzma
import os
import threading
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import read_candles, synthetic_candles
from livermore.candles.files import _unpack
from livermore.errors import CandleError

CANDLES = synthetic_candles(50, seed=3)
ORDER = [0, 1, 3, 4, 2, 5]  # timestamp, open, high, low, close, volume: how files are
HEADER = "timestamp,open,high,low,close,volume"


def as_text(rows, time, header=HEADER, separator=",", columns=ORDER):
    lines = [header.replace(",", separator)]
    for row in rows:
        cells = [time(int(row[0])) if column == 0 else repr(float(row[column])) for column in columns]
        lines.append(separator.join(str(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def utc(ms):
    return datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="candles.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to_file


PLAIN = as_text(CANDLES, str)

TIMES = {
    "seconds": lambda ms: ms // 1000,
    "seconds as floats": lambda ms: f"{ms / 1000:.1f}",
    "milliseconds": str,
    "microseconds": lambda ms: ms * 1000,
    "nanoseconds": lambda ms: ms * 1_000_000,
    "ISO": lambda ms: utc(ms).isoformat(),
    "ISO with a blank": lambda ms: str(utc(ms)),
    "ISO without seconds": lambda ms: f"{utc(ms):%Y-%m-%d %H:%M}",
    "ISO with nine digits": lambda ms: f"{utc(ms):%Y-%m-%d %H:%M:%S}.000000000",
    "ISO with Z": lambda ms: f"{utc(ms).isoformat()}Z",
    "ISO with +00:00": lambda ms: f"{utc(ms)}+00:00",
    "ISO in Tokyo": lambda ms: datetime.fromtimestamp(ms / 1000, timezone(timedelta(hours=9))).isoformat(),
    "ISO in New York, basic": lambda ms: f"{utc(ms) - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}-0500",
    "UTC after it": lambda ms: f"{utc(ms)} UTC",
    "dots": lambda ms: f"{utc(ms):%Y.%m.%d %H:%M}",
    "slashes": lambda ms: f"{utc(ms):%Y/%m/%d %H:%M:%S}",
    "compact": lambda ms: f"{utc(ms):%Y%m%d %H%M%S}",
    "compact without blank": lambda ms: f"{utc(ms):%Y%m%d%H%M%S}",
    "compact without seconds": lambda ms: f"{utc(ms):%Y%m%d%H%M}",
    "quoted": lambda ms: f'"{utc(ms)}"',
}

WITHOUT_A_ZONE = {
    "ISO",
    "ISO with a blank",
    "ISO without seconds",
    "ISO with nine digits",
    "dots",
    "slashes",
    "compact",
    "compact without blank",
    "compact without seconds",
    "quoted",
}


@pytest.mark.parametrize("form", TIMES)
def test_times_of_every_kind(write, form):
    path = write(as_text(CANDLES, TIMES[form]))
    assert np.array_equal(read_candles(path, timezone="UTC"), CANDLES)
    if form in WITHOUT_A_ZONE:
        with pytest.raises(CandleError, match=r'line 2: the time has no time zone.*timezone="UTC"'):
            read_candles(path)
    else:
        assert np.array_equal(read_candles(path), CANDLES)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("Timestamp,Open,High,Low,Close,Volume", ORDER),
        ("VOLUME,CLOSE,OPEN,LOW,HIGH,DATE", [5, 2, 1, 4, 3, 0]),
        ("open_time,o,h,l,c,v", ORDER),
        (" Open time , Open , High , Low , Close , Vol. ", ORDER),
        ("<DATETIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>", ORDER),
        ('"timestamp_utc","open","high","low","close","volume"', ORDER),
        ("unix,date,market,open,high,low,close,Volume BTC,Volume USDT", [0, 0, 1, 1, 3, 4, 2, 5, 1]),
        ("ts,open,high,low,close,Volume USDT", ORDER),
        ("time,open,high,low,close,volume,close_time,trades", [*ORDER, 0, 1]),
    ],
)
def test_columns_by_any_usual_name_in_any_order(write, header, columns):
    assert np.array_equal(read_candles(write(as_text(CANDLES, str, header, columns=columns))), CANDLES)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_out(write, separator):
    assert np.array_equal(read_candles(write(as_text(CANDLES, str, separator=separator))), CANDLES)


def test_decimal_commas_beside_semicolons(write):
    assert np.array_equal(read_candles(write(as_text(CANDLES, str, separator=";").replace(".", ","))), CANDLES)


def test_date_and_time_in_two_columns(write):
    text = as_text(
        CANDLES, lambda ms: f"{utc(ms):%Y.%m.%d\t%H:%M:%S}", HEADER.replace("timestamp", "<DATE>,<TIME>"), "\t"
    )
    assert np.array_equal(read_candles(write(text), timezone="UTC"), CANDLES)


def test_without_volume_it_is_zero(write):
    rows = read_candles(write(as_text(CANDLES, str, "time,open,high,low,close", columns=ORDER[:5])))
    assert np.array_equal(rows[:, :5], CANDLES[:, :5])
    assert not rows[:, 5].any()


def test_a_file_without_header_needs_names(write):
    path = write(PLAIN.split("\n", 1)[1])
    with pytest.raises(CandleError, match=r'candles\.csv has no line with the names .* columns=\["timestamp", "open"'):
        read_candles(path)
    names = ["timestamp", "open", "high", "low", "close", "volume"]
    assert np.array_equal(read_candles(path, columns=names), CANDLES)


def test_unusual_names_can_be_told(write):
    path = write(PLAIN.replace("open", "BidOpen").replace("close", "BidLast"))
    with pytest.raises(CandleError, match=r"no column for open, close among timestamp, BidOpen, .*columns=\{'open'"):
        read_candles(path)
    assert np.array_equal(read_candles(path, columns={"open": "BidOpen", "close": "BidLast"}), CANDLES)
    with pytest.raises(CandleError, match=r"has no column 'Bid'\. Its columns: timestamp"):
        read_candles(path, columns={"open": "Bid", "close": "BidLast"})
    with pytest.raises(CandleError, match="columns names 'opening'; there are: timestamp, open"):
        read_candles(path, columns={"opening": "BidOpen"})


@pytest.mark.parametrize(
    ("name", "pack"),
    [("x.csv.gz", gzip.compress), ("x.csv.bz2", bz2.compress), ("x.csv.xz", lzma.compress), ("x.txt", bytes)],
)
def test_compressed_files(write, name, pack):
    assert np.array_equal(read_candles(write(pack(PLAIN.encode()), name)), CANDLES)


def test_zip_files(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", PLAIN)
    assert np.array_equal(read_candles(path), CANDLES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y.csv", PLAIN)
    with pytest.raises(CandleError, match=r"x.zip holds 2 files"):
        read_candles(path)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("\n", "\r\n"),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.rstrip("\n"),
        PLAIN + "\n\n",
        "\n" + PLAIN.replace("\n", "\n\n"),
        "https://www.example.com/candles\n" + PLAIN,
        PLAIN.replace(",", " , "),
    ],
)
def test_line_ends_encodings_and_lines_above_do_not_matter(write, text):
    assert np.array_equal(read_candles(write(text)), CANDLES)


@pytest.mark.parametrize(
    "times",
    [
        pa.array(CANDLES[:, 0].astype(np.int64)),
        pa.array(CANDLES[:, 0] / 1000),
        pa.array(CANDLES[:, 0].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC")),
        pa.array((CANDLES[:, 0] * 1e6).astype(np.int64)).cast(pa.timestamp("ns", tz="Asia/Tokyo")),
        pa.array(CANDLES[:, 0].astype(np.int64)).cast(pa.timestamp("ms")),
        pa.array([str(utc(ms)) for ms in CANDLES[:, 0]]),
    ],
)
def test_parquet_files(tmp_path, times):
    table = pa.table(
        {
            "Low": CANDLES[:, 4],
            "High": CANDLES[:, 3],
            "Close": CANDLES[:, 2],
            "Open": pa.array(CANDLES[:, 1]).cast(pa.float64()),
            "Volume": CANDLES[:, 5],
            "Date": times,
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert np.array_equal(read_candles(tmp_path / "x.parquet", timezone="UTC"), CANDLES)


def test_parquet_faults_are_named(tmp_path):
    path = tmp_path / "x.parquet"
    columns = dict(zip(HEADER.split(","), CANDLES[:, ORDER].T, strict=True))
    pq.write_table(pa.table(columns | {"high": [None if i == 7 else v for i, v in enumerate(columns["high"])]}), path)
    with pytest.raises(CandleError, match=r"x.parquet: row 7: high is empty"):
        read_candles(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(CandleError, match=r"x.parquet is damaged or no Parquet file"):
        read_candles(path)


def changed(line, old, new):
    """The file with something replaced on one of its lines (1 is the header)."""
    lines = PLAIN.split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "\n".join(lines)


def cells(line):
    return PLAIN.split("\n")[line - 1].split(",")


def swapped(first, second):
    lines = PLAIN.split("\n")
    lines[first - 1], lines[second - 1] = lines[second - 1], lines[first - 1]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "candles.csv is empty"),
        ("\n\n", "candles.csv is empty"),
        (HEADER + "\n", "holds no candles, only the names"),
        ("p,q,r,s,x,y\n1,2,3,4,5,z\n", "no column for timestamp, open, close, high, low among p, q"),
        (changed(9, cells(9)[1], "abc"), "line 9: open is 'abc', not a number"),
        (changed(9, cells(9)[5], ""), "line 9: volume is empty"),
        (changed(9, cells(9)[0], ""), "line 9: the time is empty"),
        (changed(9, cells(9)[0], "soon"), "line 9: the time is 'soon', not a number"),
        (changed(9, cells(9)[3], "nan"), r"line 9 \(2021-01-01 00:07 UTC\): low is nan"),
        (changed(9, cells(9)[3], "99999999"), r"line 9 \(2021-01-01 00:07 UTC\): high .* is below low 99999999.0"),
        (changed(9, cells(9)[5], "-1"), "line 9 .* volume -1.0 is negative"),
        (changed(9, cells(9)[0], cells(8)[0]), "line 9 .* there twice: line 8 has the same time. .*duplicates="),
        (swapped(9, 12), "line 10 .* is before that of the row above it.*sort=True"),
        (changed(9, ",", ",,"), "line 9 has 7 fields instead of 6"),
        (PLAIN[: PLAIN.rindex(",") - 12], r"line 51 has [2-5] fields instead of 6.* cut off there"),
        (PLAIN.encode() + b"\xff\xfe\x00", "is no text file"),
        (
            as_text(CANDLES, lambda ms: f"{utc(ms):%m/%d/%Y %H:%M}"),
            "line 2: the date '01/01/2021 00:00' may begin with the day or with the month",
        ),
        (as_text(CANDLES, lambda ms: f"{utc(ms):%Y/%m}/41"), "line 2: the time '2021/01/41' is not understood"),
        (
            as_text(CANDLES, lambda ms: ms + 59_999),
            r"line 2 \(2021-01-01 00:00:59.999 UTC\).* at which the candles open",
        ),
    ],
)
def test_each_fault_is_named_with_its_line(write, text, message):
    with pytest.raises(CandleError, match=rf"candles\.csv.*{message.removeprefix('candles.csv')}"):
        read_candles(write(text))


def test_line_numbers_count_blank_lines_and_lines_above(write):
    text = "made by hand\n" + changed(9, cells(9)[1], "abc").replace("\n", "\n\n", 3)
    with pytest.raises(CandleError, match="line 13: open is 'abc'"):
        read_candles(write(text))


def test_missing_files_and_folders(write, tmp_path):
    write(PLAIN, "btc-2022.csv")
    with pytest.raises(CandleError, match=r"btc-2021.csv does not exist. Did you mean btc-2022.csv\?"):
        read_candles(tmp_path / "btc-2021.csv")
    with pytest.raises(CandleError, match="is a folder"):
        read_candles(tmp_path)


def test_a_compressed_file_cut_off(write):
    with pytest.raises(CandleError, match=r"x.csv.gz is damaged or cut off"):
        read_candles(write(gzip.compress(PLAIN.encode())[:-30], "x.csv.gz"))


def test_sorting_and_duplicates_on_request(write):
    shuffled = CANDLES[np.random.default_rng(0).permutation(len(CANDLES))]
    assert np.array_equal(read_candles(write(as_text(shuffled, str)), sort=True), CANDLES)
    twice = np.concatenate([CANDLES, CANDLES[10:12]])
    twice[-2:, 5] += 1
    path = write(as_text(twice, str))
    assert np.array_equal(read_candles(path, sort=True, duplicates="first"), CANDLES)
    assert read_candles(path, sort=True, duplicates="last")[10:12, 5].tolist() == (CANDLES[10:12, 5] + 1).tolist()
    with pytest.raises(CandleError, match=r"line 52 .* there twice: line 12 has the same time"):
        read_candles(path, sort=True)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(PLAIN)))
def test_a_file_cut_anywhere_never_gives_rows_that_it_does_not_hold(tmp_path_factory, end):
    path = tmp_path_factory.mktemp("cut") / "x.csv"
    path.write_text(PLAIN[:end])
    try:
        rows = read_candles(path)
    except CandleError:
        return
    # Only the last number can be shorter than it was, and looks like a number all the same.
    assert np.array_equal(rows[:-1], CANDLES[: len(rows) - 1])
    assert np.array_equal(rows[-1, :5], CANDLES[len(rows) - 1, :5])


DATA = Path(os.environ.get("LIVERMORE_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("name", "rows", "first", "last", "has_volume"),
    [
        ("btc-perp-1m-2022-01.csv.gz", 45_031, "2021-12-31T23:01", "2022-02-01T05:31", True),
        ("gbpusd-1m-bid-2012-02.csv.gz", 30_117, "2012-02-01T00:00", "2012-03-01T00:00", False),
        ("6e-future-1m-2024-01.csv.gz", 29_996, "2024-01-01T23:01", "2024-01-31T23:59", True),
    ],
)
def test_real_files(name, rows, first, last, has_volume):
    if not (DATA / name).exists():
        pytest.skip(f"needs {name} in {DATA} (or where LIVERMORE_DATA points)")
    candles = read_candles(DATA / name, timezone="UTC")
    assert len(candles) == rows
    ends = candles[[0, -1], 0].astype(np.int64).astype("datetime64[ms]").astype("datetime64[m]")
    assert [str(end) for end in ends] == [first, last]
    assert bool(candles[:, 5].any()) is has_volume


@pytest.mark.parametrize("end", [10, 200, -30])
@pytest.mark.parametrize(
    ("name", "pack"), [("x.csv.gz", gzip.compress), ("x.csv.bz2", bz2.compress), ("x.xz", lzma.compress)]
)
def test_damaged_archives_are_named(write, name, pack, end):
    packed = pack(PLAIN.encode())
    for content in (packed[:end], packed[:60] + b"\xff" * 40 + packed[100:]):
        with pytest.raises(CandleError, match=rf"{name} is damaged or cut off"):
            read_candles(write(content, name))


def test_an_encrypted_or_broken_zip_is_named(write, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.csv", PLAIN)
    content = bytearray((tmp_path / "x.zip").read_bytes())
    for position in (content.find(b"PK\x01\x02") + 8, 6):  # the flag that says: encrypted
        content[position] |= 1
    with pytest.raises(CandleError, match=r"x\.zip is damaged or cut off"):
        read_candles(write(bytes(content), "x.zip"))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("open", pa.array([[1.0]] * 50)),
        ("open", pa.array([{"a": 1.0}] * 50)),
        ("open", pa.array([b"x"] * 50)),
        ("timestamp", pa.array([[1]] * 50)),
        ("timestamp", pa.array([{"a": 1}] * 50)),
    ],
    ids=str,
)
def test_nested_columns_are_refused_by_name(tmp_path, column, values):
    columns = dict(zip(HEADER.split(","), CANDLES[:, ORDER].T, strict=True))
    pq.write_table(pa.table(columns | {column: values}), tmp_path / "x.parquet")
    with pytest.raises(CandleError, match=rf"x\.parquet: the column '{column}' is of type"):
        read_candles(tmp_path / "x.parquet")


def test_columns_that_pandas_calls_categories_are_read(tmp_path):
    columns = dict(zip(HEADER.split(","), CANDLES[:, ORDER].T, strict=True))
    coded = pa.array([repr(value) for value in columns["open"].tolist()]).dictionary_encode()
    pq.write_table(pa.table(columns | {"open": coded}), tmp_path / "x.parquet")
    assert np.array_equal(read_candles(tmp_path / "x.parquet"), CANDLES)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_damaged_parquet_file_is_an_error_of_ours_or_read(tmp_path_factory, position, bit):
    path = tmp_path_factory.mktemp("damaged") / "x.parquet"
    pq.write_table(pa.table(dict(zip(HEADER.split(","), CANDLES[:, ORDER].T, strict=True))), path)
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    try:
        read_candles(path)
    except CandleError as error:
        assert "x.parquet" in str(error)  # noqa: PT017


def test_a_pipe_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text(PLAIN))
    writer.start()
    assert np.array_equal(read_candles(tmp_path / "pipe"), CANDLES)
    writer.join()


def test_lines_end_as_on_old_computers(write):
    assert np.array_equal(read_candles(write(PLAIN.replace("\n", "\r"))), CANDLES)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip"])
def test_a_file_that_unpacks_to_too_much_is_refused(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_unpack, "MOST_UNPACKED", 1000)
    monkeypatch.setattr(_unpack, "MOST_TIMES", 2)
    path = tmp_path / f"x.csv{suffix}"
    content = b"timestamp,open,high,low,close\n" + b"\n" * 100_000
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", content)
    else:
        path.write_bytes({".gz": gzip, ".bz2": bz2, ".xz": lzma}[suffix].compress(content))
    with pytest.raises(CandleError, match="unpacks to more than"):
        read_candles(path)


def test_a_device_is_refused() -> None:
    with pytest.raises(CandleError, match="is a device or a socket"):
        read_candles("/dev/zero")


def test_a_long_name_and_a_link_to_nothing(tmp_path: Path) -> None:
    """The name of the checksum beside the file was too long for the system."""
    path = tmp_path / f"{'x' * 248}.csv"
    path.write_text("timestamp,open,high,low,close\n1704067200,10,12,9,11\n")
    assert len(read_candles(path)) == 1
    with pytest.raises(CandleError, match="does not exist"):
        read_candles(tmp_path / ("x" * 300))
    (tmp_path / "link.csv").symlink_to("nowhere.csv")
    with pytest.raises(CandleError, match="a link that leads to no file"):
        read_candles(tmp_path / "link.csv")


def test_names_of_columns_that_are_no_livermore_names_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "dax.csv"
    path.write_text("Datum;Zeit;Auf;Hoch;Tief;Zu\n2024-01-02;09:01;10;12;9;11\n")
    with pytest.raises(CandleError, match=r"--columns timestamp="):
        read_candles(path)
    with pytest.raises(CandleError, match=r"columns names 'date'.*take out the line with the names"):
        read_candles(path, columns={"date": "Datum", "time": "Zeit"})
    with pytest.raises(CandleError, match=r"is not understood. If the line holds names of columns"):
        read_candles(path, columns=["date", "time", "open", "high", "low", "close"])
