"""The candle store: what goes in comes out, whatever the order, the names and the accidents."""

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import CandleStore, synthetic_candles
from livermore.candles._month_file import read_month
from livermore.errors import CandleError, CandlesNotFoundError
from livermore.files import locked

DAY = 1440
CANDLES = synthetic_candles(70 * DAY, seed=5)  # 2021-01-01 to 2021-03-12: three months


@pytest.fixture
def store(tmp_path):
    return CandleStore(tmp_path / "candles")


def test_candles_come_back_bit_for_bit_from_one_file_per_month(store):
    assert store.write(CANDLES, "Binance Spot", "BTC-USDT") == len(CANDLES)
    assert np.array_equal(store.read("Binance Spot", "BTC-USDT"), CANDLES)
    files = sorted(path.relative_to(store.root).as_posix() for path in store.root.rglob("*.*"))
    assert files == [f"Binance Spot/BTC-USDT/2021-0{month}.parquet" for month in (1, 2, 3)]


def test_intervals_are_half_open(store):
    store.write(CANDLES, "E", "A-B")
    start, finish = int(CANDLES[100, 0]), int(CANDLES[50_000, 0])
    assert np.array_equal(store.read("E", "A-B", start, finish), CANDLES[100:50_000])
    assert np.array_equal(store.read("E", "A-B", start + 1, start + 120_001), CANDLES[101:103])
    assert store.read("E", "A-B", 0, 60_000).shape == (0, 6)
    assert store.interval("E", "A-B") == (int(CANDLES[0, 0]), int(CANDLES[-1, 0]) + 60_000)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60 * DAY), st.integers(1, 10 * DAY)), min_size=1, max_size=6))
def test_overlapping_pieces_in_any_order_merge(tmp_path_factory, pieces):
    store = CandleStore(tmp_path_factory.mktemp("store"))
    seen = np.zeros(len(CANDLES), dtype=bool)
    for start, length in pieces:
        new = ~seen[start : start + length]
        assert store.write(CANDLES[start : start + length], "E", "A-B") == new.sum()
        seen[start : start + length] = True
    assert np.array_equal(store.read("E", "A-B"), CANDLES[seen])


def test_writing_again_touches_no_file_and_new_values_replace_only_when_told(store):
    store.write(CANDLES, "E", "A-B")
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")}
    assert store.write(CANDLES, "E", "A-B") == 0
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")} == before
    corrected = CANDLES[40 * DAY : 40 * DAY + 3].copy()
    corrected[1, 5] += 1
    with pytest.raises(CandleError, match=r"is stored, .* was given"):
        store.write(corrected, "E", "A-B")
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")} == before
    assert store.write(corrected, "E", "A-B", replace=True) == 1
    assert store.read("E", "A-B")[40 * DAY + 1, 5] == corrected[1, 5]
    changed = [path.stem for path, time in before.items() if path.stat().st_mtime_ns != time]
    assert changed == ["2021-02"]


def test_a_conflict_shows_time_and_both_values_and_writes_no_month(store):
    store.write(CANDLES[: 30 * DAY], "E", "A-B")
    other = CANDLES.copy()  # its last two months are new
    other[7:9, 5] = 1.5, 2.5
    with pytest.raises(CandleError) as caught:
        store.write(other, "E", "A-B")
    message = str(caught.value)
    assert "E-A-B: 2021-01-01 00:07 UTC: volume " in message
    assert f"volume {CANDLES[7, 5]} is stored, 1.5 was given; 1 more of this month differ" in message
    assert "Nothing was written" in message
    assert "--replace" in message
    assert np.array_equal(store.read("E", "A-B"), CANDLES[: 30 * DAY])


@pytest.mark.parametrize(
    "name", ["..", ".", "BTC/USDT", "a\\b", "con", "COM1", "AUX", " x ", "é%2F:*?", "a.b", "x.", "日本-円", "A" * 60]
)
def test_any_name_is_a_folder_inside_the_root_and_is_read_back(store, name):
    store.write(CANDLES[:3], name, name)
    assert store.symbols() == [(name, name)]
    assert np.array_equal(store.read(name, name), CANDLES[:3])
    (file,) = store.root.rglob("*.parquet")
    assert file.parent.parent.parent.resolve() == store.root.resolve()
    assert not {"con", "com1", "aux"} & {file.parent.name.lower(), file.parent.parent.name.lower()}


def test_an_empty_name_is_refused(store):
    with pytest.raises(CandleError, match="the symbol must be a name, not ''"):
        store.write(CANDLES[:3], "E", "")


