"""Jesse's CSV of samples: ``time,label_name,label_value,<features sorted>``, each value as ``str(value)``.

Jesse ends lines with a carriage return and a line feed; so do we, so that the files are the same byte for byte. Arrow
writes and reads whole columns of plain numbers; everything else goes value by value, by the same rules.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from livermore.errors import DatasetError
from livermore.ml.dataset._columns import BOOL, FLOAT, INT
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._samples import RESERVED_NAMES, Label, Sample, is_masked, plain_number
from livermore.ml.dataset._table import FEATURE
from livermore.typing import Floats, Integers

# What a spreadsheet that opens the CSV takes for a formula: "=..." and "@..." always, "+..." and "-..." unless it is a
# plain name such as "+DI". An apostrophe before it makes it a text; names that have one already get one more.
FORMULA = re.compile(r"'*([=@\t\r]|[+-].*[^\w .%+-])", re.DOTALL)
LABEL_BOOLS = {"true": True, "false": False}
TEXT = pa.large_string()


def csv_bytes(data: Dataset, kinds: Integers, cells: Callable[[str], Sequence[Any]]) -> bytes:
    """Return a data set as CSV.

    Parameters
    ----------
    data : Dataset
        In order of time.
    kinds : ndarray of shape (f,), int64
        Which kinds of values each feature was recorded with; see `livermore.ml.dataset._columns`.
    cells : callable
        Returns a feature's values as they were recorded, for columns that hold values of several kinds.
    """
    columns = [
        pa.array(data.time).cast(TEXT),
        pa.repeat(pa.scalar(_line([_escaped(data.label_name)]), TEXT), len(data)),
    ]
    columns.append(_label_texts(data.labels))
    for position, name in enumerate(data.feature_names):
        columns.append(_feature_texts(data.X[:, position], int(kinds[position]), partial(cells, name)))
    comma, nothing, line_end = (pa.scalar(text, TEXT) for text in (",", "", "\r\n"))
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*columns, comma), nothing, line_end)
    # The lines stand one after the other in the array's memory: they are the content already.
    header = _line([*RESERVED_NAMES, *map(_escaped, data.feature_names)]) + "\r\n"
    body: bytes = lines.buffers()[2].to_pybytes()
    return header.encode() + body


def parse_csv(content: bytes, path: Path) -> list[Sample]:
    """Return the samples of a CSV file's content; `path` is named in errors."""
    table = plain_table(content)
    return _samples_of(table) if table is not None else _parse_by_line(content, path)


def _line(cells: Sequence[str]) -> str:
    """Return cells as one line of CSV, quoted where they must be."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue()[:-2]


def _escaped(name: str) -> str:
    """Return a name as a cell that no spreadsheet takes for a formula."""
    return f"'{name}" if FORMULA.match(name) else name


def _restored(cell: str) -> str:
    """Return the name that `_escaped` made a cell of."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _label_texts(labels: tuple[Label, ...]) -> Any:
    kinds = set(map(type, labels))
    if kinds == {bool}:
        return _bool_texts(np.array(labels))
    if kinds == {float}:
        return float_texts(np.array(labels))
    return pa.array(list(map(str, labels)), TEXT)


def _feature_texts(values: Floats, kind: int, cells: Callable[[], Sequence[Any]]) -> Any:
    """Return one feature as the texts that `str` makes of its values as they were recorded."""
    if kind == FLOAT:
        return float_texts(values)
    if kind == BOOL:
        return _bool_texts(values == 1)
    if kind == INT:
        return pa.array(values.astype(np.int64)).cast(TEXT)
    return pa.array([_text(value) for value in cells()], TEXT)


def _bool_texts(values: Any) -> Any:
    return pc.if_else(pa.array(values), pa.scalar("True", TEXT), pa.scalar("False", TEXT))


