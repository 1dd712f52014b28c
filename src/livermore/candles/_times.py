"""Times as files have them, turned into UTC milliseconds."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from livermore.errors import CandleError
from livermore.typing import Integers

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_COMPACT_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}|\d{6})?")

# Up to which magnitude a number of units since 1970 is meant; each bound is the year 5138.
_UNITS = ((1e11, 1e3), (1e14, 1.0), (1e17, 1e-3), (np.inf, 1e-6))

_DATE_AND_TIME = (
    r"^(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})"
    r"(?:[T ]+(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?)?"
    r" *(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_COMPACT_DATE_AND_TIME = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
    r"(?P<fraction>)(?P<zone>)$"
)
_KNOWN_FORMS = "Write times as 2022-01-31 23:59 (UTC, or with an offset such as +02:00) or as seconds or ms since 1970"


# Makes the error for a cell from its row, what is wrong with it, and what to do.
Refusal = Callable[[int, str, str], CandleError]


def times_in_ms(column: Any, refuse: Refusal) -> Integers:
    """Return the times of an Arrow column in UTC ms.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Timestamps or dates; numbers of seconds, milliseconds, microseconds or nanoseconds since 1970 (told apart
        by their magnitude); or text: such numbers, ISO 8601 with or without an offset, ``2022.01.31 23:59``,
        ``20220131 2359``. What has no offset is taken as UTC.
    refuse : callable
        Makes the error for the first cell that is none of these.
    """
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise refuse(row, "the time is empty", _KNOWN_FORMS)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        naive = column.cast(pa.timestamp("ns")) if pa.types.is_date(column.type) else column
        return _floored_ms(naive)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _since_1970(column.to_numpy(), refuse)
    return _from_text(pc.utf8_trim_whitespace(column.cast(pa.string())), refuse)


def _from_text(text: Any, refuse: Refusal) -> Integers:
    first = text[0].as_py() if len(text) else ""
    if _COMPACT_DATE.fullmatch(first):
        return _from_pattern(text, _COMPACT_DATE_AND_TIME, refuse)
    if _NUMBER.fullmatch(first):
        return _since_1970(numbers_of(text, "the time", _KNOWN_FORMS, refuse), refuse)
    # Arrow's own reader of ISO times is fast, and takes all rows without an offset, or all with one.
    for kind in (pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        try:
            return _floored_ms(text.cast(kind))
        except pa.ArrowInvalid:
            continue
    return _from_pattern(text, _DATE_AND_TIME, refuse)


def numbers_of(text: Any, what: str, remedy: str, refuse: Refusal) -> npt.NDArray[Any]:
    """Return text as numbers, as integers where all of them are.

    The message about a cell that is no number begins with `what` it is and ends with the `remedy`.
    """
    for kind in (pa.int64(), pa.float64()):
        try:
            return np.asarray(text.cast(kind).to_numpy())
        except pa.ArrowInvalid:
            continue
    values = text.to_pylist()
    row = next(row for row, value in enumerate(values) if not _is_number(value))
    problem = f"{what} is {values[row]!r}, not a number" if values[row] else f"{what} is empty"
    raise refuse(row, problem, remedy)


def _is_number(value: str) -> bool:
    try:
        pa.scalar(value).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _since_1970(values: npt.NDArray[Any], refuse: Refusal) -> Integers:
    finite = values[np.isfinite(values)]
    if len(finite) < len(values):
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise refuse(row, f"the time is {values[row]}", _KNOWN_FORMS)
    size = float(np.abs(values.astype(np.float64)).max(initial=0))
    if size >= 2.0**63:
        row = int(np.abs(values.astype(np.float64)).argmax())
        raise refuse(row, f"the time is {values[row]}", _KNOWN_FORMS)
    factor = next(factor for bound, factor in _UNITS if size < bound)
    if factor < 1 and values.dtype.kind == "i":
        return np.asarray(values // round(1 / factor), dtype=np.int64)
    return np.rint(values * factor).astype(np.int64)


def _floored_ms(column: Any) -> Integers:
    """Return Arrow timestamps in ms; what is finer is cut off."""
    return np.asarray(column.cast(pa.timestamp("ms", tz=column.type.tz), safe=False).cast(pa.int64()).to_numpy())


def _from_pattern(text: Any, pattern: str, refuse: Refusal) -> Integers:
    parts = pc.extract_regex(text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text, pattern)
    _refuse_first(parts.is_null(), text, refuse)
    field = {name: parts.field(name) for name in ("year", "month", "day", "hour", "minute", "second")}
    for name in ("hour", "minute", "second"):
        field[name] = pc.if_else(pc.equal(field[name], ""), "00", field[name])
    date = pc.binary_join_element_wise(field["year"], field["month"], field["day"], "-")
    clock = pc.binary_join_element_wise(field["hour"], field["minute"], field["second"], ":")
    times = pc.binary_join_element_wise(date, clock, "T")
    try:
        seconds = times.cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        _refuse_first(pa.array([not _is_time(time) for time in times.to_pylist()]), text, refuse)
        raise
    milliseconds = [int((fraction + "000")[:3]) for fraction in parts.field("fraction").to_pylist()]
    return np.asarray(seconds * 1000 + milliseconds - _offsets_ms(parts.field("zone")), dtype=np.int64)


def _refuse_first(is_bad: Any, text: Any, refuse: Refusal) -> None:
    bad = np.flatnonzero(is_bad.to_numpy(zero_copy_only=False))
    if len(bad):
        value = text[int(bad[0])].as_py()
        problem = f"the time {value!r} is not understood" if value else "the time is empty"
        raise refuse(int(bad[0]), problem, _KNOWN_FORMS)


def _is_time(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return False
    return True


def _offsets_ms(zones: Any) -> Integers:
    coded = zones.dictionary_encode()
    offsets = np.array([_offset_ms(zone) for zone in coded.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(offsets[coded.indices.to_numpy()], dtype=np.int64)


def _offset_ms(zone: str) -> int:
    if zone[:1] not in ("+", "-"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = 60 * int(digits[:2]) + int(digits[2:])
    return (-minutes if zone[0] == "-" else minutes) * 60_000


__all__ = ["Refusal", "numbers_of", "times_in_ms"]
