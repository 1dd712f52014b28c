"""Dates and times as text, read a form at a time: all rows that are written alike are read together."""

import re
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from livermore.candles._check import Refusal
from livermore.typing import Booleans, Integers

__all__ = ["Kind", "times_of_text"]

_CLOCK = (
    r"(?:(?:[T ]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r" *(?P<zone>Z|z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|(?:UTC|GMT)?[+-]\d{2}|UTC|GMT)?)?)$"
)
_YEAR_FIRST = re.compile(r"^(?P<year>\d{4})(?P<sign>[-/.]?)(?P<month>\d{2})(?P=sign)(?P<day>\d{2})" + _CLOCK)
_COMPACT = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?$"
)
_YEAR_LAST = re.compile(r"^(?P<first>\d{1,2})(?P<sign>[-/.])(?P<next>\d{1,2})(?P=sign)(?P<year>\d{4})" + _CLOCK)
# So many ways of writing times are in one file at most: one or two digits for day, month and hour, and some offsets.
_MOST_FORMS = 200
# Minutes; no zone is further from UTC.
_LARGEST_OFFSET = 14 * 60
# What to do if the first time is no time at all.
_NAMES = (
    "If the line holds names of columns, take it out of the file: columns in order are for files without such a line"
)
_ZERO, _NINE = ord("0"), ord("9")

Kind = Literal["utc", "local", "day"]
_KINDS: dict[Kind, str] = {"utc": "one with an offset", "local": "one without an offset", "day": "a date alone"}


def times_of_text(text: Any, dates: str | None, remedy: str, refuse: Refusal) -> tuple[Integers, Kind]:
    """Return times in ms, and their kind: ``"utc"`` (with an offset), ``"local"``, or ``"day"`` (dates alone).

    Parameters
    ----------
    text : pyarrow.StringArray of shape (n,)
        ``2022-01-31 23:59``, ``2022.01.31``, ``20220131 235900``, ``31.01.2022 23:59:00.000 GMT+0200`` and alike.
    dates : {"dmy", "mdy", None}
        What dates such as ``01/02/2022`` begin with; None if it is not known.
    remedy : str
        What to do about a cell that is no time.
    refuse : callable
        Makes the error for a row.
    """
    cells = _Cells(text)
    year_last = _YEAR_LAST.match(cells.at(0)) is not None if len(text) else False
    order = _order_of_dates(cells, dates, refuse) if year_last else "ymd"
    times = np.zeros(len(text), dtype=np.int64)
    is_done = np.zeros(len(text), dtype=bool)
    kind: Kind | None = None
    for _ in range(_MOST_FORMS):
        if is_done.all():
            return times, kind or "local"
        row = int((~is_done).argmax())
        value = cells.at(row)
        patterns = (_YEAR_FIRST, _COMPACT) if order == "ymd" else (_YEAR_LAST, _YEAR_FIRST, _COMPACT)
        form = next((match for pattern in patterns if (match := pattern.match(value))), None)
        if form is None:
            problem = f"the time {value!r} is not understood" if value else "the time is empty"
            is_name = row == 0 and value != "" and not any(letter.isdigit() for letter in value)
            raise refuse(row, problem, _NAMES if is_name else remedy)
        found = _kind(form)
        if kind not in (None, found):
            raise refuse(row, f"the time {value!r} is {_KINDS[found]}, unlike the one of the first row", remedy)
        kind = found
        alike, letters = cells.alike(row, ~is_done)
        read, wrong = _read(letters, form, order)
        if wrong.any():
            bad = int(np.flatnonzero(alike)[int(wrong.argmax())])
            raise refuse(bad, f"the time {cells.at(bad)!r} is not understood", remedy)
        times[alike] = read
        is_done |= alike
    raise refuse(int((~is_done).argmax()), "the times are written in too many different ways", remedy)


def _kind(form: "re.Match[str]") -> Kind:
    groups = form.groupdict()
    return "utc" if groups.get("zone") else "local" if groups.get("hour") else "day"


