"""Tables of plain text files by the compiled reader; others are left to pyarrow."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from livermore.candles.files import plain_rows

__all__ = ["plain_table"]

# Cells of text longer than this on average are left to pyarrow.
_TEXT_ROOM = 40
# The ends of cells of text are numbers of 32 bits.
_MOST_TEXT = 2**31 - 1
# So many bytes tell how long lines are.
_SAMPLED = 1 << 16
# Seconds since 1970 or finer. A whole number of 8, 12 or 14 digits may be a date.
_SINCE_1970 = re.compile(rb"\d{10,11}|\d{13}|\d{16}|\d{19}")


def plain_table(
    content: bytes, begin: int, names: Sequence[str], separator: str, columns: Sequence[str], numbers: Sequence[str]
) -> Any | None:
    """Return some columns of plain lines as a pyarrow.Table; None if anything in them is not plain.

    Parameters
    ----------
    content : bytes
        The file.
    begin : int
        Where in it the lines begin.
    names : sequence of str
        All columns.
    separator : str
        Between them, one ASCII sign.
    columns, numbers : sequence of str
        Those that are wanted, and which of these are fractions. Others are text, or whole numbers if they are seconds
        since 1970 or finer.
    """
    if not plain_rows.IS_COMPILED or len(separator) != 1 or not separator.isascii():
        return None
    data = np.frombuffer(content, np.uint8, offset=begin)
    kinds = _kinds(content[begin : begin + 2000], names, separator.encode(), columns, numbers)
    found, table = _parsed(data, separator, kinds, names, _likely_lines(content, begin))
    if found == plain_rows.TOO_MANY:
        _, table = _parsed(data, separator, kinds, names, _count_lines(content, begin))
    return None if table is None else table.select(list(columns))


def _parsed(
    data: npt.NDArray[np.uint8], separator: str, kinds: npt.NDArray[np.int8], names: Sequence[str], rows: int
) -> tuple[int, Any | None]:
    """Return what `parse_rows` returns with room for so many rows, and the columns that are wanted if all is plain."""
    if rows * _TEXT_ROOM > _MOST_TEXT:
        return plain_rows.NOT_PLAIN, None

    def count(kind: int) -> int:
        return int(np.count_nonzero(kinds == kind))

    fractions = np.empty((count(plain_rows.FRACTION), rows))
    wholes = np.empty((count(plain_rows.WHOLE), rows), np.int64)
    texts = np.empty((count(plain_rows.TEXT), rows * _TEXT_ROOM), np.uint8)
    ends = np.zeros((len(texts), rows + 1), np.int32)
    found = plain_rows.parse_rows(data, ord(separator), kinds, fractions, wholes, texts, ends, plain_rows.POWERS)
    if found < 0:
        return found, None
    arrays = {
        plain_rows.FRACTION: iter([pa.array(values[:found]) for values in fractions]),
        plain_rows.WHOLE: iter([pa.array(values[:found]) for values in wholes]),
        plain_rows.TEXT: iter([_text(found, e, t) for e, t in zip(ends, texts, strict=True)]),
    }
    return found, pa.table(
        {name: next(arrays[int(kind)]) for name, kind in zip(names, kinds, strict=True) if kind != plain_rows.SKIPPED}
    )


def _likely_lines(content: bytes, begin: int) -> int:
    """Return how many lines there are if all are as long as the first ones, and some more."""
    top = content[begin : begin + _SAMPLED]
    lines = max(1, top.count(b"\n"), top.count(b"\r"))
    return int((len(content) - begin) / len(top) * lines * 1.1) + 100 if top else 1


def _count_lines(content: bytes, begin: int) -> int:
    """Return how many lines there are at most: old files end lines with a return alone, and some have both ends."""
    returns = content.count(b"\r", begin)
    alone = returns - content.count(b"\r\n", begin) if returns else 0
    return content.count(b"\n", begin) + alone + 1


def _text(rows: int, ends: npt.NDArray[np.int32], letters: npt.NDArray[np.uint8]) -> Any:
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends[: rows + 1]), pa.py_buffer(letters[: ends[rows]]))


def _kinds(
    top: bytes, names: Sequence[str], separator: bytes, columns: Sequence[str], numbers: Sequence[str]
) -> npt.NDArray[np.int8]:
    """Return what each column is, by the first line."""
    first = next((line for line in top.splitlines() if line), b"").split(separator)
    kinds = np.full(len(names), plain_rows.SKIPPED, np.int8)
    for place, name in enumerate(names):
        if name in numbers:
            kinds[place] = plain_rows.FRACTION
        elif name in columns:
            is_time = place < len(first) and _SINCE_1970.fullmatch(first[place]) is not None
            kinds[place] = plain_rows.WHOLE if is_time else plain_rows.TEXT
    return kinds
