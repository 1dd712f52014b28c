"""JSON files of candles: a list of lists, as freqtrade and the APIs of exchanges write them, or of objects."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from livermore.candles.files._columnar import ColumnarFile
from livermore.errors import CandleError

__all__ = ["open_json"]


def open_json(label: str, data: bytes, columns: Sequence[str]) -> ColumnarFile:
    """Open the bytes of a JSON file; `columns` are the names of the columns of lists."""
    try:
        # A byte order mark is known to `json.loads`.
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CandleError(f"{label} is damaged or no JSON ({error}). Copy or download it again.") from error
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], list | dict):
        raise CandleError(f"{label} must hold a list of lists or a list of objects, one for each candle.")
    names = list(rows[0]) if isinstance(rows[0], dict) else list(columns)
    if isinstance(rows[0], list) and not names:
        raise CandleError(
            f"{label} holds lists without names. Say what they are: source= (freqtrade, coinbase) or columns=[...]."
        )
    kind = type(rows[0])
    for number, row in enumerate(rows):
        if not isinstance(row, kind) or len(row) != len(names) or (kind is dict and list(row) != names):
            raise CandleError(f"{label}: row {number} is {str(row)[:80]}, unlike the {len(names)} columns {names}.")
    columns_of = {
        name: _array([row[name if kind is dict else place] for row in rows], name, label)
        for place, name in enumerate(names)
    }
    table = pa.table(columns_of)
    return ColumnarFile(label, table.schema, table.select)


def _array(values: list[Any], name: str, label: str) -> Any:
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError):
        pass
    try:
        # Whole numbers among fractions.
        return pa.array(values, pa.float64())
    except (pa.ArrowException, OverflowError) as error:
        raise CandleError(f"{label}: the column {name!r} has values of several kinds ({error}).") from error
