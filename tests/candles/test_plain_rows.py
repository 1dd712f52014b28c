"""The compiled reader of plain lines gives the bits of any right reader, or says that the lines are not plain."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles.files import plain_rows
from livermore.candles.files._plain import plain_table

if not plain_rows.IS_COMPILED:
    pytest.skip("the reader is used compiled only", allow_module_level=True)

NAMES = ["time", "a", "b", "c"]
NUMBERS = ["a", "c"]


def read(text: bytes) -> dict[str, list[object]] | None:
    table = plain_table(text, 0, NAMES, ",", ["time", "a", "c"], NUMBERS)
    return None if table is None else table.to_pydict()


DECIMALS = st.decimals(
    min_value=-9_000_000, max_value=9_000_000, allow_nan=False, allow_infinity=False, places=None
).map(lambda number: f"{number:f}")


@settings(max_examples=300)
@given(st.lists(st.tuples(DECIMALS, DECIMALS), min_size=1, max_size=5))
def test_numbers_are_the_nearest_doubles(rows: list[tuple[str, str]]) -> None:
    text = "".join(f"1704067200,{a},x,{c}\n" for a, c in rows).encode()
    found = read(text)
    plain = all(len(cell.lstrip("-").replace(".", "")) <= 15 for row in rows for cell in row)
    assert found is not None or not plain
    if found is not None:
        assert found["a"] == [float(a) for a, _ in rows]
        assert found["c"] == [float(c) for _, c in rows]
        assert found["time"] == [1_704_067_200] * len(rows)


PIECES = st.sampled_from(
    [
        *(b"17040672001", b"1704067200", b"x", b"1.5", b"-2", b"7", b",", b",", b",", b"\n", b"\r\n", b"\r", b'"'),
        *(b"", b" ", b".", b"-", b"+1", b"1e5", b"nan", b"99999999999999999999", b"1." + b"0" * 30, b"\x00", b"\xff"),
    ]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_any_bytes_are_read_as_pyarrow_reads_them_or_not_at_all(text: bytes) -> None:
    found = read(text)
    if found is None:
        return
    table = pa.csv.read_csv(
        pa.BufferReader(text),
        read_options=pa.csv.ReadOptions(column_names=NAMES),
        convert_options=pa.csv.ConvertOptions(
            column_types={"time": pa.string(), "a": pa.float64(), "b": pa.string(), "c": pa.float64()},
            include_columns=["time", "a", "c"],
            null_values=[],
            strings_can_be_null=False,
        ),
    ).to_pydict()
    assert [str(time) for time in found["time"]] == table["time"]
    assert (found["a"], found["c"]) == (table["a"], table["c"])


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b"\n",
            b"1,2,x,3",
            b"1,2,x\n",
            b"1,2,x,3,4\n",
            b"1,,x,3\n",
            b"1,2,x,3,\n",
            b'1,2,"x",3\n',
            b"1,2,x, 3\n",
        ),
        *(b"1,+2,x,3\n", b"1,2e5,x,3\n", b"1,nan,x,3\n", b"1,2.,x,3\n", b"1,.5,x,3\n", b"1,--2,x,3\n", b"1,2-,x,3\n"),
        *(b"1,9007199254740993,x,3\n", b"1,0.1234567890123456789,x,3\n", b"1,18446744073709551617,x,3\n"),
    ],
)
def test_what_is_not_plain_is_left_to_others(text: bytes) -> None:
    assert read(text) in (None, {"time": [], "a": [], "c": []})


def test_lines_that_end_in_any_way_and_empty_ones_are_plain() -> None:
    expected = {"time": [1_704_067_200, 1_704_067_260], "a": [1.5, -2.0], "c": [3.0, 0.0]}
    for end in (b"\n", b"\r\n", b"\r", b"\n\n\r\n"):
        assert read(b"1704067200,1.5,x,3" + end + b"1704067260,-2,,0" + end) == expected


def test_lines_of_mixed_ends_do_not_leave_the_arrays() -> None:
    line = b"1704067200,1,x,3"
    found = read(b"\r".join([line] * 5000) + b"\n")
    assert found is not None
    assert len(found["a"]) == 5000


def test_more_lines_than_there_is_room_for_are_refused() -> None:
    lines = np.frombuffer(b"1,2\n1,2\n", np.uint8)
    kinds = np.array([plain_rows.FRACTION, plain_rows.TEXT], np.int8)
    for rows, room in ((1, 9), (2, 0), (2, 1)):
        arrays = (np.zeros((1, rows)), np.zeros((0, rows), np.int64), np.zeros((1, room), np.uint8))
        ends = np.zeros((1, rows + 1), np.int32)
        assert plain_rows.parse_rows(lines, 44, kinds, *arrays, ends, plain_rows.POWERS) < 0


def test_times_that_are_dates_stay_text() -> None:
    assert read(b"20240131,1,x,3\n20240201,1,x,3\n")["time"] == ["20240131", "20240201"]  # type: ignore[index]
    assert read(b"1704067200000000000,1,x,3\n")["time"] == [1_704_067_200_000_000_000]  # type: ignore[index]
    # A number that does not fit 64 bits is left to others, not wrapped round.
    assert read(b"1704067200,1,x,3\n9223372036854775808,1,x,3\n") is None


def test_the_reader_that_is_used_is_the_compiled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_rows, "IS_COMPILED", False)
    assert read(b"1704067200,1,x,3\n") is None
