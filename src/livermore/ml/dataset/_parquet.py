"""The Parquet file beside the CSV: everything that a data set holds, and the hash of the CSV that it belongs to.

Columns: those of a sample (`time`, `label_name`, `label_value`, `label_time`, `exchange`, …), then one per feature,
named ``feature.<name>``, bool where the feature was recorded as bool.
"""

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.errors import DatasetError
from livermore.ml.dataset._dataset import Dataset

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT_VERSION = 1
METADATA_KEY = b"livermore"
FEATURE = "feature."
CONTEXT = ("label_time", "exchange", "symbol", "timeframe", "side", "weight", "payoff")


def parquet_bytes(data: Dataset, csv_sha256: str) -> bytes:
    """Return `data` as the content of a Parquet file that belongs to the CSV with this hash."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {
        "time": pa.array(data.time),
        "label_name": pa.array([data.label_name] * len(data)),
        "label_value": _label_column(data),
    }
    for key in CONTEXT:
        values = getattr(data, key)
        if values is not None:
            columns[key] = pa.array(values)
    for position, name in enumerate(data.feature_names):
        columns[FEATURE + name] = _feature_column(data.X[:, position], name in data.bool_features)
    about = {"format_version": FORMAT_VERSION, "csv_sha256": csv_sha256}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata({METADATA_KEY: json.dumps(about)}), buffer)
    return buffer.getvalue()


def parse_parquet(content: bytes, csv_sha256: str) -> Dataset | None:
    """Return the data set of a Parquet file; None if the file belongs to a CSV with another hash.

    Raises
    ------
    DatasetError
        If the file is damaged, or not one that this module wrote.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
        about = json.loads(table.schema.metadata[METADATA_KEY])
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"it cannot be read ({type(error).__name__})") from error
    if about.get("format_version") != FORMAT_VERSION or about.get("csv_sha256") != csv_sha256:
        return None
    return _dataset(table)


def _label_column(data: Dataset) -> "pa.Array":
    """Return the labels as a column of their own type; as text where types are mixed."""
    import pyarrow as pa

    if len(set(map(type, data.labels))) == 1:
        return pa.array(data.labels)
    return pa.array(list(map(repr, data.labels)))


def _feature_column(values: "np.ndarray[Any, np.dtype[np.float64]]", is_bool: bool) -> "pa.Array":
    """Return one feature as a column, missing values as nulls."""
    import pyarrow as pa

    missing = np.isnan(values)
    return pa.array(values.astype(bool) if is_bool else values, mask=missing)


def _dataset(table: "pa.Table") -> Dataset:
    """Turn a table back into the data set that it was made of."""
    import pyarrow as pa

    names = tuple(name.removeprefix(FEATURE) for name in table.column_names if name.startswith(FEATURE))
    features = [table.column(FEATURE + name) for name in names]
    labels = table.column("label_value")
    values = labels.to_pylist()
    context = {key: _array(table.column(key)) for key in CONTEXT if key in table.column_names}
    return Dataset(
        X=np.column_stack([column.cast(pa.float64()).to_numpy() for column in features]),
        feature_names=names,
        labels=tuple(map(_parsed, values) if pa.types.is_string(labels.type) else values),
        label_name=table.column("label_name")[0].as_py(),
        time=table.column("time").to_numpy(),
        bool_features=frozenset(
            n for n, column in zip(names, features, strict=True) if pa.types.is_boolean(column.type)
        ),
        **context,
    )


def _array(column: "pa.ChunkedArray") -> "np.ndarray[Any, Any]":
    """Return a column as an array, texts as fixed-width strings."""
    import pyarrow as pa

    return np.array(column.to_pylist()) if pa.types.is_string(column.type) else column.to_numpy()


def _parsed(text: str) -> bool | int | float:
    """Restore a label from its repr."""
    if text in ("True", "False"):
        return text == "True"
    try:
        return int(text)
    except ValueError:
        return float(text)
