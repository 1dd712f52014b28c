"""Parquet and Feather files as named columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from livermore.errors import CandleError

__all__ = ["ColumnarFile", "open_feather", "open_parquet"]


@dataclass(frozen=True)
class ColumnarFile:
    """A file whose columns have names and types: Parquet, Feather, or columns that were made from another format."""

    label: str
    schema: Any
    read: Any  # returns a pyarrow.Table of the columns that it is given
    separator: str = ","
    notes: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        """The names of its columns."""
        return list(self.schema.names)

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        """Return some columns as a pyarrow.Table."""
        return self.read(list(columns))

    def place(self, row: int) -> str:
        """Return where in the file a row is, for messages."""
        return f"row {row}"


def open_parquet(label: str, data: bytes) -> ColumnarFile:
    """Open the bytes of a Parquet file."""
    import pyarrow.parquet as pq

    def read(columns: list[str] | None) -> Any:
        try:
            source = pa.BufferReader(data)
            # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
            with pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=False) as file:
                return file.schema_arrow if columns is None else file.read(columns=columns, use_threads=False)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise CandleError(f"{label} is damaged or no Parquet file ({error}). Copy or download it again.") from error

    return ColumnarFile(label, read(None), read)


def open_feather(label: str, data: bytes) -> ColumnarFile:
    """Open the bytes of a Feather file, version 2: an Arrow file."""

    def read(columns: list[str] | None) -> Any:
        try:
            with pa.ipc.open_file(pa.BufferReader(data)) as file:
                if columns is None:
                    return file.schema
                table = file.read_all().select(columns)
                table.validate(full=True)
                return table
        except (pa.ArrowException, OSError, ValueError) as error:
            raise CandleError(f"{label} is damaged or no Feather file ({error}). Copy or download it again.") from error

    return ColumnarFile(label, read(None), read)
