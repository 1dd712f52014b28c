# cython: annotation_typing=False
"""Rows of plain separated values, compiled: numbers without exponents, quotes or blanks, as nearly all files have them.

A number of at most 2^53 with at most 22 decimals is an integer divided by a power of ten, both of which are exact, so
that the quotient is the nearest double: the same bits as any right reader gives. All else is left to pyarrow.
"""

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats, Integers

#: Whether this module was compiled. As plain Python it is many times slower than pyarrow's reader.
IS_COMPILED = bool(cython.compiled)

if not cython.compiled:
    warn_uncompiled()

#: What a column is: not wanted, a fraction, a whole number, or text.
SKIPPED = 0
FRACTION = 1
WHOLE = 2
TEXT = 3

#: What `parse_rows` returns where a line is not plain, and where there are more lines than its arrays have rows.
NOT_PLAIN = -1
TOO_MANY = -2

#: The powers of ten that a double holds exactly.
POWERS = np.array([10.0**power for power in range(23)])


def parse_rows(  # noqa: C901 -- one loop over the bytes: calls would cost more than what they do
    data: npt.NDArray[np.uint8],
    separator: int,
    kinds: npt.NDArray[np.int8],
    fractions: Floats,
    wholes: Integers,
    texts: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.int32],
    powers: Floats,
) -> int:
    r"""Read all lines, and return how many there are; -1 if anything in them is not plain, -2 if they are more than n.

    Parameters
    ----------
    data : ndarray of uint8
        The lines.
    separator : int
        The byte between columns.
    kinds : ndarray of int8
        What each column is; a line must have as many.
    fractions, wholes : ndarray of shape (k, n)
        Written to: the columns of these kinds in their order.
    texts : ndarray of shape (k, m)
        Written to: the cells of a column of text, one after the other.
    ends : ndarray of shape (k, n + 1)
        Written to: where in `texts` each cell ends, after a zero.
    powers : ndarray
        `POWERS`.

    Examples
    --------
    >>> lines = np.frombuffer(b"7,1.5,x\n8,-2,yz\n", np.uint8)
    >>> kinds = np.array([WHOLE, FRACTION, TEXT], np.int8)
    >>> fractions, wholes = np.zeros((1, 2)), np.zeros((1, 2), np.int64)
    >>> texts, ends = np.zeros((1, 9), np.uint8), np.zeros((1, 3), np.int32)
    >>> parse_rows(lines, 44, kinds, fractions, wholes, texts, ends, POWERS)
    2
    >>> fractions.tolist(), wholes.tolist(), bytes(texts[0]).rstrip(bytes(1)), ends.tolist()
    ([[1.5, -2.0]], [[7, 8]], b'xyz', [[0, 1, 3]])
    """
    size = data.shape[0]
    columns = kinds.shape[0]
    room = texts.shape[1]
    capacity = ends.shape[1] - 1
    position = 0
    row = 0
    if size == 0 or data[size - 1] not in (10, 13):
        return -1
    while position < size:
        byte = data[position]
        if byte == 10 or byte == 13:
            position += 1
            continue
        if row == capacity:
            return -2
        column = 0
        fraction = 0
        whole = 0
        text = 0
        while True:
            kind = kinds[column]
            if kind == 1 or kind == 2:
                # Each loop ends at the last line end at the latest.
                negative = data[position] == 45
                if negative:
                    position += 1
                begin = position
                mantissa = 0
                while 48 <= data[position] <= 57:
                    mantissa = mantissa * 10 + (data[position] - 48)
                    position += 1
                digits = position - begin
                decimals = 0
                if digits == 0:
                    return -1
                if kind == 1:
                    if data[position] == 46:
                        position += 1
                        begin = position
                        while 48 <= data[position] <= 57:
                            mantissa = mantissa * 10 + (data[position] - 48)
                            position += 1
                        decimals = position - begin
                        digits += decimals
                        if decimals == 0:
                            return -1
                    # Of more digits the integer may have overflowed.
                    if digits > 18 or mantissa > 9007199254740992:
                        return -1
                    value = float(mantissa)
                    if decimals > 0:
                        value = value / powers[decimals]
                    fractions[fraction, row] = -value if negative else value
                    fraction += 1
                else:
                    # Nanoseconds since 1970 have 19 digits.
                    if digits > 19 or mantissa > 9000000000000000000:
                        return -1
                    number = mantissa
                    wholes[whole, row] = -number if negative else number
                    whole += 1
            elif kind == 3:
                end = ends[text, row]
                while True:
                    byte = data[position]
                    if byte == separator or byte == 10 or byte == 13:
                        break
                    if byte == 34 or end >= room:
                        return -1
                    texts[text, end] = byte
                    end += 1
                    position += 1
                ends[text, row + 1] = end
                text += 1
            else:
                while True:
                    byte = data[position]
                    if byte == separator or byte == 10 or byte == 13:
                        break
                    if byte == 34:
                        return -1
                    position += 1
            column += 1
            byte = data[position]
            if byte == 10 or byte == 13:
                break
            if byte != separator or column == columns:
                return -1
            position += 1
        if column != columns:
            return -1
        row += 1
    return row
