"""A month of one market in the candle store: a Parquet file, read with every check and replaced as a whole."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles._check import find_fault, utc_text
from livermore.candles._columns import COLUMN_NAMES, TIMESTAMP
from livermore.errors import CandleError
from livermore.files import atomic_file
from livermore.typing import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "MONTH",
    "MOST_ROWS",
    "by_month",
    "checksum_of",
    "count_rows",
    "month_of",
    "read_as_it_is",
    "read_into",
    "read_month",
    "write_month",
]

#: The name of a month's file, without its suffix.
MONTH = re.compile(r"\d{4}-\d{2}")
#: No month has more minutes.
MOST_ROWS = 31 * 1440

_CHECKSUM = b"livermore_crc32"
# The timeframe of the candles; files without it are of one minute.
_BASE = b"livermore_base"
# Minutes are equal steps, and prices share their leading bytes. CPU time of reading the file of a month, with its size:
# 0.97 ms, 0.92 MB; with zstd in place of lz4 1.94 ms, 0.75 MB; with Parquet's own encodings and lz4 1.7 ms, 1.45 MB.
_COMPRESSION = "lz4"
# A month of minutes has 2 MB unpacked, in whatever format.
_MOST_BYTES = 64 << 20
# Rows that are put together at a time, 48 bytes each.
_BLOCK = 8192
_ENCODINGS = {"timestamp": "DELTA_BINARY_PACKED", **dict.fromkeys(COLUMN_NAMES[1:], "BYTE_STREAM_SPLIT")}


def month_of(time_ms: int) -> str:
    """Return the month of a time in UTC ms, as its file is named.

    Examples
    --------
    >>> month_of(1_704_067_200_000)
    '2024-01'
    """
    return str(np.datetime64(int(time_ms), "ms").astype("datetime64[M]"))


def by_month(rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Yield the months of rows in ascending order, and the rows of each."""
    months = rows[:, TIMESTAMP].astype(np.int64).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield month_of(int(rows[start, TIMESTAMP])), rows[start:end]


