"""Candles to files that other programs read."""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles._check import check_candles
from livermore.candles._columns import COLUMN_NAMES, TIMESTAMP
from livermore.errors import CandleError
from livermore.files import atomic_file
from livermore.typing import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_candles"]


def write_candles(candles: Rows, path: Path | str) -> None:
    """Write candles to a file, as a whole or not at all.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        UTC ms, open, close, high, low, volume.
    path : path-like
        A file that ends in ``.csv``, ``.csv.gz`` or ``.parquet``. Times are UTC ms, as whole numbers; prices have the
        digits that give the same number when they are read.

    Raises
    ------
    CandleError
        If the name ends in anything else, or a candle breaks a rule.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> write_candles(np.array([[60_000, 0.1, 0.3, 0.3, 0.1, 5]]), path)
    >>> print(path.read_text().replace('"', ""), end="")
    timestamp,open,close,high,low,volume
    60000,0.1,0.3,0.3,0.1,5
    """
    target = Path(path)
    writer = next((write for suffix, write in _WRITERS.items() if target.name.lower().endswith(suffix)), None)
    if writer is None:
        raise CandleError(
            f"{target}: the name must end in {', '.join(_WRITERS)}: the ending says which format to write."
        )
    rows = check_candles(candles, name=str(target))
    with atomic_file(target) as file:
        writer(_table(rows), file)


def _table(rows: Rows) -> "pa.Table":
    import pyarrow as pa

    numbers = {name: rows[:, column] for column, name in enumerate(COLUMN_NAMES)}
    return pa.table(numbers | {"timestamp": rows[:, TIMESTAMP].astype(np.int64)})


def _write_csv(table: "pa.Table", file: Any) -> None:
    import pyarrow.csv

    pyarrow.csv.write_csv(table, file)


def _write_gzip(table: "pa.Table", file: Any) -> None:
    # Without the time of writing, the same candles give the same file.
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as compressed:
        _write_csv(table, compressed)


def _write_parquet(table: "pa.Table", file: Any) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, compression="zstd")


_WRITERS: Mapping[str, Callable[[Any, Any], None]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_gzip,
    ".parquet": _write_parquet,
}