class _Cells:
    """Text cells as letters, of which those of one form can be had as a matrix."""

    def __init__(self, text: Any) -> None:
        self._text = text
        # A slice of an array shares the buffers of the whole.
        offsets = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset : text.offset + len(text) + 1]
        data = text.buffers()[2]
        self._begins = offsets[:-1]
        self._lengths = np.diff(offsets)
        self._letters = np.frombuffer(data if data is not None else b"", dtype=np.uint8)

    def at(self, row: int) -> str:
        return str(self._text[row].as_py())

    def alike(self, row: int, among: Booleans) -> tuple[Booleans, npt.NDArray[np.uint8]]:
        """Return which rows have digits and signs in the same places as `row`, and their letters."""
        length = int(self._lengths[row])
        same = among & (self._lengths == length)
        letters = self._matrix(same, length)
        pattern = letters[int(same[:row].sum())]
        is_digit = (pattern >= _ZERO) & (pattern <= _NINE)
        fits = np.ones(len(letters), dtype=bool)
        for place in range(length):
            column = letters[:, place]
            # Of unsigned numbers those below "0" become large.
            fits &= (column - np.uint8(_ZERO)) <= 9 if is_digit[place] else column == pattern[place]
        if fits.all():
            return same, letters
        rows = np.flatnonzero(same)[fits]
        alike = np.zeros(len(among), dtype=bool)
        alike[rows] = True
        return alike, letters[fits]

    def leading_numbers(self) -> tuple[Integers, Integers]:
        """Return the first two numbers of each row, such as the day and the month; 0 where there are none."""
        parts = pc.extract_regex(self._text, r"^(?P<first>\d{1,2})[-/.](?P<next>\d{1,2})")
        first, following = (
            pc.fill_null(pc.cast(parts.field(name), pa.int64()), 0).to_numpy(zero_copy_only=False)
            for name in ("first", "next")
        )
        return first, following

    def _matrix(self, rows: Booleans, length: int) -> npt.NDArray[np.uint8]:
        if rows.all():
            begin = int(self._begins[0])
            return self._letters[begin : begin + length * len(rows)].reshape(len(rows), length)
        return np.asarray(self._letters[self._begins[rows][:, None] + np.arange(length)])


def _read(letters: npt.NDArray[np.uint8], form: "re.Match[str]", order: str) -> tuple[Integers, Booleans]:
    """Return the times in ms of cells that have their digits where `form` has them, and which are no times."""
    groups = form.groupdict()

    def number(name: str, digits: int | None = None) -> Any:
        if not groups.get(name):
            return 0
        begin, end = form.span(name)
        total = np.zeros(len(letters), dtype=np.int64)
        for place in range(begin, end if digits is None else min(end, begin + digits)):
            total = total * 10 + (letters[:, place] - np.uint8(_ZERO))
        return total

    names = {"ymd": ("month", "day"), "dmy": ("next", "first"), "mdy": ("first", "next")}
    month_name, day_name = ("month", "day") if "month" in groups else names[order]
    year, month, day = number("year"), number(month_name), number(day_name)
    hour, minute, second = number("hour"), number("minute"), number("second")
    wrong = (month < 1) | (month > 12) | (hour > 23) | (minute > 59) | (second > 59)
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    first_days = months.astype("datetime64[D]").astype(np.int64)
    days_in_month = (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first_days
    wrong |= (day < 1) | (day > days_in_month)
    fraction = number("fraction", 3)
    if groups.get("fraction"):
        fraction = fraction * 10 ** max(0, 3 - len(groups["fraction"]))
    offset = _offset_minutes(letters, form)
    wrong |= np.abs(offset) > _LARGEST_OFFSET
    seconds = (first_days + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return seconds * 1000 + fraction - offset * 60_000, wrong


def _offset_minutes(letters: npt.NDArray[np.uint8], form: "re.Match[str]") -> Any:
    """Return the offsets from UTC; the digits differ from row to row, and the sign does not."""
    zone = form.groupdict().get("zone") or ""
    sign = next((place for place, letter in enumerate(zone) if letter in "+-"), None)
    if sign is None:
        return 0
    begin = form.start("zone")
    digits = [begin + place for place, letter in enumerate(zone) if letter.isdigit()]
    values = [(letters[:, place] - np.uint8(_ZERO)).astype(np.int64) for place in digits]
    minutes = 60 * (10 * values[0] + values[1])
    if len(values) == 4:
        minutes = minutes + 10 * values[2] + values[3]
    return -minutes if zone[sign] == "-" else minutes


def _order_of_dates(cells: _Cells, dates: str | None, refuse: Refusal) -> str:
    """Return whether dates such as 01/02/2022 begin with the day or the month; what no row tells must be given."""
    if dates in ("dmy", "mdy"):
        return dates
    first, following = cells.leading_numbers()
    if (first > 12).any() and not (following > 12).any():
        return "dmy"
    if (following > 12).any() and not (first > 12).any():
        return "mdy"
    raise refuse(
        0,
        f"the date {cells.at(0)!r} may begin with the day or with the month",
        'Say which: dates="dmy" or dates="mdy" (on the command line --dates)',
    )
