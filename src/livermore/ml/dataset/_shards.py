"""Samples in several Parquet files, *shards*, read as one data set: column by column, so that little is held twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from livermore.errors import DatasetError
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._table import CONTEXT, FEATURE, dataset_of, parquet_bytes
from livermore.typing import Floats, Integers

__all__ = ["read_shards", "shard_bytes"]


def shard_bytes(data: Dataset) -> bytes:
    """Return a data set as the content of a shard: the Parquet file of samples, of no CSV.

    Examples
    --------
    >>> from livermore.testing import example_samples
    >>> shard_bytes(Dataset.from_samples(example_samples()))[:4]
    b'PAR1'
    """
    return parquet_bytes(data, "")


def read_shards(paths: Sequence[Path | str], features: Sequence[str] | None = None) -> Dataset:
    """Read shards as one data set in order of time.

    Parameters
    ----------
    paths : sequence of path-like
        The files. Samples of the same time keep the order of the files.
    features : sequence of str, optional
        The features that are read; by default all. Others are not read from the disk.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        If there are no files, one is damaged, or they differ in label, features or in what samples carry.
    """
    shards = [_Shard(Path(path)) for path in paths]
    if not shards:
        raise DatasetError("there are no shards to read: nothing was gathered.")
    _check_equal(shards, "features", [set(shard.features) for shard in shards])
    _check_equal(shards, "columns", [set(shard.context) for shard in shards])
    names = _chosen(shards[0].features, features)
    context = pa.concat_tables([shard.read(shard.context) for shard in shards])
    order = np.argsort(context.column("time").to_numpy(), kind="stable")
    samples = dataset_of(context.take(pa.array(order)))
    _check_equal(shards, "label", [shard.label_name for shard in shards])
    values, booleans = _features(shards, names, order)
    return replace(samples, X=values, feature_names=names, bool_features=booleans)


def _features(shards: Sequence["_Shard"], names: Sequence[str], order: Integers) -> tuple[Floats, frozenset[str]]:
    """Read features one by one, and return them as (n, f) in the given order, with the names of the bool ones."""
    values = np.empty((len(order), len(names)))
    booleans = set()
    for position, name in enumerate(names):
        columns = [shard.read([FEATURE + name]).column(0) for shard in shards]
        if all(pa.types.is_boolean(column.type) for column in columns):
            booleans.add(name)
        values[:, position] = np.concatenate([column.cast(pa.float64()).to_numpy() for column in columns])[order]
    return values, frozenset(booleans)


def _chosen(known: Sequence[str], wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the features that are read, sorted."""
    if wanted is None:
        return tuple(sorted(known))
    missing = sorted(set(wanted) - set(known))
    if missing or not wanted:
        raise DatasetError(
            f"the shards have no feature {', '.join(map(repr, missing)) or 'of an empty list'}; "
            f"they have {', '.join(sorted(known))}."
        )
    return tuple(sorted(set(wanted)))


def _check_equal(shards: Sequence["_Shard"], what: str, values: Sequence[Any]) -> None:
    """Refuse shards that differ in something."""
    for shard, value in zip(shards, values, strict=True):
        if value != values[0]:
            raise DatasetError(
                f"{shard.path} has other {what} than {shards[0].path}: {_listed(value)} and {_listed(values[0])}. "
                "Samples of one data set have the same features, label and keys on each symbol."
            )


def _listed(value: Any) -> str:
    return ", ".join(sorted(value)) if isinstance(value, set) else repr(value)


class _Shard:
    """One file that is open for reading by column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._naming_errors():
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
        names = self._file.schema_arrow.names
        self.features = [name.removeprefix(FEATURE) for name in names if name.startswith(FEATURE)]
        self.context = [name for name in ("time", "label_name", "label_value", *CONTEXT) if name in names]

    @property
    def label_name(self) -> str:
        return str(self.read(["label_name"]).column(0)[0])

    def read(self, columns: Sequence[str]) -> Any:
        """Return columns as a pyarrow.Table without metadata."""
        with self._naming_errors():
            # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
            return self._file.read(columns=list(columns), use_threads=False).replace_schema_metadata(None)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise DatasetError(f"{self.path} cannot be read ({error}). Delete it and gather again.") from error
