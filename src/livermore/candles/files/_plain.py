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
# Seconds since 1970 or finer. A whole number of 8, 12 or 14 digits may be a date.
_SINCE_1970 = re.compile(rb"\d{10,11}|\d{13}|\d{16}|\d{19}")


def plain_table(
    body: memoryview, names: Sequence[str], separator: str, columns: Sequence[str], numbers: Sequence[str]
) -> Any | None:
    """Return some columns of plain lines as a pyarrow.Table; None if anything in them is not plain.

    Parameters
    ----------
    body : memoryview
        The lines.
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
    data = np.frombuffer(body, np.uint8)
    kinds = _kinds(bytes(body[:2000]), names, separator.encode(), columns, numbers)
    # No more lines than line ends, and one without; old files end lines with a return alone.
    lines = int(np.count_nonzero(data == 10)) or int(np.count_nonzero(data == 13))
    rows = lines + 1

    def count(kind: int) -> int:
        return int(np.count_nonzero(kinds == kind))

    fractions = np.empty((count(plain_rows.FRACTION), rows))
    wholes = np.empty((count(plain_rows.WHOLE), rows), np.int64)
    texts = np.empty((count(plain_rows.TEXT), rows * _TEXT_ROOM), np.uint8)
    ends = np.zeros((len(texts), rows + 1), np.int32)
    found = plain_rows.parse_rows(data, ord(separator), kinds, fractions, wholes, texts, ends, plain_rows.POWERS)
    if found < 0:
        return None
    arrays = {
        plain_rows.FRACTION: iter([pa.array(values[:found]) for values in fractions]),
        plain_rows.WHOLE: iter([pa.array(values[:found]) for values in wholes]),
        plain_rows.TEXT: iter([_text(found, e, t) for e, t in zip(ends, texts, strict=True)]),
    }
    by_name = {name: next(arrays[int(kind)]) for name, kind in zip(names, kinds, strict=True) if kind}
    return pa.table({name: by_name[name] for name in columns})


def _text(rows: int, ends: npt.NDArray[np.int32], letters: npt.NDArray[np.uint8]) -> Any:
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends[: rows + 1]), pa.py_buffer(letters[: ends[rows]]))


def _kinds(
    top: bytes, names: Sequence[str], separator: bytes, columns: Sequence[str], numbers: Sequence[str]
) -> npt.NDArray[np.int8]:
    """Return what each column is, by the first line."""
    first = next((line for line in top.splitlines() if line), b"").split(separator)
    kinds = np.zeros(len(names), np.int8)
    for place, name in enumerate(names):
        if name in numbers:
            kinds[place] = plain_rows.FRACTION
        elif name in columns:
            is_time = place < len(first) and _SINCE_1970.fullmatch(first[place]) is not None
            kinds[place] = plain_rows.WHOLE if is_time else plain_rows.TEXT
    return kinds
