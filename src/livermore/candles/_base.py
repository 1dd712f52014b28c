"""The base candles: the smallest that a store or a run has, of which all bars are made."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from livermore.candles._columns import MINUTE_MS
from livermore.candles._timeframe import TIMEFRAMES, timeframe_ms
from livermore.candles.bar_times import BarTimes, ClockBars
from livermore.errors import TimeframeError
from livermore.typing import Rows

__all__ = ["MINUTE_BASE", "Base"]


@dataclass(frozen=True)
class Base:
    """The base candles of a store or a run: all bars are made of them, and orders are matched with them.

    Parameters
    ----------
    timeframe : str
        One of `TIMEFRAMES`.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.

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
    length: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", timeframe_ms(self.timeframe))

    @property
    def is_minutes(self) -> bool:
        """Whether the candles are of one minute, as Jesse's are."""
        return self.length == MINUTE_MS

    def bars(self, timeframe: str) -> BarTimes:
        """Return when the bars of a timeframe open and end.

        Raises
        ------
        TimeframeError
            If there is no such timeframe, or it is no whole multiple of the base.
        """
        length = timeframe_ms(timeframe)
        if length % self.length:
            fitting = [name for name in TIMEFRAMES if timeframe_ms(name) % self.length == 0]
            raise TimeframeError(
                f"the timeframe {timeframe} is no whole multiple of the base {self.timeframe}, of which its bars are "
                f"made; use {', '.join(fitting)}, or a smaller base"
            )
        return ClockBars(length, self.length)

    def end(self, time: float) -> float:
        """Return when the candle ends that opens at a time, UTC ms."""
        return self._own_bars.end(time)

    def ends(self, times: Rows) -> Rows:
        """Return `end` of each candle, shape (n,)."""
        return self._own_bars.ends(times)

    def are_openings(self, times: Rows) -> npt.NDArray[np.bool_]:
        """Return whether a candle can open at each time, UTC ms, shape (n,)."""
        return np.asarray(times % self.length == 0)

    def why_no_opening(self, times: Rows, row: int) -> tuple[str, str]:
        """Return the problem of a row in which no candle can open, and what to do about it."""
        nearest = np.diff(times).min(initial=np.inf) / MINUTE_MS
        remedy = (
            f"The nearest two candles are {nearest:.0f} minutes apart: give them as the base, or resample them"
            if nearest < self.length / MINUTE_MS
            else f"Candles of {self.timeframe} open at whole multiples of it since 1970-01-01 00:00 UTC"
        )
        return f"no candle of {self.timeframe} opens then: the timestamp is {times[row]:.0f}", remedy

    @cached_property
    def _own_bars(self) -> BarTimes:
        return self.bars(self.timeframe)


#: Candles of one minute, as Jesse has them.
MINUTE_BASE = Base()
