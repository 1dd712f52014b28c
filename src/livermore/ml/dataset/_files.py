"""Samples on disk: Jesse's CSV, and beside it a Parquet file that holds what the CSV has no columns for."""

import os
import stat
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from livermore.errors import DatasetError, DatasetNotFoundError, LivermoreWarning
from livermore.files import write_together
from livermore.ml.dataset._columns import BOOL, FLOAT, NONE, column
from livermore.ml.dataset._csv import csv_bytes, parse_csv, plain_table
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._samples import REQUIRED_KEYS, Sample, checked_samples, feature_columns
from livermore.ml.dataset._table import FEATURE, dataset_of, parquet_bytes, parse_parquet

# What each Parquet file begins with.
PARQUET_MAGIC = b"PAR1"


def write_samples(samples: Sequence[Mapping[str, Any]] | Dataset, path: Path | str) -> Path:
    r"""Write samples as Jesse's CSV, and all that they hold to a Parquet file beside it.

    Both files are complete on the disk before either replaces an old one. The Parquet file records the hash of its
    CSV: if a run is killed between the two, `read_samples` sees that they do not belong together and reads the CSV
    alone.

    Parameters
    ----------
    samples : sequence of dict, or Dataset
        As for `Dataset.from_samples`, which checks them.
    path : path-like
        The CSV file. Its folder is made if it does not exist.

    Returns
    -------
    Path
        The CSV file.

    Raises
    ------
    DatasetError
        If the samples cannot be used, or another kind of file stands at one of the two paths; nothing is written then.
    OSError
        If the folder cannot be written to, or the disk is full; the old files are still there then.

    Examples
    --------
    >>> import tempfile
    >>> sample = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}, "label_time": 120}
    >>> path = write_samples([sample], Path(tempfile.mkdtemp()) / "Trend_data.csv")
    >>> path.read_text()
    'time,label_name,label_value,rsi\n60,win,True,61.5\n'
    >>> read_samples(path)[0]["label_time"]
    120
    """
    target = Path(path)
    content, data = _as_csv(samples)
    check_samples_path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = parquet_beside(target)
    # Private samples stay private: a new file beside an old CSV takes its mode. Made empty first, for a file that
    # exists keeps its mode when it is replaced.
    if target.exists() and not beside.exists():
        beside.touch(mode=stat.S_IMODE(target.stat().st_mode))
        beside.chmod(stat.S_IMODE(target.stat().st_mode))
    write_together({target: content, beside: parquet_bytes(data, sha256(content).hexdigest())})
    return target


def read_samples(path: Path | str) -> list[Sample]:
    """Read samples from Jesse's CSV, or from the Parquet file beside it if that was written with this very CSV.

    Parameters
    ----------
    path : path-like
        The CSV file, written by us or by Jesse; or the Parquet file that lies beside one.

    Returns
    -------
    list of dict
        Features as float (bool where they were recorded so; None or NaN where they are missing), labels as bool, int
        or float; with `label_time` and the rest where the Parquet file has them.

    Raises
    ------
    DatasetNotFoundError
        If there is no such file.
    DatasetError
        If it is damaged; file and line are named.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.testing import example_backtest
    >>> from livermore.research import gather_ml_data
    >>> path = f"{tempfile.mkdtemp()}/samples.csv"
    >>> gathered = gather_ml_data(**example_backtest(), csv_path=path, verbose=False)
    >>> read_samples(path) == gathered["data_points"]
    True
    """
    content, data = _content(Path(path))
    return data.to_samples() if data is not None else parse_csv(content, Path(path))


def read_dataset(path: Path | str) -> Dataset:
    """Read a file of samples as a data set; see `Dataset.from_file`."""
    content, data = _content(Path(path))
    if data is not None:
        return data
    table = plain_table(content)
    if table is None:
        return Dataset.from_samples(parse_csv(content, Path(path)))
    names = [name for name in table.column_names if name.startswith(FEATURE)]
    return dataset_of(table.select([*table.column_names[: len(REQUIRED_KEYS)], *sorted(names)])).sorted_by_time()


def sound_samples(samples: Sequence[Any]) -> list[Any]:
    """Return those samples whose values can be used and whose features and label have the names of the first such.

    One file has one set of features and one label. Nothing that a sample holds makes this raise: it is called when a
    run has failed already.

    Examples
    --------
    >>> good = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}}
    >>> bad = {"time": 120, "features": {"rsi": float("inf")}, "label": {"name": "win", "value": True}}
    >>> sound_samples([good, bad]) == [good]
    True
    """
    with suppress(Exception):
        Dataset.from_samples(samples)
        return list(samples)
    sound: list[Any] = []
    names = None
    for sample in samples:
        with suppress(Exception):
            data = Dataset.from_samples([sample])
            if names is None:
                names = data.feature_names, data.label_name
            if names == (data.feature_names, data.label_name):
                sound.append(sample)
    return sound