def float_texts(values: Floats) -> Any:
    """Return floats as Python's `repr` writes them, as an Arrow array of texts.

    Both Arrow and Python write the shortest digits that read back as the same float. They differ in whole numbers, in
    when an exponent is used, and in NaN: these few are written by Python.

    Examples
    --------
    >>> float_texts(np.array([0.1, 2.0, 1e-300, -3.25])).to_pylist()
    ['0.1', '2.0', '1e-300', '-3.25']
    """
    texts = pa.array(values).cast(TEXT)
    size = np.abs(values)
    # NaN is not in between, either.
    by_python = ~((size >= 1e-4) & (size < 1e10) & (values != np.rint(values)))
    if not by_python.any():
        return texts
    return pc.replace_with_mask(texts, pa.array(by_python), pa.array(list(map(repr, values[by_python].tolist())), TEXT))


def _text(value: Any) -> str:
    """Return a value as Jesse writes it: ``str(value)``; a missing one is an empty cell."""
    return "" if value is None or is_masked(value) else str(plain_number(value))


def plain_table(content: bytes) -> Any:
    """Read a file whose columns are all plain with Arrow, as a table like those of `livermore.ml.dataset._table`.

    None where any cell needs a closer look: `parse_csv` then goes line by line, and names the line if it is wrong.
    """
    end = content.find(b"\n")
    header = content[:end].decode("utf-8", errors="replace").rstrip("\r").split(",")
    names = list(map(_restored, header[3:]))
    # Quotes may hide separators, a file that was cut off or an impossible header needs a message: line by line, then.
    if tuple(header[:3]) != RESERVED_NAMES or not names or len(set(header)) < len(header) or b'"' in content:
        return None
    # Arrow reads hexadecimal numbers, Python does not.
    if not content.endswith(b"\n") or b"0x" in content[end:].lower():
        return None
    columns = [*RESERVED_NAMES, *(FEATURE + name for name in names)]
    texts = {"time": pa.int64(), "label_name": pa.string(), "label_value": pa.string()}
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(column_names=columns, skip_rows=1, use_threads=False, block_size=1 << 26),
            convert_options=pa.csv.ConvertOptions(
                column_types=texts, null_values=[""], true_values=["True"], false_values=["False"]
            ),
        )
        return _with_features(table, columns[3:])
    except pa.ArrowException:
        return None


def _with_features(table: Any, names: Sequence[str]) -> Any:
    """Turn features into floats or bools, and labels into what they are; None where any is something else."""
    if table.num_rows == 0 or table.column("time").null_count or len(pc.unique(table.column("label_name"))) > 1:
        return None
    # One table is made of all columns at the end: each `set_column` copies the list of all of them.
    columns = []
    for name in names:
        column = table.column(name)
        if pa.types.is_integer(column.type) or pa.types.is_null(column.type):
            column = column.cast(pa.float64())
        if pa.types.is_floating(column.type):
            if pc.any(pc.is_inf(column)).as_py():
                return None
        elif not pa.types.is_boolean(column.type):
            return None
        columns.append(column)
    coded = table.column("label_value").combine_chunks().dictionary_encode()
    known = [_label_or_none(text) for text in coded.dictionary.to_pylist()]
    if None in known or len(set(map(type, known))) > 1:
        return None
    labels = pa.array(known).take(coded.indices)
    label_name = _restored(table.column("label_name")[0].as_py())
    label_names = pa.repeat(label_name, table.num_rows)
    return pa.table([table.column("time"), label_names, labels, *columns], names=[*RESERVED_NAMES, *names])


def _samples_of(table: Any) -> list[Sample]:
    """Return the samples of a table that holds plain values only."""
    names = [name.removeprefix(FEATURE) for name in table.column_names[3:]]
    columns = [_values(column) for column in table.columns]
    label_name = columns[1][0]
    return [
        {"time": time, "features": dict(zip(names, row, strict=True)), "label": {"name": label_name, "value": value}}
        for time, value, *row in zip(columns[0], columns[2], *columns[3:], strict=True)
    ]


