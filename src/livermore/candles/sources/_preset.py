"""What is known of a source's files, as data: `Preset`, and the TOML tables that presets are read from."""

import dataclasses
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.candles._columns import COLUMN_NAMES
from livermore.errors import CandleError

if TYPE_CHECKING:
    from livermore.candles._options import ReadOptions
    from livermore.candles.sources._protocol import CandleRead

__all__ = ["GENERIC", "Preset", "presets_of"]

_CHOICES: Mapping[str, tuple[str | None, ...]] = {
    "header": ("required", "optional", "none"),
    "stamp": ("start", "end", "unknown"),
    "order": ("ascending", "descending", None),
    "dates": ("dmy", "mdy", None),
    "decimal": (".", ",", None),
    "empty": ("refuse", "drop"),
}
_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True)
class Preset:
    r"""What is known of a source's files. What is left out must be in the file, or be given by whoever reads it.

    A preset is a `CandleSource`. One of your own is a table of a TOML file with these keys, or an object of this class.

    Attributes
    ----------
    name : str
        What ``source=`` and ``--source`` call it.
    about : str
        A line for the list of sources.
    columns : sequence of str
        The columns of files without a header, in order: names of livermore's (*timestamp, open, close, high, low,
        volume*), *date* and *time* for a time in two columns, and any others, which are ignored.
    names : mapping of str
        In files with a header, the source's name of a column by livermore's name, where it is unusual.
    header : {"required", "optional", "none"}
        Whether a line with names is above the rows. By default required, or none where `columns` are given.
    further_columns : bool
        Whether lines may have columns after those of `columns`.
    separator : str or None
        Between the columns; None to find it out.
    timezone : str or None
        The zone of times without an offset: ``"UTC"``, ``"UTC-5"``, ``"America/New_York"``.
    stamp : {"start", "end", "unknown"}
        Which end of its candle a time is. *unknown*: it must be given.
    time_units : sequence of str
        The units of numbers since 1970: *s, ms, us, ns*. Where there are several, each number has that of its size.
    dates : {"dmy", "mdy", None}
        What dates such as 01/02/2024 begin with.
    order : {"ascending", "descending", None}
        Which way the rows go. A file that goes the other way is read all the same, and it is said.
    decimal : {".", ",", None}
        The decimal sign; None to find it out.
    price_scale : float
        Factor of all prices.
    integer_price_scale : float
        Factor of prices in files whose prices are all written as whole numbers.
    ticker : str or None
        The column that says what a row is of, in files of several instruments.
    single : sequence of str
        Columns that must hold one value: rows of several are not one series.
    empty : {"refuse", "drop"}
        What to do about rows without any price.
    member : sequence of str
        Names that the file of a ticker has in an archive or a folder, the first one first:
        ``["{ticker}_{minutes}.csv"]``, ``["{ticker}-{base}.feather"]``.
    like : str or None
        A regular expression of the header or, without one, of the first line, by which livermore recognises files of
        its own sources. Those of users are always named.

    Examples
    --------
    >>> mine = Preset("mine", columns=("timestamp", "open", "high", "low", "close"), timezone="UTC-5")
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "gold.csv"
    >>> _ = path.write_text("2022-01-31 18:59,10,12,9,11\n")
    >>> from livermore.candles import read_candles
    >>> read_candles(path, source=mine).tolist()
    [[1643673540000.0, 10.0, 11.0, 12.0, 9.0, 0.0]]
    """

    name: str
    about: str = ""
    columns: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    header: str = ""
    further_columns: bool = False
    separator: str | None = None
    timezone: str | None = None
    stamp: str = "start"
    time_units: Sequence[str] = ()
    dates: str | None = None
    order: str | None = None
    decimal: str | None = None
    price_scale: float = 1.0
    integer_price_scale: float = 1.0
    ticker: str | None = None
    single: Sequence[str] = ()
    empty: str = "refuse"
    member: Sequence[str] = ()
    like: str | None = None

    def __post_init__(self) -> None:
        if not self.header:
            object.__setattr__(self, "header", "none" if self.columns else "required")
        _check(self)

    def read(self, path: Path, options: "ReadOptions") -> "CandleRead":
        """Return the candles of a file; see `CandleSource.read`."""
        from livermore.candles._reading import read_with_preset

        return read_with_preset(path, self, options)


