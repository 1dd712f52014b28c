"""Data sets from frames of pandas, Polars and Arrow, and back."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from livermore.errors import DatasetError, FeatureError
from livermore.ml.dataset import Dataset

SAMPLES = [
    {
        "time": 60 * i,
        "features": {"rsi": None if i == 3 else i / 7, "up": None if i == 5 else i % 2 == 0, "bars": i},
        "label": {"name": "win", "value": i % 3 == 0},
        "label_time": 60 * i + 30,
        "symbol": "BTC-USDT",
        "side": "long" if i % 2 else "short",
        "payoff": i / 100,
        "weight": 0.5,
        "key": f"k{i}",
    }
    for i in range(12)
]
DATA = Dataset.from_samples(SAMPLES)


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_data_set_survives_each_kind_of_frame(backend: str) -> None:
    if backend == "polars":
        pytest.importorskip("polars")
    again = Dataset.from_frame(DATA.to_frame(backend), label="win")
    assert again.fingerprint() == DATA.fingerprint()
    assert repr(again.to_samples()) == repr(DATA.to_samples())
    assert again.bool_features == {"up"}


def test_times_come_from_the_index_of_pandas_in_utc() -> None:
    index = pd.date_range("2024-01-01 09:00", periods=3, freq="h", tz="Asia/Tokyo")
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=index)
    label = pd.Series([1.5, 0.5, 2.5], index=index, name="gain")
    data = Dataset.from_frame(frame, label, label_time=index + pd.Timedelta("2h"), symbol="BTC-USDT", weight=2)
    assert data.time.tolist() == [1_704_067_200 + 3600 * i for i in range(3)]
    assert data.label_time is not None
    assert (data.label_time - data.time).tolist() == [7200] * 3
    assert (data.label_name, data.labels) == ("gain", (1.5, 0.5, 2.5))
    assert data.symbol is not None
    assert data.weight is not None
    assert (data.symbol.tolist(), data.weight.tolist()) == (["BTC-USDT"] * 3, [2.0] * 3)


def test_rows_are_sorted_by_time_and_columns_by_name() -> None:
    frame = pa.table(
        {"b": [1.0, 2.0], "a": [3.0, 4.0], "time": [datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)]}
    )
    data = Dataset.from_frame(frame, label=np.array([1, 0]))
    assert data.feature_names == ("a", "b")
    assert data.X.tolist() == [[4.0, 2.0], [3.0, 1.0]]
    assert data.labels == (0, 1)


TIMES = [60, 120]
BAD = {
    "no times": ({"x": [1.0, 2.0]}, {"label": [0, 1]}, "has no times"),
    "no label": ({"x": [1.0, 2.0], "time": TIMES}, {"label": "win"}, "no column 'win' for label; it has x, time"),
    "text": ({"x": ["a", "b"], "time": TIMES}, {"label": [0, 1]}, "the column 'x' is of type .* Encode it"),
    "infinite": ({"x": [1.0, np.inf], "time": TIMES}, {"label": [0, 1]}, r"feature 'x' of sample 1 \(time 120.*is inf"),
    "lengths": ({"x": [1.0, 2.0], "time": TIMES}, {"label": [0, 1, 1]}, "label has 3 values, the frame 2 rows"),
    "label missing": ({"x": [1.0, 2.0], "time": TIMES}, {"label": [0.0, np.nan]}, "the label of sample 1 .* is nan"),
    "early": ({"x": [1.0, 2.0], "time": TIMES}, {"label": [0, 1], "label_time": [60, 60]}, "before its features"),
    "milliseconds": ({"x": [1.0], "time": [1_704_067_200_000]}, {"label": [0]}, "looks like milliseconds"),
    "an int that no float is": ({"x": [2**53 + 1], "time": [60]}, {"label": [0]}, "no float holds exactly"),
    "no features": ({"time": [60]}, {"label": [0]}, "no column left for a feature"),
    "a bad side": ({"x": [1.0], "time": [60], "side": ["up"]}, {"label": [0]}, "side of sample 0"),
}


@pytest.mark.parametrize(("columns", "arguments", "message"), BAD.values(), ids=BAD.keys())
def test_frames_that_cannot_be_used_are_refused(columns: Any, arguments: Any, message: str) -> None:
    with pytest.raises((DatasetError, FeatureError), match=message):
        Dataset.from_frame(pa.table(columns), **arguments)


def test_an_unknown_keyword_is_named() -> None:
    with pytest.raises(TypeError, match="from_frame has no parameter 'sides'"):
        Dataset.from_frame(pa.table({"x": [1.0]}), sides="long")


def test_a_feature_with_the_name_of_another_column_is_named() -> None:
    sample = {"time": 60, "features": {"label_time": 1.0}, "label": {"name": "w", "value": 1}, "label_time": 70}
    with pytest.raises(DatasetError, match="two columns 'label_time'"):
        Dataset.from_samples([sample]).to_frame("pyarrow")
