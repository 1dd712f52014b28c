"""Frames of pandas, Polars and Arrow are read alike, and times of all kinds are UTC."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from livermore.candles import check_candles, synthetic_candles
from livermore.errors import FrameError
from livermore.frames import candle_rows, frame_columns, is_frame, utc_times

CANDLES = synthetic_candles(20, seed=3)
NAMES = ("timestamp", "open", "close", "high", "low", "volume")
KINDS = ["pandas", "polars", "arrow"]


def frame_of(kind: str, columns: dict[str, Any]) -> Any:
    if kind == "polars":
        return pytest.importorskip("polars").DataFrame(columns)
    return pd.DataFrame(columns) if kind == "pandas" else pa.table(columns)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_all_kinds(kind: str) -> None:
    frame = frame_of(kind, {"x": [1.5, None], "i": [1, 2], "b": [True, False], "s": ["a", "b"]})
    assert is_frame(frame)
    columns = frame_columns(frame)
    np.testing.assert_array_equal(columns["x"], [1.5, np.nan])
    assert (columns["i"].dtype.kind, columns["i"].tolist()) == ("i", [1, 2])
    assert (columns["b"].dtype.kind, columns["b"].tolist()) == ("b", [True, False])
    assert columns["s"].tolist() == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_times_with_a_zone_are_utc(kind: str) -> None:
    tokyo = timezone(timedelta(hours=9))
    frame = frame_of(kind, {"t": [datetime(2024, 1, 1, 9, tzinfo=tokyo), datetime(2024, 1, 2, 9, tzinfo=tokyo)]})
    times = frame_columns(frame)["t"]
    assert times.astype("datetime64[s]").astype(str).tolist() == ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]


@pytest.mark.parametrize(
    "values",
    [
        pd.DatetimeIndex(["2024-01-01"], tz="UTC"),
        pd.DatetimeIndex(["2024-01-01 09:00"], tz="Asia/Tokyo"),
        pd.Series(pd.DatetimeIndex(["2024-01-01"], tz="UTC")),
        pd.DatetimeIndex(["2024-01-01"]),
        [datetime(2024, 1, 1, tzinfo=UTC)],
        [datetime(2024, 1, 1)],
        [datetime(2024, 1, 1).date()],
        np.array(["2024-01-01"], dtype="datetime64[D]"),
        pa.chunked_array([pa.array([datetime(2024, 1, 1)], pa.timestamp("ms", tz="UTC"))]),
    ],
    ids=lambda values: type(values).__name__,
)
def test_times_of_all_kinds(values: Any) -> None:
    assert utc_times(values).astype("datetime64[s]").astype(np.int64).tolist() == [1_704_067_200]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", ["ms", "times", "zoned"])
def test_candles_in_frames_are_those_of_the_array(kind: str, times: str) -> None:
    columns = {name.title(): CANDLES[:, i] for i, name in enumerate(NAMES)}
    if times != "ms":
        zone = UTC if times == "zoned" else None
        columns["Timestamp"] = [
            datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=zone) for ms in CANDLES[:, 0].tolist()
        ]
    frame = frame_of(kind, dict(reversed(columns.items())))
    assert np.array_equal(candle_rows(frame), CANDLES)
    assert np.array_equal(check_candles(frame), CANDLES)


def test_the_index_of_pandas_holds_the_times() -> None:
    frame = pd.DataFrame(
        {name: CANDLES[:, i] for i, name in enumerate(NAMES) if i},
        index=pd.to_datetime(CANDLES[:, 0], unit="ms", utc=True),
    )
    assert np.array_equal(check_candles(frame), CANDLES)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FrameError, match="needs the columns close, timestamp; it has open, high, low"):
        candle_rows(pd.DataFrame({"open": [1.0], "high": [1.0], "low": [1.0]}))
    with pytest.raises(FrameError, match=r"cannot be read: .*unique column names"):
        frame_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))
