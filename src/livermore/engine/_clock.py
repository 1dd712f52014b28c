"""Where a session is in time: a count of minutes, and what time each of them ends."""

from array import array

__all__ = ["SessionClock"]


class SessionClock:
    """The session's time moves from minute to minute; all that happens in a minute happens at its end.

    Parameters
    ----------
    start : float
        UTC ms at which trading starts.
    ends : range or array of int
        UTC ms at which each minute of the run ends, ascending. A live session appends to it.

    Attributes
    ----------
    event : int
        Index of the minute that is being processed; -1 before the first.
    """

    __slots__ = ("_told", "_told_event", "ends", "event", "start")

    def __init__(self, start: float, ends: "range | array[int]") -> None:
        self.start = float(start)
        self.ends = ends
        self.event = -1
        # The minute whose end was asked for last, and that end.
        self._told_event = -1
        self._told = self.start

    @property
    def now(self) -> float:
        """UTC ms: the end of the minute that is being processed."""
        event = self.event
        if event != self._told_event:
            self._told_event, self._told = event, float(self.ends[event]) if event >= 0 else self.start
        return self._told
