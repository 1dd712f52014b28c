"""The timeframes that exist, their lengths, and the clock-aligned bar that a time lies in."""

import difflib

from livermore.candles._columns import MINUTE_MS
from livermore.dates import TIMEFRAMES
from livermore.errors import TimeframeError


def timeframe_minutes(timeframe: str) -> int:
    """Return the length of a timeframe in minutes.

    Parameters
    ----------
    timeframe : str
        One of `TIMEFRAMES`. Upper and lower case differ: ``1m`` is a minute, ``1M`` thirty days.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.

    Examples
    --------
    >>> timeframe_minutes("4h")
    240
    >>> timeframe_minutes("1d")
    Traceback (most recent call last):
    livermore.errors.TimeframeError: unknown timeframe '1d'; did you mean '1D'? Timeframes: 1m, 3m, ... 1W, 1M
    """
    try:
        return TIMEFRAMES[timeframe]
    except (KeyError, TypeError):
        raise TimeframeError(_unknown(timeframe)) from None


def timeframe_ms(timeframe: str) -> int:
    """Return the length of a timeframe in milliseconds.

    Examples
    --------
    >>> timeframe_ms("1h")
    3600000
    """
    return timeframe_minutes(timeframe) * MINUTE_MS


def bucket_start(timestamp: int, timeframe: str) -> int:
    """Return when the bar that contains a time opens, in UTC ms.

    Bars align to the clock: they open at whole multiples of their length since 1970-01-01 00:00 UTC. A ``1W`` bar thus
    opens on a Thursday, and ``1M`` is thirty days, as in Jesse.

    Parameters
    ----------
    timestamp : int
        UTC ms.
    timeframe : str
        One of `TIMEFRAMES`.

    Examples
    --------
    >>> bucket_start(7 * 60_000, "5m")
    300000
    """
    length = timeframe_ms(timeframe)
    return int(timestamp) // length * length


def _unknown(timeframe: object) -> str:
    folded = {name.casefold(): name for name in reversed(list(TIMEFRAMES))}
    near = difflib.get_close_matches(str(timeframe).casefold(), folded, n=1, cutoff=0.5)
    hint = f"did you mean {folded[near[0]]!r}? " if near else ""
    return f"unknown timeframe {timeframe!r}; {hint}Timeframes: {', '.join(TIMEFRAMES)}"


__all__ = ["TIMEFRAMES", "bucket_start", "timeframe_minutes", "timeframe_ms"]
