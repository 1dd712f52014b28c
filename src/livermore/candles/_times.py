"""Times as files have them, turned into UTC milliseconds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from livermore.candles._check import Refusal
from livermore.candles._time_text import Kind, times_of_text
from livermore.candles._time_zones import local_to_utc
from livermore.typing import Integers

__all__ = ["UNITS_PER_SECOND", "TimeForm", "numbers_of", "times_in_ms"]

UNITS_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_COMPACT_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}|\d{6})?")
_IS_UTC = re.compile(r"(?i)utc|gmt")
# Up to which magnitude a number of each unit since 1970 is meant; each bound is the year 5138.
_BOUNDS = {"s": 1e11, "ms": 1e14, "us": 1e17, "ns": np.inf}
# Two neighbouring magnitudes of one file differ by less than this, and by more where its unit changes. Before this many
# seconds (1973) a file in one unit can begin near zero.
_CHANGE_OF_UNIT = 100
_SINCE_1973 = 1e8

KNOWN_FORMS = "Write times as 2022-01-31 23:59 (UTC, or with an offset such as +02:00) or as seconds or ms since 1970"


@dataclass(frozen=True)
class TimeForm:
    """What is known of the times of a file.

    Attributes
    ----------
    timezone : str or None
        The zone of times without an offset; None if it is not known.
    units : sequence of str
        The units that numbers since 1970 may have; none means any, but one for the whole file.
    dates : str or None
        ``"dmy"`` or ``"mdy"`` where dates begin with the day or the month.
    repeated_hour : str
        What a time means that a change to winter time made twice, where the order of rows does not tell:
        ``"refuse"``, ``"first"`` or ``"second"``.
    are_ends : bool
        Whether times are the ends of candles, which dates alone are not.
    """

    timezone: str | None = None
    units: Sequence[str] = ()
    dates: str | None = None
    repeated_hour: str = "refuse"
    are_ends: bool = False


def times_in_ms(column: Any, name: str, form: TimeForm, refuse: Refusal) -> tuple[Integers, str]:
    """Return the times of an Arrow column in UTC ms, and in words what they were.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Timestamps or dates; numbers of seconds, milliseconds, microseconds or nanoseconds since 1970 (told apart
        by their magnitude); or text: such numbers, ISO 8601 with or without an offset, ``2022.01.31 23:59``,
        ``20220131 2359``, ``31.01.2022 23:59``.
    name : str
        The column; ``timestamp_utc`` and ``Gmt time`` say which zone is meant.
    form : TimeForm
        What is known of the times.
    refuse : callable
        Makes the error for the first cell that is none of these, or may mean two times.
    """
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise refuse(row, "the time is empty", KNOWN_FORMS)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        is_date = pa.types.is_date(column.type)
        stamps = column.cast(pa.timestamp("ms")) if is_date else column
        kind: Kind = "day" if is_date else "utc" if stamps.type.tz is not None else "local"
        return _in_utc(_floored_ms(stamps), kind, name, form, refuse)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = column.to_numpy()
        # Seconds fit into 32 bits, and milliseconds do not.
        return _since_1970(numbers.astype(np.int64) if numbers.dtype.kind == "i" else numbers, form, refuse)
    text = pc.utf8_trim_whitespace(column.cast(pa.string())).combine_chunks()
    first = text[0].as_py() if len(text) else ""
    if _NUMBER.fullmatch(first) and not _COMPACT_DATE.fullmatch(first):
        return _since_1970(numbers_of(text, "the time", KNOWN_FORMS, refuse), form, refuse)
    times, kind = times_of_text(text, form.dates, KNOWN_FORMS, refuse)
    return _in_utc(times, kind, name, form, refuse)


def _in_utc(times: Integers, kind: Kind, name: str, form: TimeForm, refuse: Refusal) -> tuple[Integers, str]:
    if kind == "utc":
        return times, "times with their offset from UTC"
    if kind == "day" and form.are_ends:
        raise refuse(
            0,
            "a date without a time of day names the day of its candle, and no end",
            'Read dates with stamp="start" (on the command line --stamp start), or give the time of day',
        )
    if kind == "day":
        return times, "dates, each taken as a day of UTC"
    zone = form.timezone or ("UTC" if _IS_UTC.search(name) else None)
    if zone is None:
        raise refuse(
            0,
            "the time has no time zone, and may be UTC or the time of an exchange or a broker",
            'Say which: timezone="UTC", "America/New_York", "UTC+2" (on the command line --timezone)',
        )
    return local_to_utc(times, zone, form.repeated_hour, refuse), f"times of the zone {zone}"


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


def _since_1970(values: npt.NDArray[Any], form: TimeForm, refuse: Refusal) -> tuple[Integers, str]:
    """Return numbers of units since 1970 in ms; each number has the unit of its magnitude."""
    unit = _one_unit(values, form.units)
    if unit is not None:
        return _scaled(values, UNITS_PER_SECOND[unit]), f"times in {unit} since 1970"
    size = np.abs(values.astype(np.float64))
    if not np.isfinite(size).all() or size.max(initial=0) >= 2.0**63:
        row = int((~np.isfinite(size) | (size >= 2.0**63)).argmax())
        raise refuse(row, f"the time is {values[row]}", KNOWN_FORMS)
    used = _units_of(size, form.units, refuse)
    times = np.empty(len(values), dtype=np.int64)
    for unit, rows in used:
        times[rows] = _scaled(values[rows], UNITS_PER_SECOND[unit])
    return times, f"times in {' and '.join(unit for unit, _ in used)} since 1970"


def _one_unit(values: npt.NDArray[Any], allowed: Sequence[str]) -> str | None:
    """Return the unit of whole numbers that all have the magnitude of one unit; None if that is not plain to see."""
    if values.dtype.kind != "i" or not len(values):
        return None
    least, most = int(values.min()), int(values.max())
    unit = next(unit for unit, bound in _BOUNDS.items() if most < bound)
    if least < _SINCE_1973 or next(other for other, bound in _BOUNDS.items() if least < bound) != unit:
        return None
    return unit if not allowed or unit in allowed else None


def _units_of(size: npt.NDArray[Any], allowed: Sequence[str], refuse: Refusal) -> list[tuple[str, Any]]:
    """Return the units of numbers and the rows that have them."""
    edges = list(_BOUNDS.values())[:-1]
    names = list(_BOUNDS)
    kinds = np.searchsorted(edges, size, side="right")
    found = np.unique(kinds)
    if not allowed:
        if len(found) > 1 and (change := _change_of_unit(size)) is not None:
            raise refuse(
                change,
                "the unit of the times changes within the file",
                'If each time has the unit of its own size, say so: time_unit="mixed" (--time-unit mixed)',
            )
        return [(names[found[-1]], slice(None))] if len(found) else []
    if len(allowed) == 1 and size.max(initial=0) < _SINCE_1973:
        return [(allowed[0], slice(None))]
    wrong = np.isin(kinds, [names.index(unit) for unit in allowed], invert=True)
    if len(allowed) == 1:
        # Numbers near zero are times soon after 1970 in any unit.
        wrong &= (kinds > names.index(allowed[0])) | (size > _SINCE_1973)
    if wrong.any():
        row = int(wrong.argmax())
        raise refuse(
            row,
            f"the time {size[row]:.0f} is not in {' or '.join(allowed)} since 1970",
            "Give the unit with time_unit= (--time-unit), or correct this time",
        )
    if len(allowed) == 1:
        return [(allowed[0], slice(None))]
    return [(names[kind], slice(None) if len(found) == 1 else kinds == kind) for kind in found]


def _change_of_unit(size: npt.NDArray[Any]) -> int | None:
    """Return the first row with another unit than the rows before it; None if all have one unit."""
    ordered = np.sort(size)
    jump = (ordered[1:] > _CHANGE_OF_UNIT * ordered[:-1]) & (ordered[:-1] >= _SINCE_1973)
    if not jump.any():
        return None
    is_large = size > ordered[:-1][jump].max()
    return int((is_large != is_large[0]).argmax())


def _scaled(values: npt.NDArray[Any], per_second: int) -> Integers:
    if values.dtype.kind == "i":
        scaled = values // (per_second // 1000) if per_second > 1000 else values * (1000 // per_second)
        return np.asarray(scaled, dtype=np.int64)
    return np.rint(values * (1000 / per_second)).astype(np.int64)


def _floored_ms(column: Any) -> Integers:
    """Return Arrow timestamps in ms; what is finer is cut off."""
    options = pc.CastOptions(target_type=pa.timestamp("ms", tz=column.type.tz), allow_time_truncate=True)
    return np.asarray(column.cast(options=options).cast(pa.int64()).to_numpy())