def _values(column: Any) -> list[Any]:
    """Return an Arrow column as a list, nulls as None."""
    plain = column.null_count == 0 and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type))
    return list(column.to_numpy().tolist() if plain else column.to_pylist())


def _parse_by_line(content: bytes, path: Path) -> list[Sample]:
    text = _decoded(content, path)
    rows = _rows(text, path)
    header = next(rows, (0, []))[1]
    names = _feature_names(header, path)
    samples = []
    for line, row in rows:
        if len(row) != len(header):
            raise DatasetError(
                f"{path}, line {line}: {len(row)} values instead of {len(header)}. The file was cut off or damaged; "
                "gather again, or restore it."
            )
        samples.append(_sample(row, names, line, path))
    if not samples:
        raise DatasetError(f"{path} holds a header and no samples.")
    return samples


def _decoded(content: bytes, path: Path) -> str:
    """Decode the file, and refuse one that is empty or ends in the middle of a line."""
    if not content.strip():
        raise DatasetError(f"{path} is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not a text file in UTF-8: {error}.") from error
    if not text.endswith(("\n", "\r")):
        last = text.count("\n") + 1
        raise DatasetError(
            f"{path}, line {last}: the last line does not end in a line break, so the file was cut off there. Gather "
            "again, or restore it; if the line is complete, add the line break."
        )
    return text


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its line, blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise DatasetError(f"{path}, line {reader.line_num}: {error}. The file was cut off or damaged.") from error


def _feature_names(header: list[str], path: Path) -> list[str]:
    """Check the header and return the names of the features in it."""
    if tuple(header[:3]) != RESERVED_NAMES or len(header) == 3:
        raise DatasetError(
            f"{path}, line 1: the header must be time,label_name,label_value and at least one feature, "
            f"not {','.join(header)!r}. Is this a file that gather_ml_data wrote?"
        )
    twice = sorted(name for name, count in Counter(header).items() if count > 1)
    if twice:
        raise DatasetError(f"{path}, line 1: the header names {', '.join(map(repr, twice))} more than once.")
    return list(map(_restored, header[3:]))


def _sample(row: list[str], names: list[str], line: int, path: Path) -> Sample:
    """Turn one row into a sample."""
    try:
        time = int(row[0])
    except ValueError:
        raise DatasetError(f"{path}, line {line}: time must be whole UTC seconds, not {row[0]!r}.") from None
    return {
        "time": time,
        "features": {name: _feature(cell, name, line, path) for name, cell in zip(names, row[3:], strict=True)},
        "label": {"name": _restored(row[1]), "value": _label(row[2], line, path)},
    }


def _label(cell: str, line: int, path: Path) -> Label:
    """Restore a label, or say in which line it is none."""
    value = _label_or_none(cell)
    if value is None:
        raise DatasetError(f"{path}, line {line}: label_value must be a bool, an int or a finite float, not {cell!r}.")
    return value


def _label_or_none(cell: str) -> Label | None:
    """Restore a label as bool, int or float, tried in that order, as Jesse does; None if it is none of them."""
    known = LABEL_BOOLS.get(cell.lower())
    if known is not None:
        return known
    for kind in (int, float):
        try:
            value = kind(cell)
        except ValueError:
            continue
        if math.isfinite(value):
            return value
    return None


def _feature(cell: str, name: str, line: int, path: Path) -> float | bool | None:
    """Restore a feature as float, or as the bool or None (empty cell) that Jesse's loader refuses."""
    try:
        value = float(cell)
    except ValueError:
        if cell in ("", "None"):
            return None
        if cell in ("True", "False"):
            return cell == "True"
        raise DatasetError(f"{path}, line {line}: feature {name!r} must be a number, not {cell!r}.") from None
    if math.isinf(value):
        raise DatasetError(f"{path}, line {line}: feature {name!r} is {cell}, which no model can use.")
    return value