def test_unknown_markets_are_named_with_what_is_near_and_what_to_do(store):
    with pytest.raises(CandlesNotFoundError, match=r"Nothing is stored there yet.*livermore candles import FILE"):
        store.read("Binance Spot", "BTC-USDT")
    store.write(CANDLES[:3], "Binance Spot", "BTC-USDT")
    with pytest.raises(
        CandlesNotFoundError, match=r"no candles of Binance Spot BTC-USD .*Did you mean: Binance Spot BTC-USDT"
    ):
        store.interval("Binance Spot", "BTC-USD")


def test_larger_candles_and_broken_ones_are_refused_before_anything_is_written(store):
    with pytest.raises(
        CandleError, match="E-A-B: these are no one-minute candles: the nearest two are 5 minutes apart"
    ):
        store.write(CANDLES[::5], "E", "A-B")
    bad = CANDLES[:100].copy()
    bad[50, 3] = np.nan
    with pytest.raises(CandleError, match="E-A-B: row 50 "):
        store.write(bad, "E", "A-B")
    assert not store.root.exists()


def test_a_file_cut_off_is_named(store):
    store.write(CANDLES[:100], "E", "A-B")
    (file,) = store.root.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(CandleError, match=r"2021-01\.parquet is damaged .*import these candles again"):
        store.read("E", "A-B")


def test_a_failed_write_leaves_the_old_file(store, monkeypatch):
    store.write(CANDLES[:100], "E", "A-B")

    def interrupted(*args, **kwargs):
        args[1].write(b"PAR1 half")
        raise KeyboardInterrupt

    monkeypatch.setattr("pyarrow.parquet.write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write(CANDLES[50:200], "E", "A-B")
    assert np.array_equal(store.read("E", "A-B"), CANDLES[:100])
    assert len(list((store.root / "E" / "A-B").iterdir())) == 1


WRITER = """
import sys
import threading
from livermore.candles import CandleStore, synthetic_candles
part = synthetic_candles(20 * 1440, seed=1)[int(sys.argv[2]) * 14400 :][:14400]
for day in range(10):
    CandleStore(sys.argv[1]).write(part[day * 1440 : (day + 1) * 1440], "E", "A-B")
"""


def test_processes_that_write_one_month_lose_nothing(store):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(store.root), str(part)]) for part in (0, 1)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert np.array_equal(store.read("E", "A-B"), synthetic_candles(20 * DAY, seed=1))


REPLACER = """
import sys
import threading
from livermore.candles import CandleStore, synthetic_candles
versions = [synthetic_candles(20 * 1440, seed=seed) for seed in (1, 2)]
store = CandleStore(sys.argv[1])
print("started", flush=True)
while True:
    for version in versions:
        store.write(version, "E", "A-B", replace=True)
"""


def test_a_reader_and_a_killed_writer_leave_the_old_month_or_the_new_one(store):
    versions = [synthetic_candles(20 * DAY, seed=seed) for seed in (1, 2)]
    store.write(versions[0], "E", "A-B")
    for _ in range(3):
        seen = set()
        writer = subprocess.Popen([sys.executable, "-c", REPLACER, str(store.root)], stdout=subprocess.PIPE)
        with writer, writer.stdout:
            assert writer.stdout.readline() == b"started\n"
            while len(seen) < 2:
                assert writer.poll() is None
                rows = store.read("E", "A-B")
                (version,) = [number for number in (0, 1) if np.array_equal(rows, versions[number])]
                seen.add(version)
            writer.kill()
        rows = store.read("E", "A-B")
        assert any(np.array_equal(rows, version) for version in versions)
    # The next writer gets the lock of the killed one, and removes what it left.
    assert store.write(np.vstack([rows, CANDLES[20 * DAY : 20 * DAY + 1]]), "E", "A-B") == 1
    assert [path.name for path in (store.root / "E" / "A-B").iterdir()] == ["2021-01.parquet"]


def test_adding_a_day_touches_one_month_of_many(store, monkeypatch):
    store.write(CANDLES[: 69 * DAY], "E", "A-B")
    months = store.months("E", "A-B")
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in months[:2]]
    opened = []
    monkeypatch.setattr(
        "livermore.candles._month_change.read_month", lambda path, base: opened.append(path) or read_month(path, base)
    )
    store.write(CANDLES[69 * DAY :], "E", "A-B")
    assert opened == months[2:]
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in months[:2]] == before
    assert np.array_equal(store.read("E", "A-B"), CANDLES)


