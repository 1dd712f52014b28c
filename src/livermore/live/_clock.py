"""What time it is, for whoever waits for candles: the machine's clock, or one that is set by hand."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """What a live session needs of a clock. All times are UTC ms.

    Examples
    --------
    >>> class Replay:
    ...     time = 0
    ...
    ...     def now(self):
    ...         return self.time
    ...
    ...     def sleep_until(self, time_ms):
    ...         self.time = max(self.time, time_ms)
    ...
    ...     def wake(self):
    ...         pass
    >>> clock: Clock = Replay()
    >>> clock.sleep_until(60_000)
    >>> clock.now()
    60000
    """

    def now(self) -> int:
        """Return the time, UTC ms."""
        ...

    def sleep_until(self, time_ms: int) -> None:
        """Return at `time_ms` at the latest. It may return earlier, so that who sleeps can look at other things."""
        ...

    def wake(self) -> None:
        """Let `sleep_until` return at once, if it waits. Any thread may call it."""
        ...


class SystemClock:
    """The clock of the machine.

    Examples
    --------
    >>> SystemClock().now() > 1_700_000_000_000
    True
    """

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> int:
        """Return the time, UTC ms."""
        return time.time_ns() // 1_000_000

    def sleep_until(self, time_ms: int) -> None:
        """Return at `time_ms`, and after a second at the latest: a kill switch, or a clock that was set, is noticed."""
        left = time_ms - self.now()
        # Who is woken before it sleeps does not sleep.
        if left > 0 and self._woken.wait(min(left / 1000, 1.0)):
            self._woken.clear()

    def wake(self) -> None:
        """Let `sleep_until` return at once. Any thread may call it."""
        self._woken.set()


class ManualClock:
    """A clock that stands still until it is set. Sleeping on it sets it, so that a day takes no time.

    Parameters
    ----------
    start : int
        UTC ms.

    Examples
    --------
    >>> clock = ManualClock(60_000)
    >>> clock.advance(1_000)
    >>> clock.now()
    61000
    >>> clock.sleep_until(120_000)
    >>> clock.now()
    120000
    """

    def __init__(self, start: int) -> None:
        self._now = int(start)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> int:
        """Return the time, UTC ms."""
        return self._now

    def sleep_until(self, time_ms: int) -> None:
        """Set the clock to `time_ms`; it never goes back."""
        with self._lock:
            self._now = max(self._now, int(time_ms))
        for listener in tuple(self._listeners):
            listener()

    def wake(self) -> None:
        """Do nothing: nobody waits on this clock."""

    def advance(self, duration_ms: int) -> None:
        """Let a time pass, in ms."""
        if duration_ms < 0:
            raise ValueError(f"time does not go back: duration_ms is {duration_ms}")
        self.sleep_until(self._now + duration_ms)

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call a function each time the clock was set, in the thread that set it."""
        self._listeners.append(listener)
