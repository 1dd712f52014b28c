"""Candles written to files: the same numbers come back, and a failure leaves the old file."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.candles import read_candles, synthetic_candles, write_candles
from livermore.errors import CandleError, FileError

CANDLES = synthetic_candles(3000, seed=3)
ENDINGS = [".csv", ".csv.gz", ".parquet"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_written_candles_are_read_bit_for_bit(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{ending}"
    write_candles(CANDLES, path)
    assert np.array_equal(read_candles(path), CANDLES)
    first = path.read_bytes()
    write_candles(CANDLES, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("ending", ENDINGS)
@given(price=st.floats(1e-12, 1e15), volume=st.floats(0, 1e15))
def test_any_number_is_read_as_it_was_written(
    ending: str, price: float, volume: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"x{ending}"
    rows = np.array([[1_700_000_040_000, price, price, price, price, volume]])
    write_candles(rows, path)
    assert np.array_equal(read_candles(path), rows)


def test_the_csv_file_has_the_columns_of_a_candle_in_their_order(tmp_path: Path) -> None:
    write_candles(np.array([[1_704_067_200_000, 1, 2, 3, 0.5, 0.1]]), tmp_path / "x.csv.gz")
    lines = gzip.decompress((tmp_path / "x.csv.gz").read_bytes()).decode().replace('"', "").splitlines()
    assert lines == ["timestamp,open,close,high,low,volume", "1704067200000,1,2,3,0.5,0.1"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    write_candles(CANDLES, tmp_path / "x.csv")
    before = (tmp_path / "x.csv").read_bytes()
    bad = CANDLES.copy()
    bad[5, 2] = np.nan
    with pytest.raises(CandleError, match="row 5 "):
        write_candles(bad, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes() == before
    with pytest.raises(CandleError, match=r"must end in \.csv, \.csv\.gz, \.parquet"):
        write_candles(CANDLES, tmp_path / "x.xlsx")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError, match="a folder stands there"):
        write_candles(CANDLES, tmp_path / "folder.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "x.csv"]
