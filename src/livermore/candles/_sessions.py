"""Trading sessions, from the calendar of an exchange or a schedule, and the bars that align to their openings."""

import difflib
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from livermore.candles._columns import DAY_MS
from livermore.candles._resample import aggregate, first_rows
from livermore.candles._schedule import Schedule
from livermore.candles.bar_times import BarTimes
from livermore.candles.minutes import Minutes
from livermore.errors import CandleError, ConfigError, MissingExtraError
from livermore.typing import Integers, Rows

__all__ = ["Calendar", "SessionBars", "Sessions", "calendar_of"]

#: How many days before and after a time the sessions are looked up: more than the longest timeframe.
MARGIN = 100
#: How many more days are looked up where time moves on.
AHEAD = 400


class Sessions(NamedTuple):
    """Unbroken stretches of trading, in the order of time; a session with a lunch break has two.

    Attributes
    ----------
    days : ndarray of shape (n,), int64
        The date of the session that the stretch belongs to, in days since 1970-01-01.
    opens, closes : ndarray of shape (n,), int64
        UTC ms.
    """

    days: npt.NDArray[np.int64]
    opens: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]


class Calendar(Protocol):
    """Where sessions come from."""

    name: str

    def sessions(self, first: int, last: int) -> Sessions:
        """Return the sessions of some dates, in days since 1970-01-01; both are included."""


def calendar_of(given: str | Mapping[str, Any]) -> Calendar:
    """Return the calendar that a name of `exchange_calendars`, or a schedule of trading hours, stands for.

    Raises
    ------
    ConfigError
        If there is no such calendar, or the schedule has a fault.
    MissingExtraError
        If a name is given and `exchange_calendars` is not installed.

    Examples
    --------
    >>> from livermore.candles import MINUTE_MS
    >>> weekdays = calendar_of({"timezone": "America/New_York", "hours": {"Mon-Fri": "09:30-16:00"}})
    >>> (weekdays.sessions(19800, 19804).opens % DAY_MS // MINUTE_MS).tolist()
    [810, 810, 810, 810, 810]
    """
    if isinstance(given, str):
        return _ExchangeCalendar(given)
    if isinstance(given, Mapping):
        return _ScheduleCalendar(given)
    raise ConfigError(f"the calendar must be a name such as 'XNYS' or a schedule of trading hours, not {given!r:.80}")


