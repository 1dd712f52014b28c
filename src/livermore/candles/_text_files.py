"""Text files as tables: compression, encoding, separator, where the header is, and on which line a row is."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.csv

from livermore.errors import CandleError

SEPARATORS = (",", ";", "\t", "|")
# A compressed file may unpack to so many bytes, or to so many times its own size where that is more. Candles as text
# shrink to a third up to a tenth; a file that unpacks to a thousand times its size holds no candles, and would fill the
# memory.
MOST_UNPACKED = 256 << 20
MOST_TIMES = 100
# How many lines of other text may stand above the header, such as the address of who made the file.
_LINES_ABOVE = 5


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

    path: Path
    names: list[str]
    separator: str
    _content: bytes
    _begin: int  # where the first line after the header begins
    _header: int  # the number of the header's line, 0 if there is none

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        """Return some columns as a pyarrow.Table of texts, those of `numbers` as floats where all of them are.

        Raises
        ------
        CandleError
            If a line has another number of fields than the header.
        """
        body = memoryview(self._content)[self._begin :]
        if not bytes(body[:1000]).strip() and not bytes(body).strip():
            return pa.table({name: pa.array([], pa.string()) for name in columns})
        if numbers:
            # Floats at once take a third of the memory of texts that are converted later. Where that fails, the texts
            # show which cell is wrong.
            with suppress(pa.ArrowInvalid):
                return self._parsed(body, columns, numbers)
        try:
            return self._parsed(body, columns, ())
        except pa.ArrowInvalid as error:
            raise CandleError(self._bad_line() or f"{self.path}: {error}") from error

    def place(self, row: int) -> str:
        """Return where in the file a row is."""
        numbers = [number for number, line in self._lines() if line and number > self._header]
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
        yield from enumerate(self._content.splitlines(), start=1)

    def _bad_line(self) -> str | None:
        """Describe the first line that has another number of fields than the header."""
        sign = self.separator.encode()
        last = max((number for number, line in self._lines() if line), default=0)
        for number, line in self._lines():
            count = line.count(sign) + 1
            if not line or number <= self._header or count == len(self.names):
                continue
            text = line[:80].decode(errors="replace")
            cut = " The file seems to be cut off there; copy or download it again." if number == last else ""
            return f"{self.path}: line {number} has {count} fields instead of {len(self.names)}: {text!r}.{cut}"
        return None


def open_text_file(
    path: Path, *, names: Sequence[str] | None, separator: str | None, is_header: Callable[[list[str]], bool]
) -> TextFile:
    """Read a file of separated values, and find its separator and its header.

    Parameters
    ----------
    path : Path
        May be compressed: ``.gz``, ``.bz2``, ``.xz``, or a ``.zip`` that holds one file.
    names : sequence of str, optional
        The columns of a file without a header.
    separator : str, optional
        By default the one of `SEPARATORS` with which the names of columns make sense.
    is_header : callable
        Whether the fields of a line are names of columns.

    Raises
    ------
    CandleError
        If the file cannot be read, is damaged or empty, or has no header.
    """
    content = _utf8(_decompressed(path), path)
    lines, begins = _first_lines(content)
    top = [line for line in lines if line.strip()]
    if not top:
        raise CandleError(f"{path} is empty. It should hold a line with the names of columns and a line per candle.")
    separator = separator or _separator(top, names, is_header)
    header = 0 if names is not None else _header_line(lines, separator, is_header, path)
    titles = list(names) if names is not None else _fields(lines[header - 1], separator)
    # Names may be there twice; the position distinguishes them until the columns are chosen.
    unique = [title if titles.index(title) == i else f"{title} ({i + 1})" for i, title in enumerate(titles)]
    return TextFile(path, unique, separator, content, begins[header], header)


def _first_lines(content: bytes) -> tuple[list[bytes], list[int]]:
    """Return the lines among which the header is, without their ends, and where each line and the next one begin."""
    lines: list[bytes] = []
    begins = [0]
    for line in io.BytesIO(content):
        for part in line.splitlines(keepends=True):
            lines.append(part.rstrip(b"\r\n"))
            begins.append(begins[-1] + len(part))
            if len([line for line in lines if line]) > _LINES_ABOVE:
                return lines, begins
    return lines, begins


def _separator(top: list[bytes], names: Sequence[str] | None, is_header: Callable[[list[str]], bool]) -> str:
    def fits(sign: str) -> bool:
        if names is not None:
            return len(_fields(top[0], sign)) == len(names)
        return any(is_header(_fields(line, sign)) for line in top)

    commonest = max(reversed(SEPARATORS), key=lambda sign: max(line.count(sign.encode()) for line in top))
    return next((sign for sign in SEPARATORS if fits(sign)), commonest)


def _decompressed(path: Path) -> bytes:
    unpack: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
        ".gz": lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file)),
        ".bz2": lambda file: cast("IO[bytes]", bz2.BZ2File(file)),
        ".xz": lambda file: cast("IO[bytes]", lzma.LZMAFile(file)),  # noqa: SIM115
        ".zip": _only_member,
    }
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CandleError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        opener = unpack.get(path.suffix.lower())
        return content if opener is None else _unpacked(opener(io.BytesIO(content)), len(content))
    except CandleError as error:
        raise CandleError(f"{path} {error}") from error
    # Broken .bz2 files are an OSError, encrypted .zip files a RuntimeError.
    except (EOFError, OSError, RuntimeError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise CandleError(f"{path} is damaged or cut off ({error}). Copy or download it again.") from error


def _unpacked(file: IO[bytes], size: int) -> bytes:
    """Return what a compressed file of `size` bytes holds; stop where that is more than text can be."""
    most = max(MOST_UNPACKED, MOST_TIMES * size)
    with file:
        content = file.read(most + 1)
    if len(content) > most:
        raise CandleError(f"unpacks to more than {most >> 20:,} MB, which is no text of this size. Unpack it yourself.")
    return content


def _only_member(file: IO[bytes]) -> IO[bytes]:
    """Open the only file of an archive."""
    archive = zipfile.ZipFile(file)
    members = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")]
    if len(members) != 1:
        raise CandleError(f"holds {len(members)} files. Unpack it and read them one by one.")
    return archive.open(members[0])


def _utf8(content: bytes, path: Path) -> bytes:
    """Return the text in UTF-8 without a byte order mark; plain ASCII, as nearly all files are, is not copied."""
    if content.isascii():
        return content
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise CandleError(
            f"{path} is no text file ({error}). CSV files (.csv, .gz, .zip) and Parquet are read."
        ) from error


def _fields(line: bytes, separator: str) -> list[str]:
    return [field.strip().strip("\"'").strip() for field in line.decode().split(separator)]


def _header_line(lines: list[bytes], separator: str, is_header: Callable[[list[str]], bool], path: Path) -> int:
    """Return the number of the header's line, counted from one."""
    for number, line in enumerate(lines, start=1):
        if is_header(_fields(line, separator)):
            return number
    first = next(line for line in lines if line)
    if any(char.isalpha() for char in _fields(first, separator)[-1]):
        return lines.index(first) + 1
    raise CandleError(
        f"{path} has no line with the names of columns; it begins with {first[:80].decode(errors='replace')!r}. "
        'Name them, for instance columns=["timestamp", "open", "high", "low", "close", "volume"].'
    )


__all__ = ["TextFile", "open_text_file"]
