"""Files that were broken on their way: they are read right, or refused; never read wrongly without a word."""

from pathlib import Path

import numpy as np
import pytest
from make_sources import MAKERS, Made, sample_candles
from mutations import MUTATIONS

from livermore.candles import CandleRead, ReadOptions, read_candle_file
from livermore.errors import CandleError
from livermore.typing import Rows

CANDLES = sample_candles(24, seed=6, start="2024-12-31T23:48")
PER_SOURCE = 84  # with those that are cut after they were packed, more than 2,000 broken files
ALWAYS_READ = ("byte_order_mark", "other_line_ends", "scientific")
TEXT = [name for name in MAKERS if name not in ("freqtrade_feather", "freqtrade_parquet", "databento_dbn")]


def expected(made: Made) -> Rows:
    return CANDLES if made.has_volume else np.c_[CANDLES[:, :5], np.zeros(len(CANDLES))]


def outcome(made: Made, content: bytes, folder: Path) -> CandleRead | str:
    """What is read of a file with another content, or the message of the error."""
    path = folder / made.name
    path.write_bytes(made.pack(content))
    try:
        return read_candle_file(path, made.source, ReadOptions.of(made.options))
    except CandleError as error:
        return str(error)


def is_right(read: CandleRead, whole: Rows, mutation: str) -> bool:
    """Whether what was read is what the broken file still holds."""
    rows = read.candles
    if mutation == "cut":
        # In files that begin with the newest candle the last ones are left.
        ascending = len(rows) <= len(whole) and rows[0, 0] == whole[0, 0]
        left, last = (whole[: len(rows)], -1) if ascending else (whole[len(whole) - len(rows) :], 0)
        is_said = any("no line end" in note for note in read.notes)
        return np.array_equal(rows, left) or (
            is_said and np.array_equal(np.delete(rows, last, 0), np.delete(left, last, 0))
        )
    if mutation == "row_of_nan" and len(rows) == len(whole) - 1:
        return any(np.array_equal(rows, np.delete(whole, row, 0)) for row in range(len(whole)))
    return np.array_equal(rows, whole)


@pytest.mark.parametrize("name", TEXT)
def test_a_broken_file_is_read_right_or_refused(name: str, tmp_path: Path) -> None:
    made = MAKERS[name](CANDLES)
    rng = np.random.default_rng(sorted(MAKERS).index(name))
    text = made.content.decode()
    for number in range(PER_SOURCE):
        mutation = list(MUTATIONS)[number % len(MUTATIONS)]
        broken = MUTATIONS[mutation](text, rng)
        if broken is None:
            continue
        read = outcome(made, broken.encode(), tmp_path)
        if isinstance(read, str):
            assert made.name in read, f"{mutation}: {read}"
            # What changes no number is read; integers of nanounits are none once one is written with a point.
            assert mutation not in ALWAYS_READ or (mutation == "scientific" and name == "databento"), read
        else:
            assert is_right(read, expected(made), mutation), f"{mutation}: {broken[:2000]}"


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_cut_off_after_it_was_packed_is_refused(name: str, tmp_path: Path) -> None:
    made = MAKERS[name](CANDLES)
    whole = made.pack(made.content)
    if whole == made.content and name in TEXT:
        pytest.skip("a text that is not packed; see above")
    rng = np.random.default_rng(1)
    for _ in range(PER_SOURCE // 2):
        (tmp_path / made.name).write_bytes(whole[: int(rng.integers(1, len(whole)))])
        try:
            read = read_candle_file(tmp_path / made.name, made.source, ReadOptions.of(made.options))
        except CandleError as error:
            assert made.name in str(error)  # noqa: PT017
        else:
            assert is_right(read, expected(made), "cut")


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in TEXT])
@pytest.mark.parametrize("change", ["reordered", "duplicated", "nan"])
def test_rows_of_binary_files_are_checked(name: str, change: str, tmp_path: Path) -> None:
    rows = CANDLES.copy()
    if change == "reordered":
        rows[[4, 9]] = rows[[9, 4]]
    elif change == "duplicated":
        rows = np.insert(rows, 7, rows[3], axis=0)
    elif name != "databento_dbn":
        rows[5, 3] = np.nan
    else:
        pytest.skip("integers are never NaN")
    made = MAKERS[name](rows)
    assert isinstance(outcome(made, made.content, tmp_path), str)
