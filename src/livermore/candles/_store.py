"""The candle store: candles as Parquet files in a folder, one file per market and month.

    <root>/<exchange>/<symbol>/2024-01.parquet
    <root>/<exchange>/~<symbol>                  the lock of that market, an empty file

Adding candles rewrites the months that they fall into and nothing else; each file is replaced as a whole, so that a
killed run leaves the old one or the new one. Writers of one market wait for each other. All software that reads Parquet
reads the files.
"""

import difflib
import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import check_candles, utc_text
from livermore.candles._columns import TIMESTAMP
from livermore.candles._month_change import change_of
from livermore.candles._month_file import (
    MONTH,
    MOST_ROWS,
    by_month,
    checksum_of,
    count_rows,
    month_of,
    read_into,
    read_month,
)
from livermore.candles._timeframe import TIMEFRAMES, timeframe_ms
from livermore.errors import CandleError, CandlesNotFoundError
from livermore.files import locked
from livermore.typing import Rows

# Signs that every file system takes, with the one of a lock before them.
_LONGEST = 250
# Names that Windows refuses for a folder, with any text after a dot.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class MarketSummary(NamedTuple):
    """One market of a store.

    Attributes
    ----------
    exchange, symbol : str
        Which market.
    rows : int
        How many candles are stored.
    first, end : int
        When the first candle opens and the last one closes, UTC ms.
    base : Base
        What the candles are.

    Examples
    --------
    >>> print(MarketSummary("Sandbox", "BTC-USDT", 1440, 1_704_067_200_000, 1_704_153_600_000))
    Sandbox BTC-USDT: 1,440 one-minute candles, 2024-01-01 00:00 UTC until 2024-01-02 00:00 UTC
    """

    exchange: str
    symbol: str
    rows: int
    first: int
    end: int
    base: Base = MINUTE_BASE

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.exchange} {self.symbol}: {self.rows:,} {self.base}, "
            f"{utc_text(self.first)} until {utc_text(self.end)}"
        )


