"""Text files as tables: encoding, separator, where the header is, and on which line a row is."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from livermore.candles.files._plain import plain_table
from livermore.candles.files._unpack import Content
from livermore.errors import CandleError

SEPARATORS = (",", ";", "\t", "|")
# How many lines of other text may stand above the header, such as the address of who made the file.
_LINES_ABOVE = 5
# What the lines of names of a frame with two levels of columns begin with: the levels, and the index.
_LEVELS = ("price", "ticker")

_IsHeader = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class TextFile:
    """A file of separated values: its columns by name, and on which line a row is.

    Attributes
    ----------
    names : list of str
        The columns. A name that stands twice has its position added.
    separator : str
        Between the columns.
    """

    label: str
    names: Sequence[str]
    separator: str
    notes: Sequence[str]
    content: bytes
    begin: int  # where the first row begins
    header: int  # the number of the last line of names, 0 if there is none

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        """Return some columns as a pyarrow.Table of texts, those of `numbers` as floats where all of them are.

        Raises
        ------
        CandleError
            If a line has another number of fields than the header.
        """
        body = memoryview(self.content)[self.begin :]
        if not bytes(body[:1000]).strip() and not bytes(body).strip():
            return pa.table({name: pa.array([], pa.string()) for name in columns})
        if numbers:
            plain = plain_table(self.content, self.begin, self.names, self.separator, columns, numbers)
            if plain is not None:
                return plain
            # Floats at once take a third of the memory of texts that are converted later. Where that fails, the texts
            # show which cell is wrong.
            with suppress(pa.ArrowInvalid):
                return self._parsed(body, columns, numbers)
        try:
            return self._parsed(body, columns, ())
        except pa.ArrowInvalid as error:
            raise CandleError(self._bad_line() or f"{self.label}: {error}") from error

    def place(self, row: int) -> str:
        """Return where in the file a row is."""
        numbers = [number for number, line in self._lines() if line and number > self.header]
        return f"line {numbers[row]}"

    def _parsed(self, body: memoryview, columns: Sequence[str], numbers: Sequence[str]) -> Any:
        types = {name: pa.float64() if name in numbers else pa.string() for name in columns}
        return pa.csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            # Without threads: pyarrow's pool of threads can abort a process that ends while they start.
            read_options=pa.csv.ReadOptions(column_names=self.names, block_size=1 << 24, use_threads=False),
            parse_options=pa.csv.ParseOptions(delimiter=self.separator),
            convert_options=pa.csv.ConvertOptions(
                column_types=types,
                include_columns=list(columns),
                null_values=[],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        yield from enumerate(self.content.splitlines(), start=1)

    def _bad_line(self) -> str | None:
        """Describe the first line that has another number of fields than the header."""
        sign = self.separator.encode()
        last = max((number for number, line in self._lines() if line), default=0)
        for number, line in self._lines():
            count = line.count(sign) + 1
            if not line or number <= self.header or count == len(self.names):
                continue
            text = line[:80].decode(errors="replace")
            cut = " The file seems to be cut off there; copy or download it again." if number == last else ""
            return f"{self.label}: line {number} has {count} fields instead of {len(self.names)}: {text!r}.{cut}"
        return None


def open_text(
    content: Content,
    *,
    columns: Sequence[str],
    header: str,
    further_columns: bool,
    separator: str | None,
    is_header: _IsHeader,
) -> TextFile:
    """Open a file of separated values; for the arguments see `open_file`.

    Raises
    ------
    CandleError
        If the file is no text, is empty, or has no header where it needs one.
    """
    data = decoded(content)
    lines, begins = first_lines(data)
    top = [line for line in lines if line.strip()]
    if not top:
        raise CandleError(
            f"{content.label} is empty. It should hold a line with the names of columns and a line per candle."
        )
    separator = separator or _separator(top, columns if header == "none" else (), is_header)
    notes = list(content.notes)
    if not data.endswith((b"\n", b"\r")):
        notes.append("the last line has no line end; if the file was cut off there, the last number is too short")
    number = 0 if header == "none" else _header_line(lines, separator, is_header, content.label, not columns)
    if number == 0:
        names = list(columns)
        count = len(_fields(top[0], separator))
        if further_columns and count > len(names):
            names += [f"column {place}" for place in range(len(names) + 1, count + 1)]
    else:
        number, names = _names(lines, number, separator)
    # Names may be there twice; the position distinguishes them until the columns are chosen.
    unique = [name if names.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(names)]
    return TextFile(content.label, unique, separator, tuple(notes), data, begins[number], number)


def decoded(content: Content) -> bytes:
    """Return text in UTF-8 without a byte order mark; plain ASCII, as nearly all files are, is not copied."""
    data = content.data
    is_utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") and data[2:4] != b"\0\0"
    if b"\0" in data[:1000] and not is_utf_16:
        raise CandleError(
            f"{content.label} holds zero bytes, as no text in UTF-8 does. If it is text in UTF-16 without a byte order "
            "mark, or in UTF-32, save it as UTF-8."
        )
    if data.isascii():
        return data
    encoding = "utf-16" if is_utf_16 else "utf-8-sig"
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise CandleError(
            f"{content.label} is no text file ({error}). CSV, JSON, Parquet, Feather and DBN files are read, also "
            "packed (.gz, .zip, .zst, .xz, .bz2). Text in another encoding must be saved as UTF-8."
        ) from error


def first_lines(data: bytes) -> tuple[list[bytes], list[int]]:
    """Return the lines among which the header is, without their ends, and where each line and the next one begin."""
    lines: list[bytes] = []
    begins = [0]
    for line in io.BytesIO(data):
        for part in line.splitlines(keepends=True):
            lines.append(part.rstrip(b"\r\n"))
            begins.append(begins[-1] + len(part))
            if len([line for line in lines if line]) > _LINES_ABOVE:
                return lines, begins
    return lines, begins


def _separator(top: list[bytes], names: Sequence[str], is_header: _IsHeader) -> str:
    def fits(sign: str) -> bool:
        if names:
            return len(_fields(top[0], sign)) == len(names)
        return any(is_header(_fields(line, sign)) for line in top)

    commonest = max(reversed(SEPARATORS), key=lambda sign: max(line.count(sign.encode()) for line in top))
    return next((sign for sign in SEPARATORS if fits(sign)), commonest)


def _fields(line: bytes, separator: str) -> list[str]:
    return [field.strip().strip("\"'").strip() for field in line.decode().split(separator)]


def _header_line(lines: list[bytes], separator: str, is_header: _IsHeader, label: str, is_required: bool) -> int:
    """Return the number of the header's line, counted from one; 0 if there is none and none is needed."""
    for number, line in enumerate(lines, start=1):
        names = _fields(line, separator)
        if is_header(names):
            _check_above(lines[: number - 1], len(names), separator, label)
            return number
    if not is_required:
        return 0
    first = next(line for line in lines if line)
    if any(char.isalpha() for char in _fields(first, separator)[-1]):
        return lines.index(first) + 1
    raise CandleError(
        f"{label} has no line with the names of columns; it begins with {first[:80].decode(errors='replace')!r}. "
        "Say which source it is from (source=, on the command line --source), or name its columns, for instance "
        'columns=["timestamp", "open", "high", "low", "close", "volume"].'
    )


