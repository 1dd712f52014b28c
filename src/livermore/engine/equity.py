"""The equity curve of a session, and when its values are recorded."""

from typing import Protocol

from livermore.candles import Base

__all__ = ["EquityCurve", "EquityTimes", "equity_times"]

MINUTE_MS = 60_000
DAY_MS = 1440 * MINUTE_MS


class EquityTimes(Protocol):
    """When values of an equity curve are due, UTC ms."""

    def first(self, start: float) -> float:
        """Return when the first value after the start of a run is due."""

    def after(self, due: float) -> float:
        """Return when the next value is due after one that was."""


class JesseDays:
    """1441 minutes after the start, then every 1440 minutes, as in Jesse."""

    def first(self, start: float) -> float:
        """See `EquityTimes`."""
        return start + DAY_MS + MINUTE_MS

    def after(self, due: float) -> float:
        """See `EquityTimes`."""
        return due + DAY_MS


class TradingDays:
    """Every 24 hours from the start, or at the end of each session."""

    def __init__(self, base: Base) -> None:
        self._base = base

    def first(self, start: float) -> float:
        """See `EquityTimes`."""
        return self._base.day_end_after(start)

    def after(self, due: float) -> float:
        """See `EquityTimes`."""
        return self._base.day_end_after(due)


def equity_times(base: Base) -> EquityTimes:
    """Return when the equity is recorded in a run that is made of some base candles."""
    return JesseDays() if base.is_jesse else TradingDays(base)


class EquityCurve:
    """The value of the account about once a day: at the start, whenever one is due, and at the end.

    Parameters
    ----------
    due_times : EquityTimes
        When values are due.

    Attributes
    ----------
    times : list of float
        UTC ms.
    values : list of float
        The wallet and everything held, in the settlement currency.
    due : float
        UTC ms at or after which the next value is recorded.

    Examples
    --------
    >>> curve = EquityCurve(JesseDays())
    >>> curve.start(0)
    >>> curve.record(0, 1000.0)
    >>> curve.due
    86460000
    >>> curve.record(curve.due, 1001.0)
    >>> curve.values, curve.due
    ([1000.0, 1001.0], 172860000)
    """

    __slots__ = ("_due_times", "due", "times", "values")

    def __init__(self, due_times: EquityTimes) -> None:
        self.times: list[float] = []
        self.values: list[float] = []
        self.due = float("inf")
        self._due_times = due_times

    def start(self, time: float) -> None:
        """Note when the run starts, UTC ms; the first value is recorded then."""
        self.due = self._due_times.first(time)

    def record(self, time: float, value: float) -> None:
        """Record a value; it replaces one of the same time."""
        if self.times and self.times[-1] == time:
            self.values[-1] = value
        else:
            self.times.append(time)
            self.values.append(value)
        while self.due <= time:
            self.due = self._due_times.after(self.due)
