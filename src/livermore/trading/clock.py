"""The time at which a session is, for helpers that ask without holding the session."""

import time
from contextvars import ContextVar
from typing import Protocol

__all__ = ["Clock", "now_ms", "session_clock"]


class Clock(Protocol):
    """What tells the time of a session."""

    @property
    def now(self) -> float:
        """UTC milliseconds: the end of the minute that is being processed."""


#: The clock of the session that is running in this thread or task; None outside of one.
session_clock: ContextVar[Clock | None] = ContextVar("session_clock", default=None)


def now_ms() -> float:
    """Return the running session's time, else the wall clock's, in UTC milliseconds.

    Examples
    --------
    >>> now_ms() > 1_600_000_000_000
    True
    """
    clock = session_clock.get()
    return time.time() * 1000 if clock is None else clock.now