class CandleStore:
    """Candles of any number of markets in a folder, all of one timeframe.

    Parameters
    ----------
    root : path-like
        The folder; it is made when something is written.
    base : Base or str
        What the candles are, by default of one minute. With a calendar, those outside of its sessions are refused.

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

    def __init__(self, root: Path | str, base: Base | str = MINUTE_BASE) -> None:
        self.root = Path(root)
        self.base = Base.of(base)

    def write(self, candles: Rows, exchange: str, symbol: str, *, replace: bool = False) -> int:
        """Add candles.

        Writing the same candles again changes nothing. Any number of processes may write at the same time, and others
        read meanwhile: each month is the old one or the new one.

        Parameters
        ----------
        candles : ndarray of shape (n, 6), or a frame
            Candles of the base; gaps are allowed.
        exchange, symbol : str
            What they are of. Routes need a symbol with a dash: ``"BTC-USDT"``.
        replace : bool
            Let candles replace those that are stored of the same time with other values. Without it they are refused.

        Returns
        -------
        int
            How many of the candles were not stored before, or were stored with other values.

        Raises
        ------
        CandleError
            If the candles break a rule, are of another timeframe than the base, or are stored with other values. The
            message shows both values. Nothing is written then.
        OSError
            If the folder cannot be written to.
        """
        rows = check_candles(candles, name=f"{exchange}-{symbol}")
        _check_spacing(rows, f"{exchange}-{symbol}", self.base)
        return self.write_sparse(rows, exchange, symbol, replace=replace)

    def write_sparse(self, candles: Rows, exchange: str, symbol: str, *, replace: bool = False) -> int:
        """Add candles that are known to be of the base, however far apart they are; otherwise as `write`.

        Where little is traded, the few candles of a download can look like those of a larger timeframe.
        """
        name = f"{exchange}-{symbol}"
        rows = check_candles(candles, name=name, base=self.base if self.base.has_sessions else MINUTE_BASE)
        folder = self._folder(exchange, symbol)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(_lock_of(folder)):
            # Whoever removes this market removes its folder, with the lock held.
            folder.mkdir(exist_ok=True)
            # All months are looked at before the first is written, so that a conflict in any leaves all as they were.
            changes = [
                change_of(folder / f"{month}.parquet", part, name, replace=replace, base=self.base.timeframe)
                for month, part in by_month(rows)
            ]
            return sum(change.apply() for change in changes)

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
            Candles in ascending order; n is 0 if none are stored of that time.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        CandleError
            If a file is damaged.
        """
        wanted = self._touched(exchange, symbol, start, finish)
        # Memory that no candle is written to is never taken from the system.
        rows = np.empty((len(wanted) * MOST_ROWS, 6))
        count = 0
        for path in wanted:
            count += read_into(path, rows[count:], self.base.timeframe)
        rows = rows[:count]
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
        months = self.months(exchange, symbol)
        first = read_month(months[0], self.base.timeframe)
        last = first if len(months) == 1 else read_month(months[-1], self.base.timeframe)
        return int(first[0, TIMESTAMP]), int(last[-1, TIMESTAMP]) + self.base.length

    def fingerprint(self, exchange: str, symbol: str, start: int, finish: int) -> str:
        """Return a hash of the candles of all months that [start, finish), UTC ms, touches, without reading them.

        It tells whether what was computed from stored candles is still true of them.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        CandleError
            If a file is damaged.

        Examples
        --------
        >>> import tempfile
        >>> from livermore.candles import synthetic_candles
        >>> store = CandleStore(tempfile.mkdtemp())
        >>> _ = store.write(synthetic_candles(3000, seed=1), "Sandbox", "BTC-USDT")
        >>> len(store.fingerprint("Sandbox", "BTC-USDT", 1609459200000, 1609545600000))
        64
        """
        months = self._touched(exchange, symbol, start, finish)
        checksums = [f"{path.stem}:{checksum_of(path)}" for path in months]
        return hashlib.sha256("\n".join([exchange, symbol, *checksums]).encode()).hexdigest()

    def gaps_beside(self, exchange: str, symbol: str, first: int, last: int) -> Sequence[tuple[int, int]]:
        """Return where candles are missing between stored ones and those from `first` to `last`, before and after.

        Two months at each end are read, however many are stored.

        Parameters
        ----------
        exchange, symbol : str
            Which market.
        first, last : int
            Opening times of stored candles, UTC ms.

        Returns
        -------
        sequence of (int, int)
            The opening times of the candles around each gap, UTC ms; none, one or two.

        Examples
        --------
        >>> import tempfile
        >>> from livermore.candles import synthetic_candles
        >>> store = CandleStore(tempfile.mkdtemp())
        >>> rows = synthetic_candles(100, seed=1)
        >>> _ = store.write(rows[:40], "Sandbox", "BTC-USDT"), store.write(rows[50:], "Sandbox", "BTC-USDT")
        >>> (gap,) = store.gaps_beside("Sandbox", "BTC-USDT", int(rows[50, 0]), int(rows[-1, 0]))
        >>> (gap[1] - gap[0]) // 60_000
        11
        """
        months = self.months(exchange, symbol)
        # The candle before the first one of a month is the last of another month.
        earlier = self._times([month for month in months if month.stem <= month_of(first)][-2:])
        later = self._times([month for month in months if month.stem >= month_of(last)][:2])
        beside = [(int(time), first) for time in earlier[earlier < first][-1:]]
        beside += [(last, int(time)) for time in later[later > last][:1]]
        return [gap for gap in beside if self.base.missing(np.array(gap, dtype=float)).max() > 0]

    def list(self) -> Sequence[MarketSummary]:
        """Return what is stored, a row per market, sorted by exchange and symbol.

        Raises
        ------
        CandleError
            If a file is damaged.

        Examples
        --------
        >>> import tempfile
        >>> from livermore.candles import synthetic_candles
        >>> store = CandleStore(tempfile.mkdtemp())
        >>> _ = store.write(synthetic_candles(3000, seed=1), "Sandbox", "BTC-USDT")
        >>> print(store.list()[0])
        Sandbox BTC-USDT: 3,000 one-minute candles, 2021-01-01 00:00 UTC until 2021-01-03 02:00 UTC
        """
        return [self._describe(exchange, symbol) for exchange, symbol in self.symbols()]

    def remove(self, exchange: str, symbol: str) -> int:
        """Delete all candles of one market, and return how many months that were.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        OSError
            If the folder cannot be written to.
        """
        self.months(exchange, symbol)  # a lock needs a folder to stand in
        folder = self._folder(exchange, symbol)
        with locked(_lock_of(folder)):
            months = self.months(exchange, symbol)
            for month in months:
                month.unlink(missing_ok=True)
            with suppress(OSError):  # something else lies in the folder
                folder.rmdir()
        return len(months)

    def months(self, exchange: str, symbol: str) -> Sequence[Path]:
        """Return the files of one market, a month each, in the order of time.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of this market.
        """
        folder = self._folder(exchange, symbol)
        months = sorted(path for path in _entries(folder) if _is_month(path))
        if not months:
            raise CandlesNotFoundError(self._nothing_of(exchange, symbol))
        return months

    def symbols(self) -> Sequence[tuple[str, str]]:
        """Return the markets that something is stored of, as sorted (exchange, symbol) pairs."""
        markets = [market for exchange in _entries(self.root) for market in _entries(exchange)]
        folders = [folder for folder in markets if any(map(_is_month, _entries(folder)))]
        named = [(unquote(folder.parent.name), unquote(folder.name)) for folder in folders]
        # Folders that this store did not name are none of its markets, and could not be read as such.
        return sorted(name for name, folder in zip(named, folders, strict=True) if self._folder(*name) == folder)

    def matching(self, exchange: str | None = None, symbol: str | None = None) -> Sequence[tuple[str, str]]:
        """Return the markets of an exchange, of a symbol or of both; by default all.

        Raises
        ------
        CandlesNotFoundError
            If nothing is stored of them.
        """
        found = [market for market in self.symbols() if exchange in (None, market[0]) and symbol in (None, market[1])]
        if not found:
            raise CandlesNotFoundError(self._nothing_of(exchange, symbol))
        return found

    def _touched(self, exchange: str, symbol: str, start: int | None, finish: int | None) -> Sequence[Path]:
        """Return the months that a half-open interval touches, UTC ms; None leaves an end open."""
        first = "" if start is None else month_of(start)
        months = [path for path in self.months(exchange, symbol) if path.stem >= first]
        return months if finish is None else [path for path in months if path.stem <= month_of(finish - 1)]

    def _describe(self, exchange: str, symbol: str) -> MarketSummary:
        first, end = self.interval(exchange, symbol)
        rows = sum(count_rows(month) for month in self.months(exchange, symbol))
        return MarketSummary(exchange, symbol, rows, first, end, self.base)

    def _times(self, months: Sequence[Path]) -> Rows:
        return np.concatenate([read_month(month, self.base.timeframe)[:, TIMESTAMP] for month in months])

    def _folder(self, exchange: str, symbol: str) -> Path:
        return self.root / _file_name(exchange, "exchange") / _file_name(symbol, "symbol")

    def _nothing_of(self, exchange: str | None, symbol: str | None) -> str:
        wanted = f"{exchange or 'any exchange'} {symbol or 'any symbol'}"
        stored = [f"{e} {s}" for e, s in self.symbols()]
        near = difflib.get_close_matches(wanted, stored, n=3, cutoff=0.5)
        there = "Did you mean" if near else "Stored are" if stored else "Nothing is stored there yet"
        names = "; ".join(near or stored[:10])
        return (
            f"no candles of {wanted} are stored in {self.root}. {there}{f': {names}' if names else ''}. "
            f"To store some: livermore candles import FILE --exchange {exchange or 'NAME'!r} --symbol "
            f"{symbol or 'BTC-USDT'!r}"
        )