class _ExchangeCalendar:
    """A calendar of the package `exchange_calendars`."""

    def __init__(self, name: str) -> None:
        try:
            import exchange_calendars  # type: ignore[import-not-found, import-untyped, unused-ignore]
        except ImportError as error:
            raise MissingExtraError.of("exchange_calendars", extra="calendars") from error
        self.name = name
        self._get = exchange_calendars.get_calendar
        known = exchange_calendars.get_calendar_names()
        if name not in known:
            near = difflib.get_close_matches(name.upper(), known, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "New York is XNYS, London XLON."
            raise ConfigError(f"unknown calendar {name!r}; {hint} They are those of the package exchange_calendars")

    def sessions(self, first: int, last: int) -> Sessions:
        """See `Calendar`."""
        days = [str(np.datetime64(day, "D")) for day in (first, last)]
        try:
            with warnings.catch_warnings():
                # Of what its own use of pandas will be one day.
                warnings.simplefilter("ignore")
                schedule = self._schedule(days)
        # The package raises errors of many kinds where a calendar has no holidays, or a fault.
        except Exception as error:
            raise CandleError(
                f"the calendar {self.name} has no sessions from {days[0]} to {days[1]}: {error}"
            ) from error
        labels = schedule.index.to_numpy("datetime64[D]").astype(np.int64)
        opens, pauses, resumes, closes = (
            schedule[name].dt.tz_localize(None).to_numpy("datetime64[ms]").astype(np.int64)
            for name in ("open", "break_start", "break_end", "close")
        )
        broken = pauses > 0
        order = np.argsort(np.r_[opens, resumes[broken]], kind="stable")
        return Sessions(
            np.r_[labels, labels[broken]][order],
            np.r_[opens, resumes[broken]][order],
            np.r_[np.where(broken, pauses, closes), closes[broken]][order],
        )

    def _schedule(self, days: Sequence[str]) -> Any:
        """Return the package's table of the sessions from a day to another, as far as it knows them."""
        try:
            return self._get(self.name, start=days[0], end=days[1]).schedule
        except ValueError:
            calendar = self._get(self.name)
            bounds = calendar.bound_min(), calendar.bound_max()
        known = [bound and str(bound.date()) for bound in bounds]
        start, end = max(days[0], known[0] or days[0]), min(days[1], known[1] or days[1])
        return self._get(self.name, start=start, end=end).schedule


class _ScheduleCalendar:
    """A schedule of trading hours, see `livermore.market.trading_hours`. A session is all that opens on one local day.

    Its date is that on which it closes in UTC.
    """

    def __init__(self, hours: Mapping[str, Any]) -> None:
        self.name = f"the trading hours of {hours.get('timezone')}"
        self._schedule = Schedule.parsed(hours)

    def sessions(self, first: int, last: int) -> Sessions:
        """See `Calendar`."""
        found = []
        for day in range(first - 1, last + 2):
            stretches = self._schedule.opened_on(day)
            if stretches:
                label = (stretches[-1][1] - 1) // DAY_MS
                found += [(label, *stretch) for stretch in stretches if first <= label <= last]
        days, opens, closes = np.array(found, dtype=np.int64).reshape(-1, 3).T
        if (opens[1:] < closes[:-1]).any() or (closes <= opens).any():
            raise ConfigError(f"{self.name} have windows that overlap; bars cannot align to their openings")
        return Sessions(days, opens, closes)


class _Bars(NamedTuple):
    """All bars of a range of days: the time that each is labelled with, and when it opens and ends, UTC ms."""

    labels: Rows
    opens: Rows
    ends: Rows


class SessionBars(BarTimes):
    """Bars that align to the openings of sessions.

    Bars of less than a day open at the opening of a session, and after its breaks, and at whole multiples of their
    length after it; the last one ends with the session. A bar of a day is a session, and is labelled 00:00 UTC of its
    date; longer ones are the sessions whose dates lie in as many days since 1970-01-01, as Jesse's weeks do.

    Parameters
    ----------
    length, base : int
        Of a bar, and of a candle, in ms.
    calendar : Calendar
        Where sessions come from; they are looked up for the times that are asked for.

    Examples
    --------
    >>> from livermore.candles import MINUTE_MS
    >>> calendar = calendar_of({"timezone": "America/New_York", "hours": {"Mon-Fri": "09:30-16:00"}})
    >>> bars = SessionBars(4 * 60 * MINUTE_MS, 30 * MINUTE_MS, calendar)
    >>> opening, minute = 1_710_768_600_000, MINUTE_MS  # 2024-03-18 09:30 in New York
    >>> [(bars.opening(opening + m * minute) - opening) / minute for m in (0, 210, 240, 360)]
    [0.0, 0.0, 240.0, 240.0]
    >>> (bars.end(opening + 360 * minute) - opening) / minute
    390.0
    """

    def __init__(self, length: int, base: int, calendar: Calendar) -> None:
        self._length = length
        self._base = base
        self._calendar = calendar
        nothing = _Bars(np.empty(0), np.empty(0), np.empty(0))
        # Replaced as a whole: another thread sees the old one or the new one.
        self._known = _Known(0, -1, nothing, nothing)

    def opening(self, time: float) -> float:
        """See `BarTimes`."""
        known = self._at(time, time)
        return float(known.bars.labels[self._place(known, time)])

    def end(self, time: float) -> float:
        """See `BarTimes`."""
        known = self._at(time, time)
        return float(known.bars.ends[self._place(known, time)])

    def is_last(self, time: float) -> bool:
        """See `BarTimes`."""
        known = self._at(time, time)
        candle = np.searchsorted(known.candles.labels, time, side="right") - 1
        return bool(known.candles.ends[candle] == known.bars.ends[self._place(known, time)])

    def is_end(self, time: float) -> bool:
        """See `BarTimes`."""
        return bool(self.are_ends(np.array([time]))[0])

    def openings(self, times: Rows) -> Rows:
        """See `BarTimes`."""
        known = self._around(times)
        labels: Rows = known.bars.labels[self._place(known, times)]
        return labels

    def ends(self, times: Rows) -> Rows:
        """See `BarTimes`."""
        known = self._around(times)
        ends: Rows = known.bars.ends[self._place(known, times)]
        return ends

    def are_ends(self, times: Rows) -> npt.NDArray[np.bool_]:
        """See `BarTimes`."""
        return np.isin(times, self._around(times).bars.ends)

    def group(self, rows: Minutes) -> tuple[Integers, Rows]:
        """See `BarTimes`."""
        candles = rows.between(0, len(rows))
        labels = self.openings(candles[:, 0])
        first = first_rows(labels)
        return first.astype(np.int64), aggregate(candles, first, labels[first])

    def are_openings(self, times: Rows) -> npt.NDArray[np.bool_]:
        """See `BarTimes`."""
        return np.isin(times, self._around(times).bars.labels)

    def openings_of(self, ends: Rows) -> Rows:
        """See `BarTimes`."""
        if len(ends) == 0:
            return ends
        bars = self._around(ends).bars
        place = np.minimum(np.searchsorted(bars.ends, ends), len(bars.ends) - 1)
        return np.where(bars.ends[place] == ends, bars.labels[place], ends - self._length)

    def between(self, times: Rows) -> npt.NDArray[np.int64]:
        """See `BarTimes`."""
        return np.diff(np.searchsorted(self._around(times).bars.labels, times)).astype(np.int64)

    def end_after(self, time: float) -> float:
        """See `BarTimes`."""
        ends = self._at(time, time).bars.ends
        place = int(np.searchsorted(ends, time, side="right"))
        return float(ends[place]) if place < len(ends) else float("inf")

    def _place(self, known: "_Known", times: Any) -> Any:
        """Return the bars that hold the candles of some times."""
        # Candles of a day or more have the date of their session as their time, which may lie before its opening.
        keys = known.bars.labels if self._base >= DAY_MS else known.bars.opens
        return np.searchsorted(keys, times, side="right") - 1

    def _around(self, times: Rows) -> "_Known":
        """Return the bars around some times, in any order."""
        return self._at(float(times.min()), float(times.max())) if len(times) else self._known

    def _at(self, first: float, last: float) -> "_Known":
        """Return the bars around an interval of time; their sessions are looked up unless they are known."""
        begin, end = int(first // DAY_MS), int(last // DAY_MS)
        known = self._known
        if known.first <= begin - MARGIN // 2 and end + MARGIN // 2 <= known.last:
            return known
        days = begin - MARGIN, end + MARGIN
        if known.first <= known.last:
            # Time moves on day by day where a run is fed: more than it needs is looked up.
            days = min(days[0], known.first), max(days[1] + AHEAD if days[1] > known.last else 0, known.last)
        sessions = self._calendar.sessions(*days)
        if len(sessions.days) == 0:
            day = np.datetime64(begin, "D")
            raise CandleError(f"{self._calendar.name}: no session is known within {MARGIN} days of {day}")
        known = _Known(*days, _bars(sessions, self._length), _bars(sessions, self._base))
        self._check_dates(known.candles)
        self._known = known
        return known

    def _check_dates(self, candles: _Bars) -> None:
        """Refuse candles of a day that end after the next one opens, by what they are labelled with."""
        if self._base >= DAY_MS and (candles.ends > candles.labels + self._base).any():
            raise ConfigError(
                f"sessions of {self._calendar.name} close after the UTC day of their date, so that candles of a day "
                "overlap; use a base of less than a day"
            )


class _Known(NamedTuple):
    """The days that were looked up, since 1970-01-01, and the bars and candles of their sessions."""

    first: int
    last: int
    bars: _Bars
    candles: _Bars


def _bars(sessions: Sessions, length: int) -> _Bars:
    """Return the bars of some sessions."""
    if length >= DAY_MS:
        buckets = sessions.days // (length // DAY_MS)
        first = first_rows(buckets)
        last = np.r_[first[1:], len(buckets)] - 1
        found = buckets[first] * length, sessions.opens[first], sessions.closes[last]
    else:
        counts = -(-(sessions.closes - sessions.opens) // length)
        stretch = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(stretch)) - np.repeat(np.cumsum(counts) - counts, counts)
        opens = sessions.opens[stretch] + number * length
        found = opens, opens, np.minimum(opens + length, sessions.closes[stretch])
    return _Bars(*(times.astype(np.float64) for times in found))
