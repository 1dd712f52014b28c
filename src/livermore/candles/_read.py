"""Candles from CSV and Parquet files, with columns in any order and times in any usual form."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from livermore.candles._check import find_fault
from livermore.candles._columns import COLUMN_NAMES, TIMESTAMP
from livermore.errors import CandleError
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.candles._times import Refusal

# What a column may be called, best first; upper case, spaces and signs do not count.
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "timestamp": (
        *("timestamp", "timestampms", "timestamputc", "timeutc", "dateutc", "datetimeutc"),
        *("opentime", "opentimems", "opentimestamp", "unix", "unixtime", "unixtimestamp", "epoch"),
        *("datetime", "gmttime", "utc", "utctime", "ts", "time", "date", "t", "begin", "start", "starttime"),
    ),
    "open": ("open", "openprice", "priceopen", "o", "first"),
    "high": ("high", "highprice", "pricehigh", "h", "max"),
    "low": ("low", "lowprice", "pricelow", "l", "min"),
    "close": ("close", "closeprice", "priceclose", "c", "last"),
    "volume": ("volume", "vol", "v", "basevolume", "volumebase", "qty", "quantity", "tickvolume", "tickvol", "amount"),
}
_PARQUET = (".parquet", ".pq")
_CLOCK = re.compile(r"\d{1,2}:?\d{2}(:?\d{2}(\.\d+)?)?")
_REMEDIES = {
    "order": "Sort the file, or read it with sort=True",
    "duplicate": 'Delete one of them, or read the file with duplicates="first" or "last"',
    "value": "Correct or delete this candle; gaps are allowed",
}


def read_candles(
    path: Path | str,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    separator: str | None = None,
    sort: bool = False,
    duplicates: Literal["refuse", "first", "last"] = "refuse",
) -> Rows:
    r"""Read candles from a CSV or Parquet file.

    Columns are found by name, in any order, upper or lower case, among others: *timestamp, time, date, datetime,
    open_time, unix* (or a *date* and a *time* column), *open/o, high/h, low/l, close/c, volume/vol/v, Volume BTC*.
    Further columns are ignored. Without a column of volumes, the volume is 0.

    Parameters
    ----------
    path : path-like
        Text (``.csv``, ``.txt``, ``.tsv``), compressed or not (``.gz``, ``.bz2``, ``.xz``, ``.zip``), or ``.parquet``.
    columns : sequence or mapping of str, optional
        A sequence names the columns of a file without a header. A mapping tells which column to take, where the names
        are unusual: ``{"open": "bid_open", ...}``.
    separator : str, optional
        Between the columns of a text file; by default found out (comma, semicolon, tab, bar).
    sort : bool
        Sort by time rather than refuse a file that is not sorted.
    duplicates : {"refuse", "first", "last"}
        What to do about candles of the same time: refuse the file, or keep the first or last one.

    Returns
    -------
    ndarray of shape (n, 6)
        Candles that `check_candles` accepts: opening time in UTC ms, open, close, high, low, volume. Times may be in
        seconds, ms, µs or ns since 1970 or written as in ISO 8601; without an offset they are taken as UTC.

    Raises
    ------
    CandleError
        If the file is missing, damaged or cut off in the middle of a line, if a column is missing, or if a candle
        breaks a rule. The message names the file, the line and the column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "gold.csv"
    >>> _ = path.write_text("Date;O;H;L;C\n2022-01-31 23:59;10;12;9;11\n")
    >>> read_candles(path).tolist()
    [[1643673540000.0, 10.0, 11.0, 12.0, 9.0, 0.0]]
    """
    file = Path(path)
    # A pipe ends when its writer does; a device such as /dev/zero never does.
    if not file.is_file() and not file.is_fifo():
        raise CandleError(_missing(file))
    source = _open(file, columns, separator)
    chosen = _choose(source.names, columns if isinstance(columns, Mapping) else {}, file)
    return _checked(_rows(source, chosen), source, sort=sort, duplicates=duplicates)


class CandleFile(Protocol):
    """A file of any format as named columns. Another format is another class of this kind, and a line in `_open`."""

    @property
    def path(self) -> Path:
        """The file, for messages."""

    @property
    def names(self) -> list[str]:
        """The names of its columns."""

    @property
    def separator(self) -> str:
        """A comma, unless numbers may have decimal commas."""

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        """Return some columns as a pyarrow.Table; those of `numbers` hold nothing but numbers if the file is sound."""

    def place(self, row: int) -> str:
        """Return where in the file a row is, for messages."""


@dataclass(frozen=True)
class _ParquetFile:
    """A Parquet file as named columns."""

    path: Path
    separator: str = ","

    @property
    def names(self) -> list[str]:
        return list(self._read(lambda file: file.schema_arrow.names))

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
        return self._read(lambda file: file.read(columns=list(columns), use_threads=False))

    def place(self, row: int) -> str:
        return f"row {row}"

    def _read(self, what: Callable[[Any], Any]) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path, page_checksum_verification=True, pre_buffer=False) as file:
                return what(file)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise CandleError(
                f"{self.path} is damaged or no Parquet file ({error}). Copy or download it again."
            ) from error


def _open(path: Path, columns: Sequence[str] | Mapping[str, str] | None, separator: str | None) -> CandleFile:
    """Open a file by its format."""
    if path.suffix.lower() in _PARQUET:
        return _ParquetFile(path)
    from livermore.candles._text_files import open_text_file

    given = columns if isinstance(columns, Mapping) else {}
    return open_text_file(
        path,
        names=None if columns is None or isinstance(columns, Mapping) else columns,
        separator=separator,
        is_header=lambda fields: all(_find(name, fields, given) for name in ("open", "high", "low", "close")),
    )


def _missing(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder. Give a CSV or Parquet file."
    if path.exists():
        return f"{path} is a device or a socket. Copy what it gives to a CSV file, and give that."
    folder = path.parent if path.parent.is_dir() else Path()
    near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=1)
    return f"{path} does not exist.{f' Did you mean {near[0]}?' if near else ''}"


def _choose(names: list[str], given: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return which of the file's columns is which of ours."""
    unknown = [name for name in given if name not in COLUMN_NAMES]
    if unknown:
        raise CandleError(f"columns names {unknown[0]!r}; there are: {', '.join(COLUMN_NAMES)}.")
    absent = [name for name in given.values() if name not in names]
    if absent:
        raise CandleError(f"{path} has no column {absent[0]!r}. Its columns: {', '.join(names)}.")
    found = {ours: _find(ours, names, given) for ours in COLUMN_NAMES}
    missing = [ours for ours, name in found.items() if name is None and ours != "volume"]
    if missing:
        raise CandleError(
            f"{path}: no column for {', '.join(missing)} among {', '.join(names)}. "
            f"Say which it is: columns={{{missing[0]!r}: '...'}}."
        )
    return {ours: name for ours, name in found.items() if name is not None}


