"""From files of named columns to candles: which column is which, which rows count, and what is said of both."""

import dataclasses
import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livermore.candles._check import find_fault
from livermore.candles._column_names import choose_columns, is_header, time_columns
from livermore.candles._columns import MINUTE_MS, TIMESTAMP
from livermore.candles._options import ReadOptions
from livermore.candles._sheet import Sheet
from livermore.candles._values import text_or_number, write_prices
from livermore.candles.files import CandleFile, Content, contents_of, open_file
from livermore.candles.sources._preset import Preset
from livermore.candles.sources._protocol import CandleRead
from livermore.errors import CandleError
from livermore.typing import Booleans, Integers, Rows

__all__ = ["member_patterns", "read_contents", "read_with_preset"]

_REMEDIES = {
    "order": "Sort the file, or read it with sort=True",
    "duplicate": 'Delete one of them, or read the file with duplicates="first" or "last"',
    "value": "Correct or delete this candle; gaps are allowed",
}
_LISTED = 8
_CLOCK = re.compile(r"\d{1,2}:?\d{2}(:?\d{2}(\.\d+)?)?")


def read_with_preset(path: Path, preset: Preset, options: ReadOptions) -> CandleRead:
    """Return the candles of a file whose source is known."""
    return read_contents(contents_of(path, member_patterns(preset, options)), preset, options)


