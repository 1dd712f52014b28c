"""Which larger timeframe goes with a smaller one."""

from livermore.candles import timeframe_minutes

__all__ = ["anchor_timeframe", "timeframe_to_one_minutes"]

_ANCHORS = {
    "1m": "5m",
    "3m": "15m",
    "5m": "30m",
    "15m": "2h",
    "30m": "3h",
    "45m": "3h",
    "1h": "4h",
    "2h": "6h",
    "3h": "1D",
    "4h": "1D",
    "6h": "1D",
    "8h": "1D",
    "12h": "1D",
}


def anchor_timeframe(timeframe: str) -> str:
    """Return the timeframe in which to look for the trend that a timeframe trades in.

    Raises
    ------
    KeyError
        If there is none: for a day and more.
    TimeframeError
        If there is no such timeframe.

    Examples
    --------
    >>> anchor_timeframe("15m")
    '2h'
    """
    timeframe_minutes(timeframe)
    return _ANCHORS[timeframe]


def timeframe_to_one_minutes(timeframe: str) -> int:
    """Return the length of a timeframe in minutes.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.

    Examples
    --------
    >>> timeframe_to_one_minutes("4h")
    240
    """
    return timeframe_minutes(timeframe)