def _find(ours: str, names: Sequence[str], given: Mapping[str, str]) -> str | None:
    if ours in given:
        return given[ours]
    plain = _plain(names)
    for synonym in _SYNONYMS[ours]:
        if synonym in plain:
            return plain[synonym]
    if ours == "volume":
        return next((name for name in names if re.match(r"(?i)\W*vol", name)), None)
    return None


def _rows(source: CandleFile, chosen: Mapping[str, str]) -> Rows:
    """Return the candles of a file as they are, unchecked."""
    import pyarrow as pa

    from livermore.candles._times import times_in_ms

    def refuse(row: int, problem: str, remedy: str) -> CandleError:
        return CandleError(f"{source.path}: {source.place(row)}: {problem}. {remedy}.")

    numbers = [name for ours, name in chosen.items() if ours != "timestamp"]
    table = source.table(list(dict.fromkeys([*_time_columns(source.names, chosen["timestamp"]), *numbers])), numbers)
    if table.num_rows == 0:
        raise CandleError(f"{source.path} holds no candles, only the names of columns.")
    rows = np.zeros((table.num_rows, 6))
    for position, ours in enumerate(COLUMN_NAMES):
        if ours not in chosen:
            continue
        try:
            if ours == "timestamp":
                rows[:, TIMESTAMP] = times_in_ms(_time_column(table, chosen[ours]), refuse)
            else:
                rows[:, position] = _numbers(table.column(chosen[ours]), ours, source.separator, refuse)
        except pa.ArrowException as error:
            kind = table.schema.field(chosen[ours]).type
            raise CandleError(f"{source.path}: the column {chosen[ours]!r} is of type {kind}, no {ours}.") from error
    return rows


def _plain(names: Sequence[str]) -> dict[str, str]:
    """Return names of columns by what they are without upper case, spaces and signs; the first of equal ones."""
    return {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(names)}


def _time_columns(names: Sequence[str], name: str) -> list[str]:
    """Return the columns that the times are made of: the one that was found, or a date and a time of day."""
    plain = _plain(names)
    is_pair = name in (plain.get("date"), plain.get("time")) and {"date", "time"} <= set(plain)
    return [plain["date"], plain["time"]] if is_pair else [name]


def _time_column(table: Any, name: str) -> Any:
    """Return the column of times; a date and a time of day in two columns are put together."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = _time_columns(table.column_names, name)
    if len(columns) == 1:
        return table.column(name)
    date, clock = map(table.column, columns)
    if not (pa.types.is_string(clock.type) and _CLOCK.fullmatch(str(clock[0]).strip())):
        return clock
    return pc.binary_join_element_wise(pc.utf8_trim_whitespace(date.cast(pa.string())), clock, " ")


def _numbers(column: Any, ours: str, separator: str, refuse: "Refusal") -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    from livermore.candles._times import numbers_of

    remedy = "Leave minutes without trades out; gaps are allowed"
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise refuse(row, f"{ours} is empty", remedy)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.cast(pa.float64()).to_numpy()
    text = pc.utf8_trim_whitespace(column)
    if separator != ",":
        text = pc.replace_substring(text, ",", ".")
    return numbers_of(text, ours, remedy, refuse)


def _checked(rows: Rows, source: CandleFile, *, sort: bool, duplicates: str) -> Rows:
    """Return the candles in order, and name the first that breaks a rule by its place in the file."""
    if not sort and duplicates == "refuse" and find_fault(rows) is None:
        return rows
    place = source.place
    order = np.arange(len(rows))
    if sort:
        order = np.argsort(rows[:, TIMESTAMP], kind="stable")
    if duplicates != "refuse":
        times = rows[order, TIMESTAMP]
        differs = times[1:] != times[:-1]
        order = order[np.r_[True, differs] if duplicates == "first" else np.r_[differs, True]]
    rows = np.ascontiguousarray(rows[order])
    fault = find_fault(rows)
    if fault is None:
        return rows
    problem = re.sub(r"\brow (\d+)", lambda match: place(int(order[int(match[1])])), fault.problem)
    remedy = _REMEDIES.get(fault.rule, fault.remedy)
    where = place(int(order[fault.row]))
    raise CandleError(type(fault)(fault.row, fault.time_ms, problem, remedy).sentence(str(source.path), where))


__all__ = ["read_candles"]