def test_threads_that_write_one_month_lose_nothing(store):
    days = [CANDLES[day * DAY : (day + 1) * DAY] for day in range(16)]
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda rows: store.write(rows, "E", "A-B"), days)) == 16 * DAY
    assert np.array_equal(store.read("E", "A-B"), CANDLES[: 16 * DAY])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7), st.integers(1, 40))
def test_a_damaged_file_is_an_error_or_does_not_matter(tmp_path_factory, position, bit, length):
    store = CandleStore(tmp_path_factory.mktemp("store"))
    store.write(CANDLES[:500], "E", "A-B")
    (file,) = store.root.rglob("*.parquet")
    content = file.read_bytes()
    position %= len(content)
    flipped = content[:position] + bytes([content[position] ^ 1 << bit]) + content[position + 1 :]
    for damaged in (flipped, content[:position], content[:position] + bytes(length) + content[position + length :]):
        file.write_bytes(damaged)
        try:
            rows = store.read("E", "A-B")
        except CandleError as error:
            assert "2021-01.parquet is damaged" in str(error)  # noqa: PT017
        else:
            assert np.array_equal(rows, CANDLES[:500])


ROWS = CANDLES[:6]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.where(np.arange(6) == 2, np.nan, ROWS), "row 0 .* close is nan"),
        (ROWS[::-1], "row 1 .* before that of the row above"),
        (np.concatenate([ROWS, ROWS]), "there twice"),
        (ROWS * np.array([1, 1, 1, 1, 1, -1]), "is negative"),
        (CANDLES[40 * DAY : 40 * DAY + 6], "candles of another month"),
        (CANDLES[31 * DAY - 3 : 31 * DAY + 3], "candles of another month"),
        (ROWS[:0], "holds no candles"),
    ],
)
def test_candles_that_break_a_rule_are_refused_when_they_are_read(store, rows, message):
    store.write(CANDLES[:6], "E", "A-B")
    (file,) = store.root.rglob("*.parquet")
    table = pa.table(dict(zip(("timestamp", "open", "close", "high", "low", "volume"), rows.T, strict=True)))
    times = pa.array(rows[:, 0].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    pq.write_table(table.set_column(0, "timestamp", times), file)
    with pytest.raises(CandleError, match=rf"2021-01\.parquet is damaged .*{message}"):
        store.read("E", "A-B")
    with pytest.raises(CandleError, match="is damaged"):
        store.write(CANDLES[:3], "E", "A-B")


def test_months_without_checksums_are_read_as_earlier_versions_wrote_them(store):
    store.write(CANDLES[:6], "E", "A-B")
    (file,) = store.root.rglob("*.parquet")
    times = pa.array(ROWS[:, 0].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    columns = dict(zip(("open", "close", "high", "low", "volume"), ROWS.T[1:], strict=True))
    pq.write_table(pa.table({"timestamp": times} | columns), file, compression="zstd")
    assert np.array_equal(store.read("E", "A-B"), ROWS)


def test_a_column_of_lists_is_damage(store):
    store.write(CANDLES[:6], "E", "A-B")
    (file,) = store.root.rglob("*.parquet")
    table = pq.read_table(file)
    pq.write_table(table.set_column(1, "open", pa.array([[1.0]] * 6)), file)
    with pytest.raises(CandleError, match="is damaged"):
        store.read("E", "A-B")


def test_what_killed_runs_left_is_removed_by_the_next_write(store):
    store.write(CANDLES[:6], "E", "A-B")
    folder = store.root / "E" / "A-B"
    (folder / ".livermore-0123456789ab.tmp").write_bytes(b"half a month")
    store.write(CANDLES[60 * DAY :], "E", "A-B")
    assert sorted(path.name for path in folder.iterdir()) == ["2021-01.parquet", "2021-03.parquet"]


def test_markets_are_listed_and_removed(store):
    store.write(CANDLES, "E", "A-B")
    store.write(CANDLES[:10], "E", "C-D")
    assert [tuple(market)[:5] for market in store.list()] == [
        ("E", "A-B", len(CANDLES), int(CANDLES[0, 0]), int(CANDLES[-1, 0]) + 60_000),
        ("E", "C-D", 10, int(CANDLES[0, 0]), int(CANDLES[9, 0]) + 60_000),
    ]
    assert store.remove("E", "A-B") == 3
    assert store.symbols() == [("E", "C-D")]
    with pytest.raises(CandlesNotFoundError, match="no candles of E A-B"):
        store.remove("E", "A-B")
    store.write(CANDLES[:10], "E", "A-B")
    assert np.array_equal(store.read("E", "A-B"), CANDLES[:10])


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_month_that_is_no_file_is_refused(kind: str, tmp_path: Path) -> None:
    store = CandleStore(tmp_path)
    candles = synthetic_candles(100, seed=1)
    store.write(candles, "E", "B-U")
    month = next(tmp_path.glob("E/B-U/*.parquet"))
    month.unlink()
    os.mkfifo(month) if kind == "pipe" else month.symlink_to("/dev/zero")
    for call in (
        lambda: store.read("E", "B-U"),
        lambda: store.write(candles, "E", "B-U"),
        store.list,
    ):
        with pytest.raises(CandleError, match="is no file"):
            call()


@pytest.mark.parametrize(
    ("stored", "given", "gaps"),
    [
        ((0, 100), (100, 200), []),
        ((0, 100), (101, 200), [(99, 101)]),
        ((150, 200), (0, 100), [(99, 150)]),
        ((0, 31 * DAY), (31 * DAY, 32 * DAY), []),
        ((0, 31 * DAY - 1), (31 * DAY, 32 * DAY), [(31 * DAY - 2, 31 * DAY)]),
        ((0, 100), (60 * DAY, 61 * DAY), [(99, 60 * DAY)]),
        ((60 * DAY, 61 * DAY), (0, 100), [(99, 60 * DAY)]),
        ((0, 200), (50, 100), []),
    ],
)
def test_gaps_beside_candles_are_found_also_over_months(store, stored, given, gaps):
    times = CANDLES[:, 0].astype(int)
    for start, end in (stored, given):
        store.write(CANDLES[start:end], "E", "A-B")
    found = store.gaps_beside("E", "A-B", int(times[given[0]]), int(times[given[1] - 1]))
    assert found == [(times[before], times[after]) for before, after in gaps]


def test_a_writer_that_waited_while_the_market_was_removed_stores_its_candles(tmp_path: Path) -> None:
    """Removing deletes the folder of the market, which the writer had made before it got the lock."""
    store = CandleStore(tmp_path)
    rows = synthetic_candles(10, seed=1)
    store.write(rows, "Sandbox", "BTC-USDT")
    (folder,) = (path for path in tmp_path.glob("*/*") if path.is_dir())
    with locked(folder.with_name(f"~{folder.name}")):
        writer = threading.Thread(target=store.write, args=(rows, "Sandbox", "BTC-USDT"))
        writer.start()
        writer.join(0.2)
        shutil.rmtree(folder)
    writer.join(60)
    assert np.array_equal(store.read("Sandbox", "BTC-USDT"), rows)


def test_a_name_too_long_for_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CandleError, match=r"the symbol 'A+'... is too long for the name of a folder: 254 signs"):
        CandleStore(tmp_path).write(synthetic_candles(10, seed=1), "Sandbox", "A" * 252 + "-B")


def test_a_folder_with_another_name_hides_no_market(tmp_path: Path) -> None:
    """Candles that someone copied into a folder of his own were an error of every list."""
    store = CandleStore(tmp_path)
    store.write(synthetic_candles(10, seed=1), "Sandbox", "BTC-USDT")
    (month,) = tmp_path.glob("*/*/*.parquet")
    for name in ("BTC.USDT", "%zz"):
        shutil.copytree(month.parent, month.parent.with_name(name))
    assert [market[:2] for market in store.list()] == [("Sandbox", "BTC-USDT")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="an administrator gives up his rights here")
def test_what_may_not_be_read_is_neither_damaged_nor_absent(tmp_path: Path) -> None:
    """The advice was to delete the file, and a folder that may not be read looked empty."""
    store = CandleStore(tmp_path / "store")
    store.write(synthetic_candles(10, seed=1), "Sandbox", "BTC-USDT")
    (month,) = store.months("Sandbox", "BTC-USDT")
    tmp_path.chmod(0o755)

    def as_nobody(call: str) -> str:
        code = f"""
import os
from livermore.candles import CandleStore
import pyarrow.parquet, livermore.candles._month_file
os.chdir({str(tmp_path)!r})
os.setegid(65534)
os.seteuid(65534)
try:
    print(CandleStore("store").{call})
except Exception as error:
    print(type(error).__name__, error)
"""
        return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    month.chmod(0o000)
    assert "2021-01.parquet cannot be read: Permission denied" in as_nobody('read("Sandbox", "BTC-USDT")')
    assert "2021-01.parquet cannot be read: Permission denied" in as_nobody("list()")
    month.parent.parent.chmod(0o000)
    assert "PermissionError" in as_nobody("symbols()")
    month.parent.parent.chmod(0o755)
