"""Candles from files: text, Parquet, Feather, JSON and DBN, of any source, in any usual form."""

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from livermore.candles._base import Base
from livermore.candles._options import ReadOptions
from livermore.candles.sources import CandleRead, CandleSource, source_of
from livermore.errors import CandleError
from livermore.typing import Rows

__all__ = ["read_candle_file", "read_candles"]


def read_candles(
    path: Path | str,
    *,
    source: CandleSource | Path | str | None = None,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    separator: str | None = None,
    timezone: str | None = None,
    stamp: Literal["start", "end"] | None = None,
    time_unit: Literal["s", "ms", "us", "ns", "mixed"] | None = None,
    dates: Literal["dmy", "mdy"] | None = None,
    decimal: Literal[".", ","] | None = None,
    price_scale: float | None = None,
    ticker: str | None = None,
    where: Mapping[str, str] | None = None,
    member: str | None = None,
    base: Base | str = "1m",
    empty: Literal["refuse", "drop"] | None = None,
    repeated_hour: Literal["refuse", "first", "second"] = "refuse",
    sort: bool = False,
    duplicates: Literal["refuse", "first", "last"] = "refuse",
) -> Rows:
    r"""Read candles from a file.

    Columns are found by name, in any order, upper or lower case, among others: *timestamp, time, date, datetime,
    open_time, unix* (or a *date* and a *time* column), *open/o, high/h, low/l, close/c, volume/vol/v, Volume BTC*.
    Further columns are ignored. Without a column of volumes, the volume is 0. A file of a source that livermore knows
    (``livermore candles sources``) needs nothing more. What may mean two things is refused, with the option that says
    which.

    Parameters
    ----------
    path : path-like
        Text, Parquet, Feather, JSON or DBN, compressed or not (``.gz``, ``.bz2``, ``.xz``, ``.zst``, ``.zip``). The
        format is known by what the file begins with. A ``.CHECKSUM`` beside it is verified.
    source : str, path-like or CandleSource, optional
        Where it is from: a name that `livermore.candles.known_sources` lists, a TOML file with a source of your own, or
        an object. By default found out, if the file is like no other source's.
    columns : sequence or mapping of str, optional
        A sequence names the columns of a file without a header. A mapping tells which column to take, where the names
        are unusual: ``{"open": "bid_open", ...}``.
    separator : str, optional
        Between the columns of a text file; by default found out (comma, semicolon, tab, bar).
    timezone : str, optional
        The zone of times without an offset: ``"UTC"``, ``"America/New_York"``, ``"UTC-5"``, or a zone and a distance:
        ``"America/New_York+7h"``.
    stamp : {"start", "end"}, optional
        Whether a time is the start or the end of its candle; by default the start.
    time_unit : {"s", "ms", "us", "ns", "mixed"}, optional
        The unit of numbers since 1970; by default found out from their size. *mixed*: each has that of its own size.
    dates : {"dmy", "mdy"}, optional
        What dates such as 01/02/2024 begin with; by default found out, where a day is after the 12th.
    decimal : {".", ","}, optional
        The decimal sign; by default found out.
    price_scale : float, optional
        Factor of all prices.
    ticker : str, optional
        Which instrument, in files of several.
    where : mapping of str, optional
        Values that rows must have to be read, by column: ``{"publisher_id": "2"}``.
    member : str, optional
        Which files of an archive, with ``*`` and ``?``. Several are one series.
    base : str or Base
        The timeframe of the candles in the file; a `Base` has sessions as well.
    empty : {"refuse", "drop"}, optional
        What to do about rows without any price, by default refuse the file.
    repeated_hour : {"refuse", "first", "second"}
        What a local time means that is there twice when clocks are set back, where the order of rows does not tell.
    sort : bool
        Sort by time rather than refuse a file that is not sorted.
    duplicates : {"refuse", "first", "last"}
        What to do about candles of the same time: refuse the file, or keep the first or last one.

    Returns
    -------
    ndarray of shape (n, 6)
        Candles that `check_candles` accepts: opening time in UTC ms, open, close, high, low, volume.

    Raises
    ------
    CandleError
        If the file is missing, damaged or cut off in the middle of a line, if a column is missing, if something may
        mean two things, or if a candle breaks a rule. The message names the file, the line and the column.
    TimeframeError
        If there is no such timeframe as `base`.
    MissingExtraError
        If a format needs a package that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "gold.csv"
    >>> _ = path.write_text("Date;O;H;L;C\n2022-01-31 23:59;10;12;9;11\n")
    >>> read_candles(path, timezone="UTC").tolist()
    [[1643673540000.0, 10.0, 11.0, 12.0, 9.0, 0.0]]
    >>> read_candles(path)
    Traceback (most recent call last):
    livermore.errors.CandleError: ...gold.csv: line 2: the time has no time zone, ...
    """
    given = {name: value for name, value in locals().items() if name not in ("path", "source", "where", "base")}
    return read_candle_file(path, source, ReadOptions(**given, where=where or {}, base=Base.of(base))).candles


