"""The limit of a day's loss."""

from numbers import Real
from typing import Any

from livermore.errors import ConfigError

__all__ = ["DailyLoss"]

DAY_MS = 86_400_000
#: By how much, as a fraction, a loss may seem to be smaller than it is.
ROUNDING = 1e-9


class DailyLoss:
    """Whether a session has lost too much on a UTC day. Once reached it stays so until the next day, also after gains.

    Parameters
    ----------
    limit : float
        The largest loss, as a fraction of the equity at the beginning of the day, or of the session.
    equity : float
        At the start of the session.

    Examples
    --------
    >>> losses = DailyLoss(0.1, 1_000)
    >>> losses.take(0, 899)
    >>> losses.take(60_000, 1_100)
    >>> losses.is_reached(120_000), losses.is_reached(86_400_000)
    (True, False)
    """

    def __init__(self, limit: float, equity: float) -> None:
        given: Any = limit
        if not isinstance(given, Real) or not 0 < limit < 1:
            raise ConfigError(f"max_daily_loss must be a fraction between 0 and 1; it is {limit!r}")
        self.limit = limit
        self._first = self._last = equity
        self._day: int | None = None
        self._reached_on: int | None = None

    def take(self, minute: int, equity: float) -> None:
        """Take the equity at the end of a minute; `minute` is when it opened, UTC ms."""
        day = minute // DAY_MS
        if day != self._day:
            self._day, self._first = day, self._last
        self._last = equity
        # A loss of the limit itself counts, however its fraction is rounded: 930 is 7 % below 1000.
        if self._first - equity >= self._first * self.limit * (1 - ROUNDING):
            self._reached_on = day

    def is_reached(self, minute: int) -> bool:
        """Return whether nothing is to be opened in a minute because of the losses of its day."""
        return self._reached_on == minute // DAY_MS
