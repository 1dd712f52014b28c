"""Trading hours: which candles fall into the hours in which a market is to be traded.

A schedule is a dict::

    {
        "timezone": "America/New_York",
        "hours": {"Mon-Thu": "09:30-16:00", "Fri": ["09:30-12:00", "13:00-16:00"]},
        "closed": ["2024-12-25"],
        "overrides": {"2024-12-24": "09:30-13:00"},
    }

Windows are in local time, from their opening until before their close; one that closes before it opens lasts into the
next day, and ``24:00`` is a day's end. Days that are not listed are closed. A window belongs to the day that it opens
on: a closed day has none of its own, and the last hours of the day before may still reach into it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from livermore.candles import TIMESTAMP
from livermore.candles._schedule import Schedule
from livermore.typing import Rows

__all__ = ["filter_candles_by_hours", "is_in_trading_hours"]

Hours = Mapping[str, Any] | None


def filter_candles_by_hours(candles: Rows, hours: Hours) -> Rows:
    """Return the candles that open inside of the trading hours.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles.
    hours : dict or None
        A schedule as described above; None keeps all candles.

    Returns
    -------
    ndarray of shape (m, 6)

    Raises
    ------
    ConfigError
        If the schedule has unknown keys, days, times, dates or no such timezone. It is a ``ValueError``.

    Examples
    --------
    >>> import numpy as np
    >>> candles = np.zeros((48, 6))
    >>> candles[:, 0] = 3_600_000 * np.arange(48)  # Thursday and Friday
    >>> evening = filter_candles_by_hours(candles, {"timezone": "Asia/Tokyo", "hours": {"Thu": "20:00-02:00"}})
    >>> (evening[:, 0] / 3_600_000).tolist()
    [11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
    """
    if hours is None:
        return candles
    schedule = Schedule.parsed(hours)
    return np.asarray(candles[schedule.includes_each(candles[:, TIMESTAMP].astype(np.int64))])


def is_in_trading_hours(timestamp: float, hours: Hours) -> bool:
    """Tell whether a time, in UTC ms, is inside of the trading hours; with None it always is.

    Raises
    ------
    ConfigError
        As `filter_candles_by_hours`.

    Examples
    --------
    >>> is_in_trading_hours(0, {"timezone": "America/New_York", "hours": {"Wed": "16:00-20:00"}})
    True
    """
    if hours is None:
        return True
    return Schedule.parsed(hours).includes(int(timestamp))
