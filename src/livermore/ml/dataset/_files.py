"""Samples on disk: Jesse's CSV, and beside it a Parquet file that holds what the CSV has no columns for."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.errors import DatasetError, DatasetNotFoundError, LivermoreWarning
from livermore.files import write_atomically
from livermore.ml.dataset._csv import csv_bytes, parse_csv
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._samples import Sample


def write_samples(samples: Sequence[Mapping[str, Any]], path: Path | str) -> Path:
    r"""Write samples as Jesse's CSV, and all that they hold to a Parquet file beside it.

    Each file is written as a whole or not at all. The Parquet file records the hash of its CSV: if a run is killed
    between the two, `read_samples` sees that they do not belong together and reads the CSV alone.

    Parameters
    ----------
    samples : sequence of dict
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
        If the samples cannot be used; nothing is written then.
    OSError
        If the folder cannot be written to; the old files are still there then.

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
    from hashlib import sha256

    from livermore.ml.dataset._parquet import parquet_bytes

    target = Path(path)
    data = Dataset.from_samples(samples)
    content = csv_bytes(samples)
    beside = parquet_bytes(data, sha256(content).hexdigest())
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    write_atomically(parquet_beside(target), beside)
    return target


def read_samples(path: Path | str) -> list[Sample]:
    """Read samples from Jesse's CSV, or from the Parquet file beside it if that was written with this very CSV.

    Parameters
    ----------
    path : path-like
        The CSV file, written by us or by Jesse.

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
    """
    from hashlib import sha256

    from livermore.ml.dataset._parquet import parse_parquet

    source = Path(path)
    if not source.is_file():
        raise DatasetNotFoundError(f"there is no file {source}. gather_ml_data writes it.")
    content = source.read_bytes()
    beside = parquet_beside(source)
    if not beside.is_file():
        return parse_csv(content, source)
    try:
        data = parse_parquet(beside.read_bytes(), sha256(content).hexdigest())
        reason = "it belongs to another version of the CSV"
    except DatasetError as error:
        data, reason = None, str(error)
    if data is not None:
        return data.to_samples()
    samples = parse_csv(content, source)
    warnings.warn(
        f"{beside} is left out: {reason}. Only the CSV is read, so times of labels, symbols and sides are unknown.",
        LivermoreWarning,
        stacklevel=2,
    )
    return samples


def parquet_beside(path: Path | str) -> Path:
    """Return the Parquet file that belongs to a CSV: the same name, ending in ``.parquet``."""
    return Path(path).with_suffix(".parquet")
