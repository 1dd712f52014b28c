"""Data sets from frames of pandas, Polars and Arrow, and frames from data sets."""

from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError, FeatureError
from livermore.frames import frame_columns, frame_index, is_frame, utc_times
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._samples import (
    OPTIONAL,
    RESERVED_NAMES,
    SIDE_NAMES,
    Label,
    check_finite,
    check_label_times,
    check_name,
    labels_of,
    times_of,
)
from livermore.typing import Floats, Integers

TIME = "time"
LABEL_TIME = "label_time"


def dataset_from_frame(
    features: Any, label: Any, label_time: Any, time: Any, name: str | None, extra: dict[str, Any]
) -> Dataset:
    """Make a data set of a frame; see `Dataset.from_frame`."""
    if not is_frame(features):
        raise DatasetError(f"features must be a frame of pandas, Polars or Arrow, not {type(features).__name__}.")
    columns = frame_columns(features)
    label_name = name or (label if isinstance(label, str) else getattr(label, "name", None) or "label")
    label_values = _taken(columns, label, "label")
    if label_values is None:
        raise DatasetError(f"the frame has no column {label!r} for the label; it has {', '.join(columns)}.")
    seconds = _seconds(_times(features, columns, time), TIME)
    known = _taken(columns, LABEL_TIME if label_time is None else label_time, LABEL_TIME)
    optional = {key: _taken(columns, extra.get(key, key), key) for key in OPTIONAL}
    rows = [{TIME: second} for second in seconds.tolist()]
    values, booleans = _matrix(columns, rows)
    for what, given in {"label": label_values, LABEL_TIME: known, **optional}.items():
        if given is not None and np.ndim(given) and len(given) != len(rows):
            raise DatasetError(f"{what} has {len(given)} values, the frame {len(rows)} rows.")
    labels = _labels(label_values, str(label_name), rows)
    label_seconds = None if known is None else _seconds(known, LABEL_TIME)
    if label_seconds is not None:
        check_label_times(label_seconds, seconds, rows)
    order = sorted(range(len(columns)), key=list(columns).__getitem__)
    return Dataset(
        X=np.ascontiguousarray(values[:, order]),
        feature_names=tuple(sorted(columns)),
        labels=labels,
        label_name=str(label_name),
        time=seconds,
        label_time=label_seconds,
        bool_features=frozenset(booleans),
        **{key: OPTIONAL[key](_cells(given, len(rows)), rows) for key, given in optional.items() if given is not None},
    ).sorted_by_time()


def frame_from_dataset(data: Dataset, backend: str | None) -> Any:
    """Return a data set as a frame; see `Dataset.to_frame`."""
    import pyarrow as pa

    from livermore.ml.dataset._table import FEATURE, table_of

    table = table_of(data)
    titles = {"label_value": data.label_name} | {FEATURE + name: name for name in data.feature_names}
    table = table.drop_columns(["label_name"])
    if data.side is not None:
        sides = pa.array([SIDE_NAMES.get(side) for side in data.side.tolist()], pa.string())
        table = table.set_column(table.schema.get_field_index("side"), "side", sides)
    if data.key is not None and all(key is None or isinstance(key, str) for key in data.key):
        table = table.set_column(table.schema.get_field_index("key"), "key", pa.array(data.key.tolist(), pa.string()))
    names = [titles.get(name, name) for name in table.column_names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DatasetError(f"a frame cannot hold two columns {', '.join(map(repr, twice))}: rename these features.")
    table = table.rename_columns(names)
    for key in (TIME, LABEL_TIME):
        if key in names:
            times = table.column(key).cast(pa.timestamp("s", tz="UTC"))
            table = table.set_column(names.index(key), key, times)
    if backend in (None, "pandas"):
        return table.to_pandas()
    if backend == "pyarrow":
        return table
    if backend == "polars":
        import narwhals.stable.v2 as nw

        return nw.from_arrow(table, backend="polars").to_native()
    raise DatasetError(f"backend must be 'pandas', 'polars' or 'pyarrow', not {backend!r}.")


def _times(frame: Any, columns: dict[str, npt.NDArray[Any]], time: Any) -> Any:
    """Return the times of the rows: those given, the column ``time``, or the index of pandas."""
    given = _taken(columns, TIME if time is None else time, TIME)
    if given is None:
        given = frame_index(frame)
    if given is None:
        raise DatasetError(
            "the frame has no times: give time=..., a column 'time', or an index of times. They say which samples are "
            "the latest, on which a model is tested."
        )
    return given


def _taken(columns: dict[str, npt.NDArray[Any]], given: Any, what: str) -> Any:
    """Take a column out of the frame if `given` is its name; return other values as they are, None if there is none."""
    if not isinstance(given, str):
        return given
    if given in columns:
        return columns.pop(given)
    if given == what:
        return None
    if what in ("exchange", "symbol", "timeframe"):
        return given  # one for all rows
    raise DatasetError(f"the frame has no column {given!r} for {what}; it has {', '.join(columns) or 'no others'}.")


def _cells(given: Any, count: int) -> list[Any]:
    """Return the values of a column as a list, a single value repeated."""
    if isinstance(given, str) or np.ndim(given) == 0:
        return [given] * count
    return [None if value is None or value != value else value for value in np.asarray(given).tolist()]


def _seconds(values: Any, key: str) -> Integers:
    """Turn times of any kind into whole UTC seconds."""
    array = utc_times(values)
    if array.dtype.kind == "M":
        missing = np.flatnonzero(np.isnat(array))
        if missing.size:
            raise DatasetError(f"{key} of row {missing[0]} is missing.")
        return np.asarray(array.astype("datetime64[s]").astype(np.int64))
    return times_of([{key: value} for value in array.tolist()], key)


def _labels(values: Any, name: str, rows: list[dict[str, Any]]) -> tuple[Label, ...]:
    """Check the labels by the rules of samples."""
    cells = np.asarray(values).tolist()
    samples = [row | {"label": {"name": name, "value": value}} for row, value in zip(rows, cells, strict=False)]
    return labels_of(samples)[1]


def _matrix(columns: dict[str, npt.NDArray[Any]], rows: list[dict[str, Any]]) -> tuple[Floats, list[str]]:
    """Check the features and return them as a matrix, with the names of those that are bool."""
    values, booleans = np.empty((len(rows), len(columns))), []
    if not columns:
        raise FeatureError("the frame has no column left for a feature.")
    for position, (name, column) in enumerate(columns.items()):
        check_name(name, "the feature's name", FeatureError)
        if not name or name in RESERVED_NAMES:
            raise FeatureError(f"a feature cannot be named {name!r}. Rename the column.")
        cells = column.tolist() if column.dtype == object else []
        if column.dtype.kind == "b" or (cells and {type(cell) for cell in cells} <= {bool, type(None)}):
            booleans.append(name)
        elif column.dtype.kind not in "iuf":
            raise FeatureError(
                f"the column {name!r} is of type {column.dtype}, no number or bool. Encode it, or leave it out."
            )
        values[:, position] = column
        if column.dtype.kind in "iu" and np.any(values[:, position].astype(column.dtype) != column):
            raise FeatureError(f"the column {name!r} has integers that no float holds exactly. Convert it to floats.")
    check_finite(tuple(columns), values, rows)
    return values, booleans
