"""Schedules of trading hours: a dict of local windows by weekday, checked, and what lies inside of them.

`livermore.market.trading_hours` says what such a dict looks like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from livermore.candles._columns import DAY_MS, MINUTE_MS
from livermore.errors import ConfigError

__all__ = ["Schedule"]

# Minutes since local midnight; the end may be in the next day.
_Window = tuple[int, int]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KEYS = ("timezone", "hours", "closed", "overrides")
_WINDOW = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
_DAY_MINUTES = 1440
_QUARTER_MS = 15 * MINUTE_MS
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Schedule:
    """A schedule that was checked."""

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[_Window]]
    closed: frozenset[date]
    overrides: Mapping[date, Sequence[_Window]]

    @classmethod
    def parsed(cls, hours: Any) -> "Schedule":
        """Check a dict; a ConfigError names what is wrong in it."""
        if not isinstance(hours, Mapping):
            raise ConfigError(f"trading hours must be a dict or None, not {hours!r}")
        unknown = [key for key in hours if key not in _KEYS]
        if unknown:
            raise ConfigError(f"trading hours: unknown key {unknown[0]!r}; there are: {', '.join(_KEYS)}")
        closed = hours.get("closed") or []
        if isinstance(closed, str) or not isinstance(closed, Sequence):
            raise ConfigError(f"trading hours: 'closed' must be a list of dates, not {closed!r}")
        overrides = hours.get("overrides") or {}
        if not isinstance(overrides, Mapping):
            raise ConfigError(f"trading hours: 'overrides' must be a dict of dates to windows, not {overrides!r}")
        return cls(
            zone=_zone(hours.get("timezone")),
            weekly=_weekly(hours.get("hours")),
            closed=frozenset(_date(day, "closed") for day in closed),
            overrides={
                _date(day, "overrides"): _windows(spec, f"overrides[{day!r}]") for day, spec in overrides.items()
            },
        )

    def includes(self, time: int) -> bool:
        """Return whether a time, UTC ms, is inside."""
        day, since_midnight = divmod(time + self._offset(time), DAY_MS)
        minute = since_midnight / MINUTE_MS
        return any(opens <= minute < closes for opens, closes in self._windows_reaching(day))

    def includes_each(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return whether each time, UTC ms, is inside."""
        local = times + self._offsets(times)
        day, since_midnight = np.divmod(local, DAY_MS)
        inside = np.zeros(len(times), dtype=bool)
        days, place = np.unique(day, return_inverse=True)
        order = np.argsort(place, kind="stable")
        ends = np.cumsum(np.bincount(place, minlength=len(days))).tolist()
        for number, first, end in zip(days.tolist(), [0, *ends], ends, strict=False):
            rows = order[first:end]
            minutes = since_midnight[rows] / MINUTE_MS
            for opens, closes in self._windows_reaching(number):
                inside[rows] |= (minutes >= opens) & (minutes < closes)
        return inside

    def opened_on(self, day_number: int) -> list[tuple[int, int]]:
        """Return when each window of a local day opens and closes, UTC ms; the day is counted from 1970-01-01."""
        midnight = datetime.combine(_EPOCH + timedelta(days=day_number), datetime.min.time())
        return [
            (self._utc_ms(midnight, opens), self._utc_ms(midnight, closes))
            for opens, closes in sorted(self._windows_of(day_number))
        ]

    def _utc_ms(self, midnight: datetime, minutes: int) -> int:
        local = (midnight + timedelta(minutes=minutes)).replace(tzinfo=self.zone)
        return int(local.timestamp()) * 1000

    def _windows_reaching(self, day_number: int) -> list[_Window]:
        """Return the windows of a day, and what lasts of the day before, in minutes of that day."""
        before = [(begin - _DAY_MINUTES, end - _DAY_MINUTES) for begin, end in self._windows_of(day_number - 1)]
        return [*before, *self._windows_of(day_number)]

    def _windows_of(self, day_number: int) -> Sequence[_Window]:
        day = _EPOCH + timedelta(days=day_number)
        if day in self.closed:
            return ()
        return self.overrides.get(day, self.weekly.get(day.weekday(), ()))

    def _offsets(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return what to add to UTC. Clocks are changed at full quarters of an hour only, so few are looked up."""
        quarters, place = np.unique(times // _QUARTER_MS, return_inverse=True)
        offsets = [self._offset(quarter * _QUARTER_MS) for quarter in quarters.tolist()]
        return np.array(offsets, dtype=np.int64)[place]

    def _offset(self, time_ms: int) -> int:
        offset = datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // timedelta(milliseconds=1)


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str) or not name:
        raise ConfigError(f"trading hours: 'timezone' must be a name such as 'America/New_York', not {name!r}")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(f"trading hours: unknown timezone {name!r}; names are like 'America/New_York'") from None


def _weekly(hours: Any) -> dict[int, list[_Window]]:
    if not isinstance(hours, Mapping) or not hours:
        raise ConfigError(f"trading hours: 'hours' must be a dict such as {{'Mon-Fri': '09:30-16:00'}}, not {hours!r}")
    weekly: dict[int, list[_Window]] = {}
    for spec, windows in hours.items():
        for day in _days(spec):
            if day in weekly:
                raise ConfigError(f"trading hours: {_DAYS[day]} is in 'hours' more than once")
            weekly[day] = _windows(windows, f"hours[{spec!r}]")
    return weekly


def _days(spec: Any) -> list[int]:
    if not isinstance(spec, str):
        raise ConfigError(f"trading hours: {spec!r} in 'hours' must name days: 'Mon', 'Mon,Wed' or 'Mon-Fri'")
    days: list[int] = []
    for part in spec.split(","):
        first, *rest = (_day(name.strip(), spec) for name in part.split("-"))
        if len(rest) > 1:
            raise ConfigError(f"trading hours: {spec!r} in 'hours' must name days: 'Mon', 'Mon,Wed' or 'Mon-Fri'")
        last = rest[0] if rest else first
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return days


def _day(name: str, spec: str) -> int:
    if name not in _DAYS:
        raise ConfigError(f"trading hours: unknown day {name!r} in {spec!r}; days are {', '.join(_DAYS)}")
    return _DAYS.index(name)


def _windows(spec: Any, where: str) -> list[_Window]:
    texts = [spec] if isinstance(spec, str) else spec
    if not isinstance(texts, Sequence) or not texts or not all(isinstance(text, str) for text in texts):
        raise ConfigError(f"trading hours: {where} must be 'HH:MM-HH:MM' or a list of such, not {spec!r}")
    return [_window(text, where) for text in texts]


def _window(text: str, where: str) -> _Window:
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ConfigError(f"trading hours: {where}: {text!r} must look like 'HH:MM-HH:MM'")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    begin, end = 60 * hour + minute, 60 * end_hour + end_minute
    if max(minute, end_minute) > 59 or begin >= _DAY_MINUTES or end > _DAY_MINUTES:
        raise ConfigError(f"trading hours: {where}: {text!r} has a time outside of 00:00 to 24:00, or opens at 24:00")
    if begin == end:
        raise ConfigError(f"trading hours: {where}: {text!r} opens and closes at the same time")
    return begin, end if end > begin else end + _DAY_MINUTES


def _date(text: Any, where: str) -> date:
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ConfigError(f"trading hours: {text!r} in {where!r} must be a date such as '2024-12-24'")
