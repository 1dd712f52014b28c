"""Times as scripts write them, and UTC milliseconds; what time it is."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from livermore.candles import TIMEFRAMES, timeframe_minutes
from livermore.errors import DateRangeError, MissingExtraError
from livermore.trading.clock import now_ms

__all__ = [
    "arrow_to_timestamp",
    "current_1m_candle_timestamp",
    "date_diff_in_days",
    "date_to_timestamp",
    "get_arrow",
    "get_candle_start_timestamp_based_on_timeframe",
    "iso8601_to_timestamp",
    "max_timeframe",
    "next_candle_timestamp",
    "now",
    "now_to_datetime",
    "now_to_timestamp",
    "timeframe_to_one_minutes",
    "timestamp_to_arrow",
    "timestamp_to_date",
    "timestamp_to_iso8601",
    "timestamp_to_time",
    "today_to_timestamp",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def date_to_timestamp(date: str) -> int:
    """Return the UTC ms at which a day begins.

    Parameters
    ----------
    date : str
        ``YYYY-MM-DD``. A time of day after it is ignored.

    Raises
    ------
    DateRangeError
        If it is no such date.

    Examples
    --------
    >>> date_to_timestamp("2021-01-05")
    1609804800000
    """
    given: Any = date
    found = _DATE.search(given) if isinstance(given, str) else None
    try:
        day = datetime.fromisoformat(found.group()) if found else None
    except ValueError:
        day = None
    if day is None:
        raise DateRangeError(f"{date!r} is no date; write it as YYYY-MM-DD, such as 2021-01-05")
    return (day.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def timestamp_to_date(timestamp: float) -> str:
    """Return the day (UTC) of a time in UTC ms.

    Examples
    --------
    >>> timestamp_to_date(1609804800000)
    '2021-01-05'
    """
    return _datetime(timestamp).date().isoformat()


def timestamp_to_time(timestamp: float) -> str:
    """Return a time in UTC ms as ISO 8601.

    Examples
    --------
    >>> timestamp_to_time(1609804800000)
    '2021-01-05T00:00:00+00:00'
    """
    return _datetime(timestamp).isoformat()


def timestamp_to_arrow(timestamp: float) -> Any:
    """Return a time in UTC ms as an ``arrow.Arrow``; needs the package arrow.

    Raises
    ------
    MissingExtraError
        If arrow is not installed.
    """
    try:
        import arrow  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise MissingExtraError("arrow is not installed; install it with: pip install arrow") from error
    return arrow.get(_datetime(timestamp))


def get_arrow(timestamp: float) -> Any:
    """Return a time in UTC ms as an ``arrow.Arrow``; the same as `timestamp_to_arrow`."""
    return timestamp_to_arrow(timestamp)


def arrow_to_timestamp(arrow_time: Any) -> int:
    """Return the UTC ms, of whole seconds, of an ``arrow.Arrow`` or of a datetime that has a timezone.

    Examples
    --------
    >>> arrow_to_timestamp(datetime(2021, 1, 5, tzinfo=UTC))
    1609804800000
    """
    return int(arrow_time.timestamp()) * 1000


def today_to_timestamp() -> int:
    """Return the UTC ms at which today began, by the wall clock.

    Examples
    --------
    >>> today_to_timestamp() % 86_400_000
    0
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - _EPOCH) // _MILLISECOND


def now(force_fresh: bool = False) -> int:
    """Return the time in UTC ms: that of the session in a backtest, otherwise the wall clock's.

    Parameters
    ----------
    force_fresh : bool
        Accepted for Jesse's sake; the answer is always fresh.

    Examples
    --------
    >>> now() > 1_600_000_000_000
    True
    """
    return now_to_timestamp(force_fresh)


def now_to_timestamp(force_fresh: bool = False) -> int:
    """Return the time in UTC ms; the same as `now`.

    Examples
    --------
    >>> now_to_timestamp() > 1_600_000_000_000
    True
    """
    return int(now_ms())


def timeframe_to_one_minutes(timeframe: str) -> int:
    """Return the length of a timeframe in minutes.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.

    Examples
    --------
    >>> timeframe_to_one_minutes("1D")
    1440
    """
    return timeframe_minutes(timeframe)


def max_timeframe(timeframes_list: Iterable[str]) -> str:
    """Return the longest of some timeframes, ``1m`` if there are none.

    Raises
    ------
    TimeframeError
        If one of them does not exist.

    Examples
    --------
    >>> max_timeframe(["1m", "1W", "4h"])
    '1W'
    """
    return max(timeframes_list, key=timeframe_minutes, default=next(iter(TIMEFRAMES)))


def _datetime(timestamp: float) -> datetime:
    return _EPOCH + int(timestamp) * _MILLISECOND


def timestamp_to_iso8601(timestamp: float) -> str:
    """Return a time in UTC ms as ISO 8601; the same as `timestamp_to_time`.

    Examples
    --------
    >>> timestamp_to_iso8601(1609804800001)
    '2021-01-05T00:00:00.001000+00:00'
    """
    return timestamp_to_time(timestamp)


def iso8601_to_timestamp(iso8601: str) -> int:
    """Return the UTC ms, of whole seconds, of a time such as ``2021-01-05T00:00:00.000Z``.

    Raises
    ------
    DateRangeError
        If it is no such time.

    Examples
    --------
    >>> iso8601_to_timestamp("2021-01-05T00:00:00.123Z")
    1609804800000
    """
    try:
        found = datetime.strptime(iso8601, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError as error:
        raise DateRangeError(f"{iso8601!r} is no time such as 2021-01-05T00:00:00.000Z") from error
    return arrow_to_timestamp(found.replace(tzinfo=UTC))


def now_to_datetime() -> datetime:
    """Return the time as a datetime in UTC: that of the session in a backtest, otherwise the wall clock's.

    Examples
    --------
    >>> str(now_to_datetime().tzinfo)
    'UTC'
    """
    return _datetime(now_ms())


def current_1m_candle_timestamp() -> int:
    """Return the UTC ms at which the current minute began.

    Examples
    --------
    >>> current_1m_candle_timestamp() % 60_000
    0
    """
    return now() // 60_000 * 60_000


def get_candle_start_timestamp_based_on_timeframe(timeframe: str, num_candles_to_fetch: int) -> int:
    """Return the UTC ms that lie so many candles before now.

    Raises
    ------
    TimeframeError
        If there is no such timeframe.

    Examples
    --------
    >>> get_candle_start_timestamp_based_on_timeframe("1h", 10) < now_to_timestamp()
    True
    """
    return now() - num_candles_to_fetch * timeframe_minutes(timeframe) * 60_000


def next_candle_timestamp(candle: Sequence[float], timeframe: str) -> float:
    """Return the UTC ms at which the candle after this one opens.

    Examples
    --------
    >>> next_candle_timestamp([1609804800000, 1, 1, 1, 1, 1], "1h")
    1609808400000
    """
    return candle[0] + timeframe_minutes(timeframe) * 60_000


def date_diff_in_days(date1: Any, date2: Any) -> int:
    """Return how many whole days lie between two ``arrow.Arrow`` or datetimes, in either order.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> date_diff_in_days(datetime(2021, 1, 5, tzinfo=UTC), datetime(2021, 1, 2, tzinfo=UTC))
    3
    """
    if not all(hasattr(date, "timestamp") for date in (date1, date2)):
        raise TypeError(f"dates must be Arrow instances or datetimes, got {date1!r} and {date2!r}")
    return int(abs(date1.timestamp() - date2.timestamp()) // 86_400)