def write_month(path: Path, rows: Rows, base: str) -> None:
    """Write the candles of one month and their timeframe; a killed process leaves the old file or the new one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array(rows[:, TIMESTAMP].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    columns = [times, *(pa.array(rows[:, column]) for column in range(1, 6))]
    table = pa.table(columns, names=list(COLUMN_NAMES))
    # The checksum of the rows is for what no page holds: the description of the file.
    checksum = str(zlib.crc32(np.ascontiguousarray(rows).data))
    table = table.replace_schema_metadata({_CHECKSUM: checksum, _BASE: base})
    with atomic_file(path) as file:
        pq.write_table(
            table,
            file,
            compression=_COMPRESSION,
            use_dictionary=False,
            column_encoding=_ENCODINGS,
            write_page_checksum=True,
        )


def read_month(path: Path, base: str) -> Rows:
    """Return the candles of one month; see `read_into`."""
    rows = np.empty((MOST_ROWS, 6))
    return rows[: read_into(path, rows, base)].copy()


def read_into(path: Path, rows: Rows, base: str) -> int:
    """Read one month, and refuse it unless it is what was written: checksums, the rules of candles, the month.

    Parameters
    ----------
    path : path-like
        The file.
    rows : ndarray of shape (n, 6), n >= MOST_ROWS
        Its first rows receive the candles.
    base : str
        The timeframe that they must have.

    Returns
    -------
    int
        How many candles the month has.

    Raises
    ------
    CandleError
        If the file is damaged, or holds candles of another timeframe.
    """
    table = _table(path)
    count = int(table.num_rows)
    if not 0 < count <= MOST_ROWS:
        raise _damaged(path, "it holds no candles" if count == 0 else f"{count} rows are more than a month has minutes")
    rows = rows[:count]
    _fill(path, table, rows)
    notes = table.schema.metadata or {}
    _check_base(path, notes.get(_BASE, b"1m").decode(errors="replace"), base)
    checksum = notes.get(_CHECKSUM)
    if checksum is not None and checksum != str(zlib.crc32(rows.data)).encode():
        raise _damaged(path, "its rows are not those that were written")
    fault = find_fault(rows)
    if fault is not None:
        raise _damaged(path, f"row {fault.row} ({utc_text(fault.time_ms)}): {fault.problem}")
    if {month_of(int(rows[0, TIMESTAMP])), month_of(int(rows[-1, TIMESTAMP]))} != {path.stem}:
        raise _damaged(path, "it holds candles of another month")
    return count


def _check_base(path: Path, stored: str, base: str) -> None:
    if stored != base:
        raise CandleError(
            f"{path} holds candles of {stored}, in a folder of those of {base}. Move it out of the store, and import "
            f"these candles with the base {stored}."
        )


def read_as_it_is(path: Path) -> Rows | None:
    """Return what can be read of a damaged month, in the order of time; None if that is nothing."""
    try:
        table = _table(path)
        rows = np.empty((table.num_rows, 6))
        _fill(path, table, rows)
    except CandleError:
        return None
    rows = rows[np.argsort(rows[:, TIMESTAMP], kind="stable")]
    return rows if len(rows) and np.isfinite(rows[:, TIMESTAMP]).all() else None


def count_rows(path: Path) -> int:
    """Return how many candles a month has, from the description of the file."""
    return int(_description(path).num_rows)


def checksum_of(path: Path) -> str:
    """Return the checksum of the rows of a month, from the description of the file if it is there."""
    stored = (_description(path).metadata or {}).get(_CHECKSUM)
    if stored is not None:
        return str(stored.decode())
    # A file without a checksum has no timeframe either: it is of one minute.
    return str(zlib.crc32(np.ascontiguousarray(read_month(path, "1m")).data))


def _description(path: Path) -> Any:
    """Return what a file says of itself (pyarrow.parquet.FileMetaData); no candle is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    _check_regular(path)
    try:
        return pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _table(path: Path) -> "pa.Table":
    import pyarrow as pa

    _check_regular(path)
    try:
        # In one piece: column by column, a disk that is busy would be waited for six times.
        content = pa.py_buffer(path.read_bytes())
        table = _decoded(content, check_pages=False)
        # A checksum of the rows, which the caller compares, covers the pages, too.
        return table if _CHECKSUM in (table.schema.metadata or {}) else _decoded(content, check_pages=True)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def _decoded(content: "pa.Buffer", *, check_pages: bool) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(content)
    # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
    with pq.ParquetFile(source, page_checksum_verification=check_pages, pre_buffer=False) as file:
        return file.read(columns=list(COLUMN_NAMES), use_threads=False)


def _fill(path: Path, table: "pa.Table", rows: Rows) -> None:
    import pyarrow as pa

    try:
        times = table.column("timestamp").cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())
        columns = [times, *(table.column(name).cast(pa.float64()) for name in COLUMN_NAMES[1:])]
        # Of one chunk, as in files of this store, nothing is copied.
        chunks = [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in columns]
        arrays = [chunk.to_numpy(zero_copy_only=False) for chunk in chunks]
        # By blocks that stay in the processor's cache: column by column, all rows would pass through it six times.
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            for column, array in enumerate(arrays):
                block[:, column] = array[start : start + _BLOCK]
    except (pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def _check_regular(path: Path) -> None:
    """Refuse what is no month: a pipe would be waited for, a device read without end, a huge file fill the memory."""
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        raise _damaged(path, f"it is larger than {_MOST_BYTES >> 20} MB, and no month is")
    if not path.is_file():
        raise CandleError(f"{path} is no file. Remove it, or move it out of the store, and import these candles again.")


def _damaged(path: Path, problem: object) -> CandleError:
    # The system's own errors have a number. A file that may not be read, or a disk that fails, is no damage.
    if isinstance(problem, OSError) and problem.errno is not None:
        return CandleError(f"{path} cannot be read: {problem.strerror or problem}.")
    return CandleError(f"{path} is damaged ({problem}). Delete it and import these candles again.")
