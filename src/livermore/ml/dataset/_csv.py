"""Jesse's CSV of samples: ``time,label_name,label_value,<features sorted>``, each value as ``str(value)``.

Jesse ends lines with a carriage return and a line feed; so do we, so that the files are the same byte for byte.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.errors import DatasetError
from livermore.ml.dataset._samples import RESERVED_NAMES, Label, Sample, plain_number

LABEL_BOOLS = {"true": True, "false": False}


def csv_bytes(samples: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the CSV of samples that have been checked, sorted by time."""
    names = sorted(samples[0]["features"])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*RESERVED_NAMES, *names])
    for sample in sorted(samples, key=lambda sample: int(sample["time"])):
        label, features = sample["label"], sample["features"]
        cells = [int(sample["time"]), label["name"], _text(label["value"])]
        writer.writerow([*cells, *(_text(features[name]) for name in names)])
    return text.getvalue().encode()


def parse_csv(content: bytes, path: Path) -> list[Sample]:
    """Return the samples of a CSV file's content; `path` is named in errors."""
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


def _text(value: Any) -> str:
    """Return a value as Jesse writes it: ``str(value)``; a missing one is an empty cell."""
    return "" if value is None else str(plain_number(value))


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
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DatasetError(f"{path}, line 1: the header names {', '.join(map(repr, twice))} more than once.")
    return header[3:]


def _sample(row: list[str], names: list[str], line: int, path: Path) -> Sample:
    """Turn one row into a sample."""
    try:
        time = int(row[0])
    except ValueError:
        raise DatasetError(f"{path}, line {line}: time must be whole UTC seconds, not {row[0]!r}.") from None
    return {
        "time": time,
        "features": {name: _feature(cell, name, line, path) for name, cell in zip(names, row[3:], strict=True)},
        "label": {"name": row[1], "value": _label(row[2], line, path)},
    }


def _label(cell: str, line: int, path: Path) -> Label:
    """Restore a label as bool, int or float, tried in that order, as Jesse does."""
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
    raise DatasetError(f"{path}, line {line}: label_value must be a bool, an int or a finite float, not {cell!r}.")


def _feature(cell: str, name: str, line: int, path: Path) -> float | bool | None:
    """Restore a feature as float, or as the bool or None (empty cell) that Jesse's loader stumbles over."""
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
