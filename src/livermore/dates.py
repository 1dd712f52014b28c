"""Times as text for people, in UTC, by day or by minute; and the timeframes that exist, with their lengths."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

__all__ = ["FEWEST_DAYS_PER_YEAR", "TIMEFRAMES", "day", "days", "minute"]

#: Stretches of fewer days are not extrapolated to a year: no annual return, no Sharpe ratio per year.
FEWEST_DAYS_PER_YEAR = 30
#: Length of each timeframe in minutes.
TIMEFRAMES: Mapping[str, int] = MappingProxyType(
    {
        "1m": 1,
        "3m": 3,
        "5m": 5,
        "15m": 15,
        "30m": 30,
        "45m": 45,
        "1h": 60,
        "2h": 120,
        "3h": 180,
        "4h": 240,
        "6h": 360,
        "8h": 480,
        "12h": 720,
        "1D": 1440,
        "3D": 4320,
        "1W": 10080,
        "1M": 43200,
    }
)


def day(seconds: float) -> str:
    """Return the day of a time in UTC seconds.

    Examples
    --------
    >>> day(1_700_000_000)
    '2023-11-14'
    """
    return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d}"


def days(first: float, last: float) -> str:
    """Return the days of two times in UTC seconds.

    Examples
    --------
    >>> days(1_700_000_000, 1_702_000_000)
    '2023-11-14 → 2023-12-08'
    """
    return f"{day(first)} → {day(last)}"


def minute(seconds: float) -> str:
    """Return the day and the minute of a time in UTC seconds.

    Examples
    --------
    >>> minute(1_700_000_000)
    '2023-11-14 22:13'
    """
    return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d %H:%M}"