def parquet_beside(path: Path | str) -> Path:
    """Return the Parquet file that belongs to a CSV; no two CSVs have the same.

    Examples
    --------
    >>> [parquet_beside(name).name for name in ("x.csv", "x", "run.2020", "x.csv.csv")]
    ['x.parquet', 'x.csv.parquet', 'run.2020.csv.parquet', 'x.csv.csv.csv.parquet']
    """
    source = Path(path)
    # "x" has the name that "x.csv.csv" would have, so the latter gets a longer one.
    is_usual = source.suffix == ".csv" and not source.stem.endswith(".csv")
    return source.with_name(f"{source.stem if is_usual else source.name + '.csv'}.parquet")


def check_samples_path(path: Path | str) -> None:
    """Refuse to replace a Parquet file by a CSV, or anything else by the Parquet file beside it.

    Raises
    ------
    DatasetError
        If another kind of file stands at one of the two paths.

    Examples
    --------
    >>> check_samples_path("samples.csv")
    """
    target = Path(path)
    if not target.name or target.is_dir():
        raise DatasetError(f"samples cannot be written to {str(path)!r}: it is a folder. Give the name of a CSV file.")
    beside = parquet_beside(target)
    if _is_parquet(target):
        raise DatasetError(
            f"samples cannot be written to {target}: it is a Parquet file, which no CSV replaces. Choose another name."
        )
    if beside.is_file() and beside.stat().st_size and not _is_parquet(beside):
        raise DatasetError(
            f"samples cannot be written to {target}: {beside.name}, which belongs to it, is no Parquet file. Rename it."
        )


def _is_parquet(path: Path) -> bool:
    """Whether a file begins or ends as Parquet files do; one that was damaged still does one of both."""
    if not path.is_file():
        return False
    size = len(PARQUET_MAGIC)
    with path.open("rb") as file:
        first = file.read(size)
        file.seek(max(-size, -path.stat().st_size), os.SEEK_END)
        return PARQUET_MAGIC in (first, file.read())


def _as_csv(samples: Sequence[Mapping[str, Any]] | Dataset) -> tuple[bytes, Dataset]:
    """Check samples and return them as CSV and as a data set, both in order of time."""
    if isinstance(samples, Dataset):
        data = samples.sorted_by_time()
        kinds = np.array([BOOL | NONE if name in data.bool_features else FLOAT for name in data.feature_names])
        return csv_bytes(data, kinds, lambda name: data.feature(name)), data
    checked = checked_samples(samples)
    features = feature_columns(checked)
    recorded = Dataset.from_columns(checked, features)
    data = recorded.sorted_by_time()

    def cells(name: str) -> list[Any]:
        found = column(column(checked, "features"), name)
        return found if data is recorded else [found[row] for row in np.argsort(recorded.time, kind="stable")]

    return csv_bytes(data, features.kinds, cells), data


def _content(path: Path) -> tuple[bytes, Dataset | None]:
    """Return the content of a file of samples, and its data set if it is Parquet or has the Parquet file beside it."""
    if not path.is_file():
        raise DatasetNotFoundError(f"there is no file {path}. gather_ml_data writes it.")
    content = path.read_bytes()
    if content.startswith(PARQUET_MAGIC):
        try:
            return content, parse_parquet(content, None)
        except DatasetError as error:
            raise DatasetError(f"{path} is no Parquet file of samples: {error}.") from error
    beside = _beside(path)
    if beside is None:
        return content, None
    try:
        # A pipe would be waited for, and a device read without end.
        found = beside.read_bytes() if beside.is_file() else None
        data = None if found is None else parse_parquet(found, sha256(content).hexdigest())
        reason = "it is no file" if found is None else "it belongs to another version of the CSV"
    except (DatasetError, OSError) as error:
        data, reason = None, str(error)
    if data is None:
        warnings.warn(
            f"{beside} is left out: {reason}. Only the CSV is read, so times of labels, symbols and sides are unknown.",
            LivermoreWarning,
            stacklevel=3,
        )
    return content, data


def _beside(path: Path) -> Path | None:
    """Return the Parquet file beside a CSV; what version 0.1 called it if there is none of today's name.

    Something that is no file counts, too, also a link to nothing: the reader warns of it.
    """
    for name in (parquet_beside(path), path.with_suffix(".parquet")):
        if (name.exists() or name.is_symlink()) and name != path:
            return name
    return None
