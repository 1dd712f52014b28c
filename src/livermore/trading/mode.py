"""Whether what runs is a backtest, paper trading or live trading, for helpers that ask without holding the session."""

from contextvars import ContextVar
from typing import Literal

from livermore.trading.clock import session_clock

__all__ = ["SessionMode", "running_mode", "session_mode"]

SessionMode = Literal["backtest", "papertrade", "livetrade"]

#: Set by sessions that are not backtests.
session_mode: ContextVar[SessionMode] = ContextVar("session_mode", default="backtest")


def running_mode() -> SessionMode | None:
    """Return the mode of the session that runs in this thread or task; None outside of one.

    Examples
    --------
    >>> running_mode() is None
    True
    """
    return None if session_clock.get() is None else session_mode.get()
