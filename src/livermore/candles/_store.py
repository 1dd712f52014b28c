"""The candle store: one-minute candles as Parquet files in a folder, one file per market and month.

    <root>/<exchange>/<symbol>/2024-01.parquet

Adding candles rewrites the months that they fall into and nothing else; each file is replaced as a whole, so that a
killed run leaves the old one or the new one. Whatever reads Parquet reads the files.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from livermore.candles._check import check_candles
from livermore.candles._columns import COLUMN_NAMES, MINUTE_MS, TIMESTAMP
from livermore.errors import CandleError, CandlesNotFoundError
from livermore.files import atomic_file
from livermore.typing import Rows

if TYPE_CHECKING:
    import pyarrow as pa

# What Windows does not take as the name of a folder, whatever follows the dot.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_MONTH = re.compile(r"\d{4}-\d{2}")


class CandleStore:
    """One-minute candles of any number of markets in a folder.

    Parameters
    ----------
    root : path-like
        The folder; it is made when something is written.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> store = CandleStore(tempfile.mkdtemp())
    >>> store.write(synthetic_candles(3000, seed=1), "Sandbox", "BTC-USDT")
    3000
    >>> store.symbols()
    [('Sandbox', 'BTC-USDT')]
    >>> first, end = store.interval("Sandbox", "BTC-USDT")
    >>> len(store.read("Sandbox", "BTC-USDT", first, first + 5 * 60_000))
    5
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def write(self, candles: Rows, exchange: str, symbol: str) -> int:
        """Add candles; those of a time that is stored already replace the old ones.

        Writing the same candles again changes nothing. One writer per market at a time: of two that write the same
        month at the same moment, the later one wins.

        Parameters
        ----------
        candles : ndarray of shape (n, 6)
            One-minute candles; gaps are allowed.
        exchange, symbol : str
            What they are of.

        Returns
        -------
        int
            How many of the candles were not stored before, or were stored with other values.

        Raises
        ------
        CandleError
            If the candles break a rule, or are of a larger timeframe than one minute. Nothing is written then.
        OSError
            If the folder cannot be written to.
        """
        name = f"{exchange}-{symbol}"
        rows = check_candles(candles, name=name)
        _check_minutes(rows, name)
        folder = self._folder(exchange, symbol)
        folder.mkdir(parents=True, exist_ok=True)
        return sum(_merge_into(folder / f"{month}.parquet", part) for month, part in _by_month(rows))

    def read(self, exchange: str, symbol: str, start: int | None = None, finish: int | None = None) -> Rows:
        """Return what is stored of the half-open interval from `start` to `finish`.

        Parameters
        ----------
        exchange, symbol : str
            Which market.
        start, finish : int, optional
            UTC ms; without them from the first, to the last candle.

        Returns
        -------
        ndarray of shape (n, 6)
            One-minute candles in ascending order; n is 0 if none are stored of that time.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        CandleError
            If a file is damaged.
        """
        wanted = [
            path
            for path in self._months(exchange, symbol)
            if (start is None or path.stem >= _month_of(start)) and (finish is None or path.stem <= _month_of(finish))
        ]
        rows = np.concatenate([np.empty((0, 6)), *map(_read_file, wanted)])
        times = rows[:, TIMESTAMP]
        first = 0 if start is None else int(np.searchsorted(times, start))
        end = len(rows) if finish is None else int(np.searchsorted(times, finish))
        return rows[first:end]

    def interval(self, exchange: str, symbol: str) -> tuple[int, int]:
        """Return when the first stored candle opens and the last one closes, UTC ms.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        """
        months = self._months(exchange, symbol)
        first, last = _read_file(months[0]), _read_file(months[-1])
        return int(first[0, TIMESTAMP]), int(last[-1, TIMESTAMP]) + MINUTE_MS

    def symbols(self) -> list[tuple[str, str]]:
        """Return the markets that something is stored of, as sorted (exchange, symbol) pairs."""
        if not self.root.is_dir():
            return []
        folders = {path.parent for path in self.root.glob("*/*/*.parquet") if _MONTH.fullmatch(path.stem)}
        return sorted((unquote(folder.parent.name), unquote(folder.name)) for folder in folders)

    def _folder(self, exchange: str, symbol: str) -> Path:
        return self.root / _file_name(exchange, "exchange") / _file_name(symbol, "symbol")

    def _months(self, exchange: str, symbol: str) -> list[Path]:
        folder = self._folder(exchange, symbol)
        months = sorted(path for path in folder.glob("*.parquet") if _MONTH.fullmatch(path.stem))
        if not months:
            raise CandlesNotFoundError(self._nothing_of(exchange, symbol))
        return months

    def _nothing_of(self, exchange: str, symbol: str) -> str:
        stored = [f"{e} {s}" for e, s in self.symbols()]
        near = difflib.get_close_matches(f"{exchange} {symbol}", stored, n=3, cutoff=0.5)
        there = "Did you mean" if near else "Stored are" if stored else "Nothing is stored there yet"
        names = "; ".join(near or stored[:10])
        return (
            f"no candles of {exchange} {symbol} are stored in {self.root}. {there}{f': {names}' if names else ''}. "
            f"To store some: livermore import-candles FILE --exchange {exchange!r} --symbol {symbol!r}"
        )