def presets_of(path: Path) -> dict[str, Preset]:
    """Return the presets of a TOML file by name, a table each.

    Raises
    ------
    CandleError
        If the file is no TOML, or a table has a key or a value that presets do not have.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CandleError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CandleError(f"{path} is no TOML file: {error}.") from error
    return {name: _preset(name, table, path) for name, table in tables.items()}


def _preset(name: str, table: Any, path: Path) -> Preset:
    where = f"{path}: [{name}]"
    if not isinstance(table, dict):
        raise CandleError(f"{where} must be a table of keys of a source, not {table!r}.")
    keys = {item.name for item in dataclasses.fields(Preset)} - {"name"}
    unknown = sorted(set(table) - keys)
    if unknown:
        raise CandleError(f"{where} has the key {unknown[0]!r}; there are: {', '.join(sorted(keys))}.")
    try:
        return Preset(name, **table)
    except CandleError as error:
        raise CandleError(f"{path}: {error}") from error


def _check(preset: Preset) -> None:
    """Refuse a preset with a value of the wrong type, or one that makes no sense."""
    where = f"source {preset.name!r}: " if preset.name else ""

    def must(condition: bool, rule: str) -> None:
        if not condition:
            raise CandleError(f"{where}{rule}.")

    for key, allowed in _CHOICES.items():
        value = getattr(preset, key)
        must(value in allowed, f"{key} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    for key in ("about", "separator", "timezone", "ticker", "like"):
        value = getattr(preset, key)
        must(value is None or isinstance(value, str), f"{key} must be text, not {value!r}")
    for key in ("columns", "time_units", "single", "member"):
        value = getattr(preset, key)
        is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        must(is_list, f"{key} must be a list of texts, not {value!r}")
    for key in ("price_scale", "integer_price_scale"):
        value = getattr(preset, key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
        must(is_number, f"{key} must be a number above 0, not {value!r}")
    must(isinstance(preset.names, Mapping), f"names must be a table, not {preset.names!r}")
    for ours, name in preset.names.items():
        must(ours in COLUMN_NAMES, f"names has {ours!r}; there are: {', '.join(COLUMN_NAMES)}")
        must(isinstance(name, str), f"names must be texts, not {name!r}")
    must(isinstance(preset.further_columns, bool), "further_columns must be true or false")
    for unit in preset.time_units:
        must(unit in _UNITS, f"time_units has {unit!r}; there are: {', '.join(_UNITS)}")
    must(preset.header == "required" or bool(preset.columns), f'header = "{preset.header}" needs columns')
    must(preset.separator is None or len(preset.separator) == 1, "separator must be one sign")
    for pattern in preset.member:
        fields = re.findall(r"\{.*?\}|[{}]", pattern)
        is_sound = fields.count("{ticker}") == 1 and set(fields) <= {"{ticker}", "{base}", "{minutes}"}
        must(is_sound, f"member has {pattern!r}; it needs {{ticker}} once, and may have {{base}} and {{minutes}}")
    _check_columns(preset, must)
    _check_texts(preset, must)


def _check_columns(preset: Preset, must: Any) -> None:
    if not preset.columns:
        return
    twice = [name for name in preset.columns if list(preset.columns).count(name) > 1]
    must(not twice, f"columns names {twice[:1]} twice")
    has_time = "timestamp" in preset.columns or {"date", "time"} <= set(preset.columns) or "date" in preset.columns
    missing = [name for name in ("open", "high", "low", "close") if name not in preset.columns]
    must(has_time and not missing, f"columns lacks {', '.join(missing) or 'timestamp'}")


def _check_texts(preset: Preset, must: Any) -> None:
    if preset.timezone is not None:
        from livermore.candles._time_zones import check_zone

        check_zone(preset.timezone)
    if preset.like is not None:
        try:
            re.compile(preset.like)
        except re.error as error:
            must(False, f"like is no regular expression ({error})")


#: A file of which nothing is known.
GENERIC = Preset("")
