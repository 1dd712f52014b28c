"""Data sets as Arrow tables, and as the Parquet file beside the CSV, which also holds the hash of its CSV.

Pages of a Parquet file have checksums, its footer has none: one wrong bit there can make pages be read as other
numbers. So the file holds a checksum of the values as well, and they are compared with it when it is read.

Columns: those of a sample (`time`, `label_name`, `label_value`, `label_time`, `exchange`, …), then one per feature,
named ``feature.<name>``, bool where the feature was recorded as bool.
"""

import json
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from livermore.errors import DatasetError
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._samples import Label
from livermore.typing import Floats

FORMAT_VERSION = 1
METADATA_KEY = b"livermore"
FEATURE = "feature."
CHECKSUM_ROWS = 1 << 16
CONTEXT = ("label_time", "exchange", "symbol", "timeframe", "side", "weight", "payoff", "key")


def parquet_bytes(data: Dataset, csv_sha256: str) -> bytes:
    """Return `data` as the content of a Parquet file that belongs to the CSV with this hash."""
    about = {"format_version": FORMAT_VERSION, "csv_sha256": csv_sha256, "values_crc32": _checksum(data)}
    table = table_of(data).replace_schema_metadata({METADATA_KEY: json.dumps(about)})
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    sink = pa.BufferOutputStream()
    # A dictionary of floats that are nearly all different costs twice the time and saves nothing.
    pq.write_table(table, sink, use_dictionary=texts, write_page_checksum=True)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def parse_parquet(content: bytes, csv_sha256: str | None) -> Dataset | None:
    """Return the data set of a Parquet file; None if the file belongs to a CSV with another hash.

    Parameters
    ----------
    content : bytes
        The file.
    csv_sha256 : str or None
        The hash of the CSV that it must belong to; None for any.

    Raises
    ------
    DatasetError
        If the file is damaged, or not one that this module wrote.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        about = json.loads(file.schema_arrow.metadata[METADATA_KEY])
        if about.get("format_version") != FORMAT_VERSION or csv_sha256 not in (None, about.get("csv_sha256")):
            return None
        # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
        data = dataset_of(file.read(use_threads=False))
    except (pa.ArrowException, OSError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"it cannot be read ({type(error).__name__})") from error
    # Files of versions before the checksum have none.
    if about.get("values_crc32") not in (None, _checksum(data)):
        raise DatasetError("its values are not those that were written")
    return data


def table_of(data: Dataset) -> Any:
    """Return a data set as a pyarrow.Table."""
    columns: dict[str, Any] = {
        "time": pa.array(data.time),
        "label_name": pa.repeat(data.label_name, len(data)),
        "label_value": _label_column(data.labels),
    }
    for key in CONTEXT:
        values = getattr(data, key)
        if values is not None:
            columns[key] = _keys_as_json(values) if key == "key" else _column(values)
    for position, name in enumerate(data.feature_names):
        columns[FEATURE + name] = feature_column(data.X[:, position], name in data.bool_features)
    return pa.table(columns)


def dataset_of(table: Any) -> Dataset:
    """Turn a pyarrow.Table back into the data set that it was made of."""
    names = tuple(name.removeprefix(FEATURE) for name in table.column_names if name.startswith(FEATURE))
    values = np.empty((table.num_rows, len(names)))
    booleans = set()
    for position, name in enumerate(names):
        column = table.column(FEATURE + name)
        values[:, position] = column.cast(pa.float64()).to_numpy()
        if pa.types.is_boolean(column.type):
            booleans.add(name)
    context = {key: _array(table.column(key)) for key in CONTEXT[:-1] if key in table.column_names}
    if "key" in table.column_names:
        context["key"] = _keys_from_json(table.column("key"))
    return Dataset(
        X=values,
        feature_names=names,
        labels=_labels(table.column("label_value")),
        label_name=table.column("label_name")[0].as_py(),
        time=table.column("time").to_numpy(),
        bool_features=frozenset(booleans),
        **context,
    )


def feature_column(values: Floats, is_bool: bool) -> Any:
    """Return one feature as an Arrow array, missing values as nulls."""
    missing = np.isnan(values)
    return pa.array(values.astype(bool) if is_bool else values, mask=missing)


def _checksum(data: Dataset) -> int:
    """Return a checksum of all that a file of samples holds; the same before it is written and after it is read."""
    texts = (data.feature_names, sorted(data.bool_features), data.label_name, data.labels)
    checksum = zlib.crc32(repr(texts).encode())
    for array in (data.X, data.time, *(getattr(data, key) for key in CONTEXT[:-1])):
        # In blocks, so that no second copy of all features is in memory.
        for start in () if array is None else range(0, len(array), CHECKSUM_ROWS):
            checksum = zlib.crc32(_plain_bytes(array[start : start + CHECKSUM_ROWS]), checksum)
        checksum = zlib.crc32(b"none" if array is None else b"end", checksum)
    return zlib.crc32(b"none" if data.key is None else repr(_keys_as_json(data.key).to_pylist()).encode(), checksum)


def _plain_bytes(array: npt.NDArray[Any]) -> bytes:
    """Return the values of an array as bytes that depend neither on its type's width nor on the bits of a NaN."""
    if array.dtype.kind == "U":
        return repr(array.tolist()).encode()
    if array.dtype.kind != "f":
        return np.ascontiguousarray(array, dtype=np.int64).tobytes()
    return np.where(np.isnan(array), np.nan, array).astype(np.float64, copy=False).tobytes()


def _column(values: npt.NDArray[Any]) -> Any:
    """Return an array as an Arrow array; one text that all rows share is not converted row by row."""
    if values.dtype.kind == "U" and len(values) and (values == values[0]).all():
        return pa.repeat(str(values[0]), len(values))
    return pa.array(values)


def _array(column: Any) -> npt.NDArray[Any]:
    """Return an Arrow column as an array, texts as fixed-width strings."""
    if not pa.types.is_string(column.type):
        return np.asarray(column.to_numpy())
    coded = column.combine_chunks().dictionary_encode()
    return np.asarray(np.array(coded.dictionary.to_pylist())[coded.indices.to_numpy()])


def _label_column(labels: tuple[Label, ...]) -> Any:
    """Return the labels as an Arrow array of their own type; as text where types are mixed."""
    if len(set(map(type, labels))) == 1:
        return pa.array(labels)
    return pa.array(list(map(repr, labels)))


def _labels(column: Any) -> tuple[Label, ...]:
    values = column.to_pylist()
    return tuple(map(_parsed, values) if pa.types.is_string(column.type) else values)


def _parsed(text: str) -> Label:
    """Restore a label from its repr."""
    if text in ("True", "False"):
        return text == "True"
    try:
        return int(text)
    except ValueError:
        return float(text)


def _keys_as_json(keys: npt.NDArray[Any]) -> Any:
    """Return the keys of samples as JSON; a key that JSON does not have is written as its text."""
    return pa.array([json.dumps(key, default=str) for key in keys.tolist()])


def _keys_from_json(column: Any) -> npt.NDArray[Any]:
    keys = [_hashable(json.loads(text)) for text in column.to_pylist()]
    # Not `array[:] = keys`, which takes tuples apart.
    return np.fromiter(keys, dtype=object, count=len(keys))


def _hashable(key: Any) -> Any:
    """Turn lists back into the tuples that they were: only what can be hashed is a key."""
    return tuple(map(_hashable, key)) if isinstance(key, list) else key