def _check_minutes(rows: Rows, name: str) -> None:
    if len(rows) < 2:
        return
    step = np.diff(rows[:, TIMESTAMP]).min()
    if step > MINUTE_MS:
        raise CandleError(
            f"{name}: these are no one-minute candles: the nearest two are {step / MINUTE_MS:.0f} minutes apart. "
            "Store one-minute candles; larger ones are made from them."
        )


def _by_month(rows: Rows) -> Iterator[tuple[str, Rows]]:
    months = _months_since_1970(rows[:, TIMESTAMP])
    starts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield _month_of(int(rows[start, TIMESTAMP])), rows[start:end]


def _months_since_1970(times_ms: Rows) -> "np.ndarray[Any, np.dtype[np.int64]]":
    return times_ms.astype(np.int64).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)


def _month_of(time_ms: int) -> str:
    return str(np.datetime64(int(time_ms), "ms").astype("datetime64[M]"))


def _merge_into(path: Path, rows: Rows) -> int:
    """Write rows, and those that `path` holds of other times; return how many are new or changed."""
    if not path.exists():
        _write_file(path, rows)
        return len(rows)
    old = _read_file(path)
    both = np.concatenate([old, rows])
    order = np.argsort(both[:, TIMESTAMP], kind="stable")
    merged = both[order]
    # Of two rows of one time the later, newer one stays.
    merged = merged[np.r_[merged[1:, TIMESTAMP] != merged[:-1, TIMESTAMP], True]]
    _, in_old, in_new = np.intersect1d(old[:, TIMESTAMP], rows[:, TIMESTAMP], return_indices=True)
    same = int((old[in_old] == rows[in_new]).all(axis=1).sum())
    if same < len(rows):
        _write_file(path, merged)
    return len(rows) - same


def _write_file(path: Path, rows: Rows) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array(rows[:, TIMESTAMP].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    columns = [times, *(pa.array(rows[:, column]) for column in range(1, 6))]
    with atomic_file(path) as file:
        pq.write_table(pa.table(columns, names=list(COLUMN_NAMES)), file, compression="zstd")


def _read_file(path: Path) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows = _rows_of(file.read(columns=list(COLUMN_NAMES)))
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise CandleError(f"{path} is damaged ({error}). Delete it and import these candles again.") from error
    if len(rows) == 0:
        raise CandleError(f"{path} is damaged (it holds no candles). Delete it and import these candles again.")
    return rows


def _rows_of(table: "pa.Table") -> Rows:
    import pyarrow as pa

    rows = np.empty((table.num_rows, 6))
    times = table.column("timestamp").cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())
    rows[:, TIMESTAMP] = times.to_numpy()
    for column, name in enumerate(COLUMN_NAMES[1:], start=1):
        rows[:, column] = table.column(name).to_numpy()
    return rows


def _file_name(name: str, what: str) -> str:
    """Turn a name into one that every file system takes and that `unquote` turns back."""
    if not name or not isinstance(name, str):
        raise CandleError(f"the {what} must be a name, not {name!r}.")
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_ ") else _quoted(char) for char in name)
    if safe.startswith(" ") or _RESERVED.fullmatch(safe):
        safe = _quoted(name[0]) + safe[1:]
    return safe[:-1] + "%20" if safe.endswith(" ") else safe


def _quoted(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8"))


__all__ = ["CandleStore"]
