"""Dates that people write, in UTC ms."""

from datetime import UTC, datetime

from livermore.errors import DateRangeError

__all__ = ["date_ms"]


def date_ms(text: str) -> int:
    """Return the time of a day, or of a minute, in UTC ms.

    Parameters
    ----------
    text : str
        ``"2024-01-31"``, or ``"2024-01-31 14:30"``; UTC.

    Raises
    ------
    DateRangeError
        If the text is neither.

    Examples
    --------
    >>> date_ms("1970-01-02"), date_ms("1970-01-01 00:01")
    (86400000, 60000)
    """
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()) * 1000
        except (ValueError, TypeError):
            continue
    raise DateRangeError(f"the date {text!r} must be a day such as 2024-01-31, or a minute such as 2024-01-31 14:30.")
