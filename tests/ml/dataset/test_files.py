"""Jesse's CSV and the Parquet file beside it."""

import csv
import errno
import json
import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from livermore.errors import DatasetError, FeatureError, LivermoreWarning
from livermore.ml.dataset import Dataset, parquet_beside, read_samples, write_samples
from livermore.ml.dataset._csv import _parse_by_line, float_texts

# What Jesse 3.5.3 writes for these samples (sorted by time, as its gather_ml_data sorts them), byte for byte.
JESSE = (
    b"time,label_name,label_value,a,b\r\n100,win,True,2,1e-300\r\n200,win,False,0.1,nan\r\n300,win,True,True,-3.5\r\n"
)
SAMPLES = [
    {"time": 200, "features": {"b": math.nan, "a": 0.1}, "label": {"name": "win", "value": False}},
    {"time": 100, "features": {"b": 1e-300, "a": 2}, "label": {"name": "win", "value": True}},
    {"time": 300, "features": {"b": -3.5, "a": True}, "label": {"name": "win", "value": True}},
]


def test_csv_is_that_of_jesse(tmp_path: Path) -> None:
    path = write_samples(SAMPLES, tmp_path / "deep" / "Foo_data.csv")
    assert path.read_bytes() == JESSE


def test_csv_of_jesse_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Foo_data.csv"
    path.write_bytes(JESSE)
    samples = read_samples(path)
    assert [s["time"] for s in samples] == [100, 200, 300]
    assert [s["label"]["value"] for s in samples] == [True, False, True]
    assert samples[2]["features"] == {"a": True, "b": -3.5}
    assert math.isnan(samples[1]["features"]["b"])


