"""Requests that are made again when an exchange or the network fails, with longer and longer pauses."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from livermore.errors import ExchangeError

__all__ = ["Retry"]

_Answer = TypeVar("_Answer")
# Seconds.
_LONGEST_ASKED_PAUSE = 600.0


@dataclass(frozen=True)
class Retry:
    """How often a request is made, and how long to wait in between.

    Attributes
    ----------
    tries : int
        How often a request is made at most.
    first_pause, longest_pause : float
        Seconds. Each pause is twice as long as the one before, unless the exchange itself says how long to wait.
    sleep : callable
        Called with seconds.

    Examples
    --------
    >>> pauses = []
    >>> Retry(sleep=pauses.append).pause(3, None)
    >>> pauses
    [8.0]
    """

    tries: int = 6
    first_pause: float = 1.0
    longest_pause: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def call(self, request: Callable[[], _Answer], source: Any, what: str) -> _Answer:
        """Make a request of the ccxt exchange `source` until it is answered.

        Raises
        ------
        ExchangeError
            If it fails for good: the last failure, with what was asked for (`what`) and how often.
        """
        import ccxt

        for failures in range(self.tries):
            try:
                return request()
            except (ccxt.OperationFailed, BadAnswerError) as error:
                # The network, a limit of requests, the exchange is down: it may work in a while.
                if failures + 1 == self.tries:
                    raise ExchangeError(
                        f"{what}: it failed {self.tries} times, the last time with: {_told(error)}. When you "
                        "run it again later, a download goes on from what is stored."
                    ) from error
                self.pause(failures, _asked_pause(source))
            except ccxt.BaseError as error:
                raise ExchangeError(f"{what}: the exchange refuses: {_told(error)}") from error
        raise AssertionError

    def pause(self, failures: int, asked: float | None) -> None:
        """Wait after so many failures before, or as long as the exchange asks for if that is longer."""
        own = min(self.longest_pause, self.first_pause * 2.0**failures)
        self.sleep(own if asked is None else max(own, asked))


class BadAnswerError(Exception):
    """An answer that cannot be what the exchange means; asking again may help."""


def _told(error: Exception) -> str:
    """Return the message of an error in one line of a length that a terminal shows."""
    text = " ".join(f"{type(error).__name__} {error}".split())
    return text if len(text) <= 300 else f"{text[:300]}..."


def _asked_pause(source: Any) -> float | None:
    """Return the seconds that the last answer asked to wait (HTTP's Retry-After)."""
    headers = getattr(source, "last_response_headers", None) or {}
    try:
        # A day is no pause for a program that somebody watches.
        return min(_LONGEST_ASKED_PAUSE, float(headers["Retry-After"]))
    except (LookupError, TypeError, ValueError):  # not given, or given as a date
        return None
