# cython: annotation_typing=False
"""Where a session is in time."""

from typing import TYPE_CHECKING

import cython

from livermore.errors import warn_uncompiled

if TYPE_CHECKING:
    from array import array

if not cython.compiled:
    warn_uncompiled()

__all__ = ["SessionClock"]


class SessionClock:
    """The time of a session. It moves from minute to minute; all that happens in a minute happens at its end.

    Parameters
    ----------
    start : float
        UTC ms at which trading starts.
    ends : range or array of int
        UTC ms at which each minute of the run ends, ascending. A session that is fed appends to it.

    Attributes
    ----------
    event : int
        Index of the minute that is being processed; -1 before the first.

    Examples
    --------
    >>> clock = SessionClock(0, range(60_000, 180_001, 60_000))
    >>> clock.now
    0.0
    >>> clock.event = 1
    >>> clock.now
    120000.0
    """

    # `ends` is a range where no minute is missing: 40 bytes for any number of minutes.

    def __init__(self, start: float, ends: "range | array[int]") -> None:
        self.start = float(start)
        self.ends = ends
        self.event = -1
        # Strategies and orders ask several times in a minute: the float is made once.
        self._read_event = -1
        self._read_time = self.start

    @property
    def now(self) -> float:
        """UTC ms: the end of the minute that is being processed."""
        return self.read()

    def read(self) -> float:
        """Return `now`; compiled callers use it, since a property cannot be called without a look-up by name."""
        if self.event != self._read_event:
            self._read_event = self.event
            self._read_time = float(self.ends[self.event]) if self.event >= 0 else self.start
        return self._read_time