def test_labels_are_restored_as_bool_int_float_in_that_order(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time,label_name,label_value,a\n1,w,True,1\n2,w,false,1\n3,w,-3,1\n4,w,1.0,1\n5,w,1e5,1\n")
    values = [s["label"]["value"] for s in read_samples(path)]
    assert list(map(repr, values)) == ["True", "False", "-3", "1.0", "100000.0"]


def test_empty_cells_and_bools_survive(tmp_path: Path) -> None:
    samples = [
        {"time": t, "features": {"flag": flag, "x": x}, "label": {"name": "w", "value": t}}
        for t, flag, x in ((1, True, None), (2, None, 0.5), (3, False, -0.0))
    ]
    path = write_samples(samples, tmp_path / "x.csv")
    parquet_beside(path).unlink()
    assert read_samples(path) == samples


def test_parquet_restores_what_the_csv_has_no_columns_for(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    samples = [s | {"symbol": "BTC-USDT", "side": "short", "weight": 0.5} for s in make_samples(n=20)]
    path = write_samples(samples, tmp_path / "x.csv")
    assert read_samples(path) == samples
    table = pq.read_table(parquet_beside(path))
    assert {"time", "label_time", "label_value", "symbol", "side", "weight", "feature.signal"} <= set(
        table.column_names
    )


def test_parquet_of_another_csv_is_left_out_with_a_warning(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    path = write_samples(make_samples(n=20), tmp_path / "x.csv")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))  # cut off between two lines: only the hash tells
    with pytest.warns(LivermoreWarning, match="belongs to another version of the CSV"):
        samples = read_samples(path)
    assert len(samples) == 19
    assert "label_time" not in samples[0]


def test_damaged_parquet_is_left_out_with_a_warning(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    path = write_samples(make_samples(n=20), tmp_path / "x.csv")
    beside = parquet_beside(path)
    beside.write_bytes(beside.read_bytes()[:-100])
    with pytest.warns(LivermoreWarning, match="cannot be read"):
        assert len(read_samples(path)) == 20


HEADER = "time,label_name,label_value,a,b\n"
BAD_FILES = {
    "empty": ("", "is empty"),
    "only a header": (HEADER, "holds a header and no samples"),
    "no header": ("1,w,True,1,2\n", "line 1: the header must be time,label_name,label_value"),
    "no features": ("time,label_name,label_value\n1,w,True\n", "line 1: the header must be"),
    "a feature twice": (
        "time,label_name,label_value,a,a\n1,w,True,1,2\n",
        "line 1: the header names 'a' more than once",
    ),
    "cut off in a row": (HEADER + "1,w,True,1,2\n2,w,True,1", "line 3: the last line does not end in a line break"),
    "cut off in the last number": (HEADER + "1,w,True,1,2\n2,w,True,1,0.12", "line 3: .*cut off"),
    "a value too few": (HEADER + "1,w,True,1\n2,w,True,1,2\n", "line 2: 4 values instead of 5"),
    "quote left open": (HEADER + '1,"w,True,1,2\n', "line 2: "),
    "text feature": (HEADER + "1,w,True,1,2\n2,w,True,1,x\n", "line 3: feature 'b' must be a number, not 'x'"),
    "infinite feature": (HEADER + "1,w,True,inf,2\n", "line 2: feature 'a' is inf"),
    "text label": (HEADER + "1,w,up,1,2\n", "line 2: label_value must be .* not 'up'"),
    "no label": (HEADER + "1,w,nan,1,2\n", "line 2: label_value must be .* not 'nan'"),
    "text time": (HEADER + "1.5,w,1,1,2\n", "line 2: time must be whole UTC seconds, not '1.5'"),
}


@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_damaged_csv_is_refused_by_file_and_line(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "Foo_data.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=f"Foo_data.csv.*{message}"):
        read_samples(path)


def test_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="not a text file"):
        read_samples(tmp_path / "x.csv")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nothing\.csv"):
        read_samples(tmp_path / "nothing.csv")


def test_bad_samples_leave_the_old_files_alone(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    path = write_samples(make_samples(n=20), tmp_path / "x.csv")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(FeatureError):
        write_samples([*make_samples(n=20), *make_samples(n=20, features=4)], path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


# A name must not be changed by the CSV: everything but lone surrogates, which no file can hold.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.floats(allow_infinity=False, allow_nan=False)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), keep_parquet=st.booleans())
def test_samples_survive_the_files_exactly(data: st.DataObject, keep_parquet: bool, tmp_path: Path) -> None:
    names = data.draw(st.lists(TEXT, min_size=1, max_size=4, unique=True), "names")
    names = [name for name in names if name not in ("time", "label_name", "label_value")] or ["x"]
    values = st.one_of(NUMBERS, NUMBERS, st.none(), st.booleans())
    label = data.draw(st.sampled_from([st.booleans(), st.integers(-(2**40), 2**40), NUMBERS]), "label type")
    label_name = data.draw(TEXT, "label name")
    samples = [
        {
            "time": 60 * i,
            "features": {name: data.draw(values) for name in names},
            "label": {"name": label_name, "value": data.draw(label)},
            "label_time": 60 * i + 30,
        }
        for i in range(data.draw(st.integers(1, 5)))
    ]
    path = write_samples(samples, tmp_path / "x.csv")
    if not keep_parquet:
        parquet_beside(path).unlink()
    for ours, theirs in zip(read_samples(path), samples, strict=True):
        assert ours["time"] == theirs["time"]
        assert list(map(repr, ours["label"].values())) == list(map(repr, theirs["label"].values()))
        assert ours.get("label_time") == (theirs["label_time"] if keep_parquet else None)
        for name, value in theirs["features"].items():
            found = ours["features"][name]
            assert (value is None and (found is None or math.isnan(found))) or found == value


@given(st.lists(st.floats(), min_size=1))
def test_floats_are_written_as_python_writes_them(values: list[float]) -> None:
    assert float_texts(np.array(values)).to_pylist() == list(map(repr, values))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_plain_columns_are_read_as_line_by_line(data: st.DataObject, tmp_path: Path) -> None:
    cells = st.sampled_from(
        ["1", "-0.0", "2.5", "1e300", "nan", "", "None", "True", "False", " 7", "1_0", "0x1", "inf"]
    )
    label = data.draw(st.sampled_from([["True", "false"], ["1", "-2"], ["0.5", "1e5"], ["1", "0.5"], ["x"]]))
    rows = data.draw(st.lists(st.tuples(cells, cells, st.sampled_from(label)), min_size=1, max_size=4))
    content = "".join(f"{60 * i},w,{y},{a},{b}\r\n" for i, (a, b, y) in enumerate(rows))
    content = f"time,label_name,label_value,a,b\r\n{content}"
    path = tmp_path / "x.csv"
    path.write_bytes(content.encode())
    assert outcome_of(lambda: read_samples(path)) == outcome_of(lambda: _parse_by_line(content.encode(), path))
    assert outcome_of(lambda: Dataset.from_file(path).to_samples()) == outcome_of(
        lambda: Dataset.from_samples(_parse_by_line(content.encode(), path)).to_samples()
    )


def outcome_of(read: Callable[[], Any]) -> str:
    try:
        return repr(read())
    except DatasetError as error:
        return repr(error)


def test_a_data_set_is_read_from_either_file_without_dicts(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    samples = [
        s | {"symbol": "BTC-USDT", "side": "long", "payoff": 0.5, "key": i} for i, s in enumerate(make_samples(n=20))
    ]
    expected = Dataset.from_samples(samples)
    path = write_samples(samples, tmp_path / "x.csv")
    for file in (path, parquet_beside(path)):
        found = Dataset.from_file(file)
        assert found.to_samples() == samples
        assert found.fingerprint() == expected.fingerprint()
    parquet_beside(path).unlink()
    assert Dataset.from_file(path).X.tolist() == expected.X.tolist()


def test_a_data_set_is_written_as_its_samples_are(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    samples = [
        s | {"features": {**s["features"], "up": (True, False, None)[i % 3]}} for i, s in enumerate(make_samples(n=9))
    ]
    first = write_samples(samples, tmp_path / "x.csv")
    second = write_samples(Dataset.from_samples(samples), tmp_path / "y.csv")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("keys", [["a", "b", None], [1, 2, 3], [("BTC-USDT", 7), None, "x"], [True, 0.5, None]])
def test_keys_are_kept(keys: list[Any], make_samples: Callable[..., Any], tmp_path: Path) -> None:
    samples = make_samples(n=3)
    for sample, key in zip(samples, keys, strict=True):
        if key is not None:
            sample["key"] = key
    found = read_samples(write_samples(samples, tmp_path / "x.csv"))
    assert [sample.get("key") for sample in found] == keys


@pytest.mark.parametrize(
    "names",
    [
        ("samples.parquet", "samples.csv"),
        ("run.2020", "run.2021"),
        ("x.csv", "x.txt", "x", "x.csv.csv", "x.CSV"),
        ("a.b.csv", "a.csv", "a.c"),
    ],
)
def test_files_of_different_names_never_meet(
    names: tuple[str, ...], make_samples: Callable[..., Any], tmp_path: Path
) -> None:
    written = {}
    for size, name in enumerate(names, start=20):
        samples = make_samples(n=size)
        try:
            write_samples(samples, tmp_path / name)
        except DatasetError as error:
            assert "Parquet" in str(error)  # noqa: PT017 -- refused rather than replaced
        else:
            written[name] = samples
    assert written
    for name, samples in written.items():
        assert read_samples(tmp_path / name) == samples


def test_a_parquet_file_is_not_replaced_by_a_csv_nor_another_file_by_parquet(
    make_samples: Callable[..., Any], tmp_path: Path
) -> None:
    write_samples(make_samples(n=20), tmp_path / "x.csv")
    with pytest.raises(DatasetError, match=r"x\.parquet: it is a Parquet file"):
        write_samples(make_samples(n=20), tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_text("notes")
    with pytest.raises(DatasetError, match=r"y\.parquet, which belongs to it, is no Parquet file"):
        write_samples(make_samples(n=20), tmp_path / "y.csv")
    assert (tmp_path / "y.parquet").read_text() == "notes"


def test_the_parquet_file_that_earlier_versions_wrote_is_found(
    make_samples: Callable[..., Any], tmp_path: Path
) -> None:
    path = write_samples(make_samples(n=20), tmp_path / "run.2020")
    parquet_beside(path).rename(tmp_path / "run.parquet")
    assert read_samples(path) == make_samples(n=20)


@pytest.mark.parametrize("path", ["", ".", "folder"])
def test_a_path_that_names_no_file_is_refused(
    path: str, make_samples: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatasetError, match="cannot be written"):
        write_samples(make_samples(n=20), path)


def test_a_full_disk_leaves_both_old_files(
    make_samples: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_samples(make_samples(n=20), tmp_path / "x.csv")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    synced = []

    def full_disk(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_samples(make_samples(n=30), path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "@sum", "+1+cmd|' /C calc'!A0", "\tx", "'=x", "''=x"])
def test_no_name_is_a_formula_in_a_spreadsheet_and_all_come_back(name: str, tmp_path: Path) -> None:
    samples = [{"time": 60, "features": {name: 1.5}, "label": {"name": name, "value": 1}}]
    path = write_samples(samples, tmp_path / "x.csv")
    with path.open(newline="") as file:
        header, row = csv.reader(file)
    assert not {header[3][0], row[1][0]} & set("=+-@\t\r")
    assert read_samples(path) == samples
    parquet_beside(path).unlink()
    assert read_samples(path) == samples
    assert Dataset.from_file(path).feature_names == (name,)


def test_plain_names_with_signs_are_written_as_they_are(tmp_path: Path) -> None:
    samples = [{"time": 60, "features": {"+DI": 1.5, "-DI 14": 2.5}, "label": {"name": "w", "value": 1}}]
    path = write_samples(samples, tmp_path / "x.csv")
    assert path.read_text().splitlines()[0] == "time,label_name,label_value,+DI,-DI 14"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
@example(position=28044, bit=0)  # in the footer of pyarrow 16
def test_a_damaged_parquet_file_never_gives_other_samples(position: int, bit: int, tmp_path: Path) -> None:
    samples = [
        {"time": 60 * i, "features": {"x": i / 7}, "label": {"name": "w", "value": i % 2}, "label_time": 60 * i + 60}
        for i in range(50)
    ]
    path = write_samples(samples, tmp_path / "x.csv")
    content = bytearray(parquet_beside(path).read_bytes())
    content[position % len(content)] ^= 1 << bit
    parquet_beside(path).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LivermoreWarning)
        found = read_samples(path)
    assert found in (samples, [{k: v for k, v in sample.items() if k != "label_time"} for sample in samples])


def test_a_parquet_file_with_other_values_than_it_was_written_with_is_left_out(tmp_path: Path) -> None:
    """No page of it is damaged: as if a wrong bit in the footer made whole pages be read as others."""
    samples = [
        {"time": 60 * i, "features": {"x": i / 7}, "label": {"name": "w", "value": i % 2}, "label_time": 60 * i + 60}
        for i in range(50)
    ]
    path = write_samples(samples, tmp_path / "x.csv")
    table = pq.read_table(parquet_beside(path))
    position = table.column_names.index("label_time")
    later = pa.array([value + 60 for value in table.column("label_time").to_pylist()])
    pq.write_table(table.set_column(position, "label_time", later), parquet_beside(path))
    with pytest.warns(LivermoreWarning, match="left out"):
        found = read_samples(path)
    assert "label_time" not in found[0]


def test_files_from_before_the_checksum_of_values_load(tmp_path: Path) -> None:
    samples = [{"time": 60, "features": {"x": 1.5}, "label": {"name": "w", "value": 1}, "label_time": 120}]
    path = write_samples(samples, tmp_path / "x.csv")
    table = pq.read_table(parquet_beside(path))
    about = json.loads(table.schema.metadata[b"livermore"])
    del about["values_crc32"]
    pq.write_table(table.replace_schema_metadata({b"livermore": json.dumps(about)}), parquet_beside(path))
    assert read_samples(path) == samples


THREE = [{"time": 60 * i, "features": {"a": 1.0}, "label": {"name": "y", "value": i}} for i in range(3)]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "dangling link"])
def test_what_is_no_file_beside_a_csv_is_warned_of(kind: str, tmp_path: Path) -> None:
    path = write_samples(THREE, tmp_path / "x.csv")
    beside = tmp_path / "x.parquet"
    beside.unlink()
    {
        "pipe": lambda: os.mkfifo(beside),
        "device": lambda: beside.symlink_to("/dev/zero"),
        "folder": beside.mkdir,
        "dangling link": lambda: beside.symlink_to("nowhere"),
    }[kind]()
    with pytest.warns(LivermoreWarning, match="it is no file"):
        assert len(read_samples(path)) == 3


def test_a_new_parquet_file_beside_a_private_csv_is_private(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.touch(mode=0o600)
    write_samples(THREE, path)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
