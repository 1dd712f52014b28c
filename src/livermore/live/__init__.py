"""Live sessions: the strategy that was backtested, minute by minute, on paper."""

from livermore.live._clock import Clock, ManualClock, SystemClock

__all__ = ["Clock", "ManualClock", "SystemClock"]
