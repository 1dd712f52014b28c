"""Which column of a file is which, by the names that columns have in practice."""

import re
from collections.abc import Mapping, Sequence

from livermore.candles._columns import COLUMN_NAMES
from livermore.candles._options import ReadOptions
from livermore.candles.files import CandleFile
from livermore.candles.sources._preset import Preset
from livermore.errors import CandleError

__all__ = ["choose_columns", "is_header", "time_columns"]

# What a column may be called, best first; upper case, spaces and signs do not count.
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "timestamp": (
        *("timestamp", "timestampms", "timestamputc", "timeutc", "dateutc", "datetimeutc"),
        *("opentime", "opentimems", "opentimestamp", "unix", "unixtime", "unixtimestamp", "epoch"),
        *("datetime", "gmttime", "localtime", "utc", "utctime", "ts", "tsevent", "time", "date", "t", "begin"),
        *("start", "starttime", "windowstart"),
    ),
    "open": ("open", "openprice", "priceopen", "o", "first"),
    "high": ("high", "highprice", "pricehigh", "h", "max"),
    "low": ("low", "lowprice", "pricelow", "l", "min"),
    "close": ("close", "closeprice", "priceclose", "c", "last"),
    "volume": ("volume", "vol", "v", "basevolume", "volumebase", "qty", "quantity", "tickvolume", "tickvol", "amount"),
}
# Times at which a candle ends, which are taken only where that is said.
_ENDS = ("closetime", "closetimems", "closetimestamp", "endtime", "end", "timeclose", "timeend", "timestampend")
# "Volume BTC" and "Vol." are volumes; volatilities, averages and changes of volumes are not.
_VOLUME = re.compile(r"(?i)\W*vol(?!atil)(?!.*(%|change|average|avg|[\W_][se]?ma\b))")


def is_header(fields: Sequence[str], names: Mapping[str, str]) -> bool:
    """Whether the fields of a line are names of columns; `names` are the unusual ones, by livermore's name."""
    known = {ours: name for ours, name in names.items() if name in fields}
    return all(_find(ours, fields, known) for ours in ("open", "high", "low", "close")) or _is_level(fields)


def _is_level(fields: Sequence[str]) -> bool:
    """Whether a line is the first of a frame with two levels of columns."""
    return len(fields) > 1 and fields[0] in ("Price", "Ticker")


def choose_columns(file: CandleFile, known: Preset, options: ReadOptions) -> dict[str, str]:
    """Return which of the file's columns is which of livermore's.

    Raises
    ------
    CandleError
        If a column is missing, or it cannot be told which of several is meant.
    """
    names = list(file.names)
    given = dict(options.columns) if isinstance(options.columns, Mapping) else {}
    unknown = [name for name in given if name not in COLUMN_NAMES]
    if unknown:
        raise CandleError(f"columns names {unknown[0]!r}; there are: {', '.join(COLUMN_NAMES)}.{_two_columns(unknown)}")
    absent = [name for name in given.values() if name not in names]
    if absent:
        raise CandleError(f"{file.label} has no column {absent[0]!r}. Its columns: {', '.join(names)}.")
    levels = [name for name in names if " of " in name]
    if levels:
        names = _of_one_ticker(names, levels, options.ticker, file.label)
    preset_names = {ours: name for ours, name in known.names.items() if name in names}
    found = {ours: _find(ours, names, preset_names | given) for ours in COLUMN_NAMES}
    if found["timestamp"] is None:
        found["timestamp"] = _end_time(names, options, file.label)
    missing = [ours for ours, name in found.items() if name is None and ours != "volume"]
    if missing:
        raise CandleError(
            f"{file.label}: no column for {', '.join(missing)} among {', '.join(names)}. "
            f"Say which it is: columns={{{missing[0]!r}: '...'}} (on the command line --columns {missing[0]}=...)."
        )
    chosen = {ours: name for ours, name in found.items() if name is not None}
    _check_unique(chosen, names, given, file.label)
    return chosen


def _two_columns(unknown: Sequence[str]) -> str:
    """Return what to do about date and time in two columns, if that is what the user wants to say."""
    if not {"date", "time"} & set(unknown):
        return ""
    return (
        " Date and time in two columns are found if they are called so; if not, take out the line with the names, "
        "and name all columns in order: columns=['date', 'time', 'open', ...] (on the command line --columns "
        "date,time,open,...)."
    )


def _check_unique(chosen: Mapping[str, str], names: Sequence[str], given: Mapping[str, str], label: str) -> None:
    """Refuse a column whose name stands twice, unless the user chose one of the two."""
    for ours, name in chosen.items():
        # Text files add the position to a name that stands twice.
        again = [other for other in names if re.fullmatch(re.escape(name) + r" \(\d+\)", other)]
        if again and ours not in given:
            raise CandleError(
                f"{label} has more than one column {name!r}. Say which: columns={{{ours!r}: {name!r}}} for the first, "
                f"{again[0]!r} for the other (on the command line --columns {ours}=NAME)."
            )
        if names.count(name) > 1:
            raise CandleError(f"{label} has more than one column {name!r}. Remove one of them.")


def _of_one_ticker(names: list[str], levels: list[str], ticker: str | None, label: str) -> list[str]:
    """Return the columns of one ticker in a file with two levels of columns."""
    tickers = list(dict.fromkeys(name.rsplit(" of ", 1)[1] for name in levels))
    if ticker is None and len(tickers) > 1:
        raise CandleError(
            f"{label} has columns of {len(tickers)} tickers: {', '.join(tickers)}. Say which: ticker={tickers[0]!r} "
            "(on the command line --ticker)."
        )
    wanted = tickers[0] if ticker is None else ticker
    if wanted not in tickers:
        raise CandleError(f"{label} has no columns of {wanted!r}. Its tickers: {', '.join(tickers)}.")
    return [name for name in names if name not in levels or name.rsplit(" of ", 1)[1] == wanted]


def _end_time(names: Sequence[str], options: ReadOptions, label: str) -> str | None:
    plain = _plain(names)
    name = next((plain[end] for end in _ENDS if end in plain), None)
    if name is not None and options.stamp is None:
        raise CandleError(
            f"{label}: its only column of times is {name}, which seems to be when candles end. Say so: "
            'stamp="end" (on the command line --stamp end).'
        )
    return name


def _find(ours: str, names: Sequence[str], given: Mapping[str, str]) -> str | None:
    if ours in given:
        return given[ours]
    plain = _plain(names)
    for synonym in _SYNONYMS[ours]:
        if synonym in plain:
            return plain[synonym]
    if ours == "volume":
        return next((name for name in names if _VOLUME.match(name)), None)
    return None


def _plain(names: Sequence[str]) -> dict[str, str]:
    """Return names of columns by what they are without upper case, spaces and signs; the first of equal ones."""
    return {re.sub(r"[^a-z0-9]", "", name.rsplit(" of ", 1)[0].lower()): name for name in reversed(names)}


def time_columns(names: Sequence[str], name: str) -> list[str]:
    """Return the columns that the times are made of: the one that was found, or a date and a time of day."""
    plain = _plain(names)
    is_pair = name in (plain.get("date"), plain.get("time")) and {"date", "time"} <= set(plain)
    return [plain["date"], plain["time"]] if is_pair else [name]
