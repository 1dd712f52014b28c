"""Times as text for people: in UTC, by day or by minute."""

from datetime import UTC, datetime

__all__ = ["FEWEST_DAYS_PER_YEAR", "day", "days", "minute"]

#: Stretches of fewer days are not extrapolated to a year: no annual return, no Sharpe ratio per year.
FEWEST_DAYS_PER_YEAR = 30


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
