"""The base candles: the smallest that a store or a run has, of which all bars are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from livermore.candles._columns import DAY_MS, MINUTE_MS
from livermore.candles._timeframe import TIMEFRAMES, timeframe_ms
from livermore.candles.bar_times import BarTimes, ClockBars
from livermore.errors import TimeframeError
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.candles._sessions import Calendar

__all__ = ["MINUTE_BASE", "Base"]


@dataclass(frozen=True)
class Base:
    """The base candles of a store or a run: all bars are made of them, and orders are matched with them.

    Parameters
    ----------
    timeframe : str
        One of `TIMEFRAMES`.
    calendar : str or mapping, optional
        The sessions that candles and bars align to: the name of a calendar of the package `exchange_calendars`, such as
        ``"XNYS"``, or a schedule as in `livermore.market.trading_hours`. By default the clock in UTC.

    Attributes
    ----------
    length : int
        Of a candle, in ms; the last one of a session may be shorter.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.
    ConfigError
        If there is no such calendar, or the schedule has a fault.
    MissingExtraError
        If a calendar is named and the package is not installed.

    Examples
    --------
    >>> hours = Base("1h")
    >>> hours.end(7_200_000)
    10800000.0
    >>> hours.bars("90m")
    Traceback (most recent call last):
    livermore.errors.TimeframeError: unknown timeframe '90m'; ...
    >>> hours.bars("15m")
    Traceback (most recent call last):
    livermore.errors.TimeframeError: the timeframe 15m is no whole multiple of the base 1h, ... use 1h, 2h, ...
    """

    timeframe: str = "1m"
    calendar: str | Mapping[str, Any] | None = None
    length: int = field(init=False, repr=False, compare=False)
    _sessions: "Calendar | None" = field(init=False, repr=False, compare=False)
    _candles: BarTimes = field(init=False, repr=False, compare=False)
    _days: BarTimes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        length, sessions = timeframe_ms(self.timeframe), None
        if self.calendar is not None:
            from livermore.candles._sessions import calendar_of

            sessions = calendar_of(self.calendar)
        # A frozen dataclass sets what follows from its fields so.
        object.__setattr__(self, "length", length)
        object.__setattr__(self, "_sessions", sessions)
        object.__setattr__(self, "_candles", self._bars(length))
        object.__setattr__(self, "_days", self._candles if length > DAY_MS else self._bars(DAY_MS))

    @classmethod
    def of(cls, base: "Base | str") -> "Base":
        """Return a base from its timeframe, or the base itself.

        Examples
        --------
        >>> Base.of("1h") == Base("1h") == Base.of(Base("1h"))
        True
        """
        return base if isinstance(base, Base) else cls(base)

    def __reduce__(self) -> tuple[type["Base"], tuple[Any, ...]]:
        return Base, (self.timeframe, self.calendar)

    def __str__(self) -> str:
        """Say what the candles are, in words."""
        return "one-minute candles" if self.length == MINUTE_MS else f"candles of {self.timeframe}"

    @property
    def is_jesse(self) -> bool:
        """Whether the candles are Jesse's: of one minute, by the clock."""
        return self.length == MINUTE_MS and self._sessions is None

    @property
    def has_sessions(self) -> bool:
        """Whether candles and bars align to sessions, and not to the clock."""
        return self._sessions is not None

    @property
    def step(self) -> int:
        """What all opening times are whole multiples of, ms."""
        return self.length if self._sessions is None else MINUTE_MS

    def bars(self, timeframe: str) -> BarTimes:
        """Return when the bars of a timeframe open and end.

        Raises
        ------
        TimeframeError
            If there is no such timeframe, or it is no whole multiple of the base.
        """
        length = timeframe_ms(timeframe)
        if length % self.length:
            raise TimeframeError(self._no_multiple(timeframe))
        return self._bars(length)

    def end(self, time: float) -> float:
        """Return when the candle ends that opens at a time, UTC ms."""
        return self._candles.end(time)

    def ends(self, times: Rows) -> Rows:
        """Return `end` of each candle, shape (n,)."""
        return self._candles.ends(times)

    def openings_of(self, ends: Rows) -> Rows:
        """Return when the candles open that end at some times, UTC ms; a time at which none ends is put back by one."""
        return self._candles.openings_of(ends)

    def day_end_after(self, time: float) -> float:
        """Return when the first day of trading ends after a time: 24 hours later, or with the next session, UTC ms."""
        return time + DAY_MS if self._sessions is None else self._days.end_after(time)

    def are_openings(self, times: Rows) -> npt.NDArray[np.bool_]:
        """Return whether a candle can open at each time, UTC ms, shape (n,)."""
        return self._candles.are_openings(times)

    def missing(self, times: Rows) -> npt.NDArray[np.int64]:
        """Return how many candles are missing between each two that follow one another, shape (n - 1,).

        Where trading pauses none is missing.
        """
        return self._candles.between(times) - 1

    def why_no_opening(self, times: Rows, row: int) -> tuple[str, str]:
        """Return the problem of a row in which no candle can open, and what to do about it."""
        steps = np.diff(times)
        nearest = steps[steps > 0].min(initial=np.inf)
        of = self.timeframe if self._sessions is None else f"{self.timeframe} of {self._sessions.name}"
        problem = f"no candle of {of} opens then: the timestamp is {times[row]:.0f}"
        if nearest < self.length:
            minutes = nearest / MINUTE_MS
            return problem, (
                f"The nearest two candles are {minutes:.0f} minutes apart: give that as the base, or resample them"
            )
        if self.length >= DAY_MS and times[row] % DAY_MS:
            return problem, (
                "Candles of a day or more have 00:00 UTC of their date as their time, wherever they are traded: read "
                "their dates with the time zone UTC"
            )
        if self._sessions is None:
            return problem, (
                f"Candles of {self.timeframe} open at whole multiples of it since 1970-01-01 00:00 UTC; for those that "
                "open with a session give a calendar, such as config['calendar'] = 'XNYS'"
            )
        return problem, (
            "Candles open with a session and at whole multiples of their length after it. Give the calendar of this "
            "market, or leave out the others: candles[Base(timeframe, calendar).are_openings(candles[:, 0])]"
        )

    def _bars(self, length: int) -> BarTimes:
        if self._sessions is None:
            return ClockBars(length, self.length)
        from livermore.candles._sessions import SessionBars

        return SessionBars(length, self.length, self._sessions)

    def _no_multiple(self, timeframe: str) -> str:
        fitting = [name for name in TIMEFRAMES if timeframe_ms(name) % self.length == 0]
        return (
            f"the timeframe {timeframe} is no whole multiple of the base {self.timeframe}, of which its bars are made; "
            f"use {', '.join(fitting)}, or a smaller base"
        )


#: Candles of one minute, as Jesse has them.
MINUTE_BASE = Base()