def check_symbol(symbol: str) -> None:
    """Refuse a symbol that no route could name: its candles would be stored and never found.

    Raises
    ------
    CandleError
        If the symbol has no dash between its two assets.

    Examples
    --------
    >>> check_symbol("6E")
    Traceback (most recent call last):
    livermore.errors.CandleError: the symbol '6E' needs a dash between the two assets, such as '6E-USD': ...
    """
    if "-" not in str(symbol).strip("-"):
        raise CandleError(
            f"the symbol {symbol!r} needs a dash between the two assets, such as '{symbol}-USD': routes name it so."
        )


def _check_spacing(rows: Rows, name: str, base: Base) -> None:
    """Refuse candles that are further apart, or nearer, than those of the base; by sessions, all have been checked."""
    if len(rows) < 2 or base.has_sessions:
        return
    steps = np.diff(rows[:, TIMESTAMP]).astype(np.int64)
    step = int(steps.min())
    # Where little is traded no two candles may be next to each other, but their distances have no common measure.
    if step < base.length or (step > base.length and np.gcd.reduce(steps) > base.length):
        minutes = step // MINUTE_BASE.length
        named = next((name for name in TIMEFRAMES if timeframe_ms(name) == step), None)
        remedy = f"Store them with the base {named}" if named else "Larger candles are made from those of the base"
        raise CandleError(f"{name}: these are no {base}: the nearest two are {minutes} minutes apart. {remedy}.")


def _entries(folder: Path) -> Sequence[Path]:
    """Return what is in a folder, nothing if it is none. Unlike `Path.glob`, say so if it may not be read."""
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except FileNotFoundError:  # its market was removed just now
        return []


def _is_month(path: Path) -> bool:
    return path.suffix == ".parquet" and MONTH.fullmatch(path.stem) is not None


def _lock_of(folder: Path) -> Path:
    """Return the lock file of a market: beside its folder, under a name that no folder of a market has."""
    return folder.with_name(f"~{folder.name}")


def _file_name(name: str, what: str) -> str:
    """Turn a name into one that every file system takes and that `unquote` turns back."""
    if not name or not isinstance(name, str):
        raise CandleError(f"the {what} must be a name, not {name!r}.")
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_ ") else _quoted(char) for char in name)
    if safe.startswith(" ") or _RESERVED.fullmatch(safe):
        safe = _quoted(name[0]) + safe[1:]
    safe = safe[:-1] + "%20" if safe.endswith(" ") else safe
    if len(safe) > _LONGEST:
        raise CandleError(f"the {what} {name[:40]!r}... is too long for the name of a folder: {len(safe)} signs.")
    return safe


def _quoted(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8"))


__all__ = ["CandleStore", "MarketSummary", "check_symbol"]