def member_patterns(preset: Preset, options: ReadOptions) -> str | Sequence[str] | None:
    """Return which files of an archive are meant."""
    if options.member is not None or options.ticker is None or not preset.member:
        return options.member
    # freqtrade's rule for the names of files.
    ticker = re.sub(r"[/:.@$+ ]", "_", options.ticker)
    return [
        pattern.format(ticker=ticker, base=options.base.timeframe, minutes=options.base.length // MINUTE_MS)
        for pattern in preset.member
    ]


def read_contents(contents: Sequence[Content], preset: Preset, options: ReadOptions) -> CandleRead:
    """Return the candles of one file, or of several that are one series."""
    known = options.applied_to(preset)
    if known.stamp == "unknown":
        raise CandleError(
            f"{contents[0].label}: times of {preset.name} may be the start or the end of their candles. Say which: "
            'stamp="start" or stamp="end" (on the command line --stamp).'
        )
    blocks = [_read_block(_open(content, known, options), known, options) for content in contents]
    blocks = [block for block in blocks if len(block.rows)]
    if not blocks:
        raise CandleError(f"{contents[0].label} holds no candles: no row has prices.")
    if len(blocks) > 1:
        blocks.sort(key=lambda block: float(block.rows[0, TIMESTAMP]))
    return _series(blocks, options)


def _open(content: Content, known: Preset, options: ReadOptions) -> CandleFile:
    names = dict(known.names) | (dict(options.columns) if isinstance(options.columns, Mapping) else {})
    return open_file(
        content,
        columns=known.columns,
        header=known.header,
        further_columns=known.further_columns,
        separator=known.separator,
        is_header=lambda fields: is_header(fields, names),
    )


@dataclass(frozen=True)
class _Block:
    """Candles of one file: rows, in ascending order if the file has any order, and where in the file each was."""

    rows: Rows
    in_file: Integers
    file: CandleFile
    notes: Sequence[str]
    dropped: int

    def place(self, row: int) -> str:
        return self.file.place(int(self.in_file[row]))


def _read_block(file: CandleFile, known: Preset, options: ReadOptions) -> _Block:
    sheet, notes = _selected(file, choose_columns(file, known, options), known, options)
    rows, blank, said = _rows(sheet)
    notes += said
    in_file = sheet.in_file
    dropped = int(np.count_nonzero(blank))
    if dropped:
        if known.empty != "drop":
            remedy = 'Leave such rows out, or read the file with empty="drop"'
            raise sheet.refuse(int(blank.argmax()), "the row has no prices", remedy)
        notes.append(f"{dropped:,} rows without prices were left out")
        rows, in_file = rows[~blank], in_file[~blank]
    if len(rows) > 1 and rows[0, TIMESTAMP] > rows[-1, TIMESTAMP] and (np.diff(rows[:, TIMESTAMP]) < 0).all():
        rows, in_file = rows[::-1], in_file[::-1]
        if known.order != "descending":
            notes.append("the file has the newest candle first; its rows were turned round")
    return _Block(np.ascontiguousarray(rows), in_file, file, [*file.notes, *notes], dropped)


def _selected(
    file: CandleFile, chosen: Mapping[str, str], known: Preset, options: ReadOptions
) -> tuple[Sheet, list[str]]:
    """Return the columns that matter, of the rows that are asked for, and what is to be said of them."""
    names = list(file.names)
    ticker = _ticker_column(names, known)
    where = dict(options.where)
    if options.ticker is not None and ticker is not None:
        where[ticker] = options.ticker
    absent = [name for name in where if name not in names]
    if absent:
        raise CandleError(f"{file.label} has no column {absent[0]!r}. Its columns: {', '.join(names)}.")
    if options.ticker is not None and ticker is None and not any(" of " in name for name in names):
        _check_file_of_ticker(file.label, known, options)
    single = [name for name in [*known.single, *([ticker] if ticker else [])] if name in names]
    numbers = [name for ours, name in chosen.items() if ours != "timestamp"]
    values = [*time_columns(names, chosen["timestamp"]), *numbers]
    wanted = list(dict.fromkeys([*values, *where, *single]))
    # Where whole numbers mean something else than fractions, or a point is no decimal sign, the text must be seen.
    needs_text = known.integer_price_scale != 1 or known.decimal == ","
    table = file.table(wanted, () if needs_text else numbers)
    if table.num_rows == 0:
        raise CandleError(f"{file.label} holds no candles, only the names of columns.")
    in_file = np.arange(table.num_rows)
    for name, value in where.items():
        mask = text_or_number(table.column(name), value)
        table, in_file = table.filter(mask), in_file[mask.to_numpy(zero_copy_only=False)]
        if table.num_rows == 0:
            raise CandleError(f"{file.label} has no row whose {name} is {value!r}.")
    notes = [_one_value(table.column(name), name, file.label, is_ticker=name == ticker) for name in single]
    return Sheet(file, table, chosen, in_file, known, options), [note for note in notes if note]


def _check_file_of_ticker(label: str, known: Preset, options: ReadOptions) -> None:
    """Refuse a file without tickers unless its name is that of the ticker's file."""
    if not known.member:
        raise CandleError(f"{label} has no column of tickers; read it without ticker=.")
    name = re.split(r"[/\\]", label)[-1]
    wanted = member_patterns(known, dataclasses.replace(options, member=None)) or ()
    if not any(fnmatch.fnmatchcase(name, form) for pattern in wanted for form in (pattern, f"{pattern}.*")):
        raise CandleError(
            f"{label} has no column of tickers, and the file of {options.ticker!r} would be called {wanted[0]}. Read "
            "this one without ticker= (on the command line --ticker)."
        )


def _ticker_column(names: Sequence[str], known: Preset) -> str | None:
    wanted = [known.ticker] if known.ticker else ["ticker", "symbol", "pair"]
    return next((name for name in names if name.strip("<>").lower() in [w.strip("<>").lower() for w in wanted]), None)


def _one_value(column: Any, name: str, label: str, *, is_ticker: bool) -> str | None:
    """Refuse rows of several series."""
    import pyarrow.compute as pc

    values = [str(value) for value in pc.unique(column).to_pylist()]
    if len(values) == 1:
        return f"all rows are of {name} {values[0]}" if is_ticker else None
    listed = ", ".join(sorted(values)[:_LISTED]) + (", ..." if len(values) > _LISTED else "")
    option = (
        f"ticker={values[0]!r} (on the command line --ticker)"
        if is_ticker
        else f"where={{{name!r}: {values[0]!r}}} (on the command line --where {name}={values[0]})"
    )
    raise CandleError(
        f"{label} has rows of {len(values)} values of {name}: {listed}. They are not one series. Say which: {option}."
    )


def _rows(sheet: Sheet) -> tuple[Rows, Booleans, list[str]]:
    """Return the candles as they are, unchecked; which rows have no prices; and what is to be said."""
    import pyarrow as pa

    from livermore.candles._times import TimeForm, times_in_ms

    known, options, name = sheet.known, sheet.options, sheet.chosen["timestamp"]
    are_ends = known.stamp == "end"
    form = TimeForm(known.timezone, known.time_units, known.dates, options.repeated_hour, are_ends)
    try:
        times, note = times_in_ms(_time_column(sheet.table, name), name, form, sheet.refuse)
    except pa.ArrowException as error:
        raise sheet.wrong_type("timestamp") from error
    notes = [note]
    if are_ends:
        # A candle may be stamped in its last second or millisecond, or when the next one opens.
        within = times % MINUTE_MS
        odd = (within > 0) & (within < MINUTE_MS - 1000)
        if odd.any():
            raise sheet.refuse(
                int(odd.argmax()),
                f"no candle ends {within[odd][0] / 1000:g} seconds after a minute begins",
                "Ends of candles are whole minutes, or in the last second before one",
            )
        ends = (-(-times // MINUTE_MS) * MINUTE_MS).astype(np.float64)
        times = options.base.openings_of(ends).astype(np.int64)
        notes.append(f"each time is the end of its candle, which opens {options.base.timeframe} before")
    rows = np.empty((len(times), 6))
    rows[:, TIMESTAMP] = times
    blank, said = write_prices(sheet, rows)
    return rows, blank, notes + said


def _time_column(table: Any, name: str) -> Any:
    """Return the column of times; a date and a time of day in two columns are put together."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = time_columns(table.column_names, name)
    if len(columns) == 1:
        return table.column(name)
    date, clock = map(table.column, columns)
    # Digits that a clock lost its zeros of are no seconds since 1970, and are refused if they are no clock, either.
    is_short = len(clock) > 0 and re.fullmatch(r"\d{1,6}", str(clock[0]).strip()) is not None
    if pa.types.is_integer(clock.type) and is_short:
        clock = clock.cast(pa.string())
    if not (pa.types.is_string(clock.type) and (is_short or _CLOCK.fullmatch(str(clock[0]).strip()))):
        return clock
    return pc.binary_join_element_wise(pc.utf8_trim_whitespace(date.cast(pa.string())), clock, " ")


def _series(blocks: Sequence[_Block], options: ReadOptions) -> CandleRead:
    """Return the candles of all files in order, and name the first that breaks a rule by its place in its file."""
    rows = blocks[0].rows if len(blocks) == 1 else np.concatenate([block.rows for block in blocks])
    begins = np.cumsum([0, *(len(block.rows) for block in blocks)])
    notes = list(dict.fromkeys(note for block in blocks for note in block.notes))
    dropped = sum(block.dropped for block in blocks)
    if not options.sort and options.duplicates == "refuse" and find_fault(rows, options.base) is None:
        return CandleRead(rows, notes, 0, dropped)

    def place(row: int) -> str:
        block = int(np.searchsorted(begins, row, side="right")) - 1
        where = blocks[block].place(row - int(begins[block]))
        return where if len(blocks) == 1 else f"{where} of {blocks[block].file.label}"

    order = np.arange(len(rows))
    if options.sort:
        order = np.argsort(rows[:, TIMESTAMP], kind="stable")
    if options.duplicates != "refuse":
        times = rows[order, TIMESTAMP]
        differs = times[1:] != times[:-1]
        order = order[np.r_[True, differs] if options.duplicates == "first" else np.r_[differs, True]]
    duplicates = len(rows) - len(order)
    rows = np.ascontiguousarray(rows[order])
    fault = find_fault(rows, options.base)
    if fault is None:
        return CandleRead(rows, notes, duplicates, dropped)
    problem = re.sub(r"\brow (\d+)", lambda match: place(int(order[int(match[1])])), fault.problem)
    remedy = _REMEDIES.get(fault.rule, fault.remedy)
    where = place(int(order[fault.row]))
    raise CandleError(fault._replace(problem=problem, remedy=remedy).sentence(blocks[0].file.label, where))
