"""Text files as tables of text: compression, encoding, separator, where the header is, and which line a row is on."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from livermore.errors import CandleError

SEPARATORS = (",", ";", "\t", "|")
# How many lines of other text may stand above the header, such as the address of who made the file.
_LINES_ABOVE = 5


@dataclass(frozen=True)
class TextTable:
    """A text file's columns, all of them text, and its lines."""

    columns: Any  # pyarrow.Table
    separator: str
    _lines: list[bytes]
    _first: int

    def place(self, row: int) -> str:
        """Tell where in the file a row is."""
        numbers = [number for number, line in enumerate(self._lines, start=1) if line and number > self._first]
        return f"line {numbers[row]}"


def read_text_table(
    path: Path, *, names: Sequence[str] | None, separator: str | None, is_header: Callable[[list[str]], bool]
) -> TextTable:
    """Read a file of separated values.

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
        If the file is missing, damaged, empty, cut off in the middle of a line, or has no header.
    """
    content = _utf8(_decompressed(path), path)
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    top = [line for line in lines[: _LINES_ABOVE + 1] if line.strip()]
    if not top:
        raise CandleError(f"{path} is empty. It should hold a line with the names of columns and a line per candle.")
    separator = separator or _separator(top, names, is_header)
    header = 0 if names is not None else _header_line(lines, separator, is_header, path)
    titles = list(names) if names is not None else _fields(lines[header - 1], separator)
    columns = _parse(b"\n".join(lines[header:]), titles, separator, path, lines, header)
    return TextTable(columns, separator, lines, header)


def _separator(top: list[bytes], names: Sequence[str] | None, is_header: Callable[[list[str]], bool]) -> str:
    def fits(sign: str) -> bool:
        if names is not None:
            return len(_fields(top[0], sign)) == len(names)
        return any(is_header(_fields(line, sign)) for line in top)

    commonest = max(reversed(SEPARATORS), key=lambda sign: max(line.count(sign.encode()) for line in top))
    return next((sign for sign in SEPARATORS if fits(sign)), commonest)


def _decompressed(path: Path) -> bytes:
    unpack: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.decompress,
        ".bz2": bz2.decompress,
        ".xz": lzma.decompress,
    }
    try:
        if path.suffix.lower() == ".zip":
            return _only_member(path)
        return unpack.get(path.suffix.lower(), bytes)(path.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, ValueError) as error:
        raise CandleError(f"{path} is damaged or cut off ({error}). Copy or download it again.") from error


def _only_member(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = [
            info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")
        ]
        if len(members) != 1:
            raise CandleError(f"{path} holds {len(members)} files. Unpack it and read them one by one.")
        return archive.read(members[0])


def _utf8(content: bytes, path: Path) -> bytes:
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
    for number, line in enumerate(lines[: _LINES_ABOVE + 1], start=1):
        if is_header(_fields(line, separator)):
            return number
    first = next(line for line in lines if line)
    if any(char.isalpha() for char in _fields(first, separator)[-1]):
        return lines.index(first) + 1
    raise CandleError(
        f"{path} has no line with the names of columns; it begins with {first[:80].decode(errors='replace')!r}. "
        'Name them, for instance columns=["timestamp", "open", "high", "low", "close", "volume"].'
    )


def _parse(body: bytes, titles: list[str], separator: str, path: Path, lines: list[bytes], header: int) -> Any:
    # Names may be there twice; the position tells them apart until the columns are chosen.
    unique = [title if titles.index(title) == i else f"{title} ({i + 1})" for i, title in enumerate(titles)]
    if not body.strip():
        return pa.table({name: pa.array([], pa.string()) for name in unique})
    try:
        return pa.csv.read_csv(
            io.BytesIO(body),
            read_options=pa.csv.ReadOptions(column_names=unique, block_size=1 << 24),
            parse_options=pa.csv.ParseOptions(delimiter=separator),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(unique, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise CandleError(_bad_line(lines, header, titles, separator, path) or f"{path}: {error}") from error


def _bad_line(lines: list[bytes], header: int, titles: list[str], separator: str, path: Path) -> str | None:
    """Describe the first line that has another number of fields than the header."""
    sign = separator.encode()
    last = max((number for number, line in enumerate(lines, start=1) if line), default=0)
    for number, line in enumerate(lines[header:], start=header + 1):
        count = line.count(sign) + 1
        if not line or count == len(titles):
            continue
        text = line[:80].decode(errors="replace")
        cut = " The file seems to be cut off there; copy or download it again." if number == last else ""
        return f"{path}: line {number} has {count} fields instead of {len(titles)}: {text!r}.{cut}"
    return None


__all__ = ["TextTable", "read_text_table"]