def read_candle_file(
    path: Path | str, source: CandleSource | Path | str | None = None, options: ReadOptions | None = None
) -> CandleRead:
    r"""Read candles from a file, with what was found out about it.

    Parameters
    ----------
    path, source
        As for `read_candles`.
    options : ReadOptions, optional
        The other arguments of `read_candles`.

    Returns
    -------
    CandleRead
        The candles, notes on what was detected, and how many rows were left out.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "XBTUSD_1.csv"
    >>> _ = path.write_text("1704067200,10,12,9,11,5.5,3\n")
    >>> read_candle_file(path).notes
    ["recognised as a file of kraken: Kraken's OHLCVT archive, ...", 'times in s since 1970']
    """
    file = Path(path)
    options = options or ReadOptions()
    if source is not None:
        chosen = source_of(source)
        if file.is_dir():
            file = _in_folder(file, chosen, options)
        _check_file(file)
        return chosen.read(file, options)
    _check_file(file)
    return _detected(file, options)


def _detected(path: Path, options: ReadOptions) -> CandleRead:
    """Read a file whose source is not named."""
    from livermore.candles._reading import read_contents
    from livermore.candles.files import contents_of, top_lines
    from livermore.candles.sources._catalogue import detected
    from livermore.candles.sources._preset import GENERIC

    contents = contents_of(path, options.member)
    has_names = options.columns is not None and not isinstance(options.columns, Mapping)
    preset = None if has_names else detected(top_lines(contents[0]), str(path))
    read = read_contents(contents, preset or GENERIC, options)
    notes = [f"recognised as a file of {preset.name}: {preset.about}"] if preset else []
    if options.stamp is None and preset is None:
        notes.append("times are taken as the starts of candles (stamp)")
    return CandleRead(read.candles, [*notes, *read.notes], read.duplicates, read.dropped)


def _check_file(path: Path) -> None:
    # pathlib's own questions raise where a name is too long for the system.
    if os.path.isfile(path):
        return
    # A pipe ends when its writer does; a device such as /dev/zero never does.
    if not (os.path.exists(path) and path.is_fifo()):
        raise CandleError(_missing(path))


def _in_folder(folder: Path, source: CandleSource, options: ReadOptions) -> Path:
    """Return the file of a ticker in a folder."""
    from livermore.candles._reading import member_patterns
    from livermore.candles.sources._preset import Preset

    patterns = member_patterns(source, options) if isinstance(source, Preset) else options.member
    if patterns is None:
        raise CandleError(
            f"{folder} is a folder. Say which file: ticker= or member= (on the command line --ticker, --member)."
        )
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        found = sorted(folder.glob(pattern))
        if len(found) == 1:
            return found[0]
        if found:
            raise CandleError(f"{folder} has {len(found)} files {pattern!r}. Name one of them.")
    raise CandleError(f"{folder} has no file {patterns!r}.")


def _missing(path: Path) -> str:
    if os.path.isdir(path):
        return f"{path} is a folder. Give a file, or say which source it is of (source=, ticker=)."
    if os.path.exists(path):
        return f"{path} is a device or a socket. Copy what it gives to a CSV file, and give that."
    if os.path.islink(path):
        return f"{path} is a link that leads to no file."
    # The address is not repeated: it may hold a password.
    if scheme := re.match(r"[A-Za-z][A-Za-z0-9+.-]+(?=:/)", str(path)):
        return (
            f"{scheme[0]}://... is an address, not a file. Download the file first; of databases, Jesse's is read "
            "(postgres://)."
        )
    folder = path.parent if os.path.isdir(path.parent) else Path()
    near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=1)
    return f"{path} does not exist.{f' Did you mean {near[0]}?' if near else ''}"