def _check_above(lines: list[bytes], columns: int, separator: str, label: str) -> None:
    """Refuse rows above the names of columns; the address of who made the file may stand there."""
    for number, line in enumerate(lines, start=1):
        if len(_fields(line, separator)) == columns:
            raise CandleError(
                f"{label}: line {number} is above the names of columns, and has as many fields as they: "
                f"{line[:80].decode(errors='replace')!r}. Put the names into the first line."
            )


def _names(lines: list[bytes], number: int, separator: str) -> tuple[int, list[str]]:
    """Return the number of the last line of names, and the names.

    A frame with two levels of columns has three lines: the prices, the tickers (or the other way round), and the name
    of the index. A column is then called by its price, and by its ticker after ``" of "``.
    """
    names = _fields(lines[number - 1], separator)
    levels = {_fields(line, separator)[0].lower(): place for place, line in enumerate(lines) if line}
    if not all(level in levels for level in _LEVELS):
        return number, names
    prices, tickers = (_fields(lines[levels[level]], separator) for level in _LEVELS)
    last = max(levels[level] for level in _LEVELS) + 1
    index = _fields(lines[last], separator) if last < len(lines) else [""]
    if not any(index[1:]):
        last += 1
    together = [f"{price} of {ticker}" for price, ticker in zip(prices[1:], tickers[1:], strict=False)]
    return last, [index[0] if not any(index[1:]) else "Datetime", *together]


__all__ = ["SEPARATORS", "TextFile", "decoded", "first_lines", "open_text"]
