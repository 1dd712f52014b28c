"""Local times of a zone as UTC: daylight saving, the hour that is there twice, and the one that is not there."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from livermore.candles._check import Refusal, utc_text
from livermore.errors import CandleError
from livermore.typing import Booleans, Integers

__all__ = ["check_zone", "local_to_utc"]

_HOUR_MS = 3_600_000
_FIXED = re.compile(r"(?i)(?:utc|gmt|)([+-])(\d{1,2})(?::?(\d{2}))?")
_SHIFTED = re.compile(r"(?P<zone>[A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)(?P<hours>[+-]\d{1,2})h")
_REMEDY = (
    'Name a zone as in "America/New_York", an offset as in "UTC+2", or a zone and a distance as in '
    '"America/New_York+7h" (brokers of MetaTrader whose days end at 17:00 in New York)'
)


def check_zone(zone: str) -> None:
    """Refuse the name of a time zone that does not exist.

    Examples
    --------
    >>> for zone in ("UTC", "UTC-5", "+05:30", "America/New_York", "America/New_York+7h"):
    ...     check_zone(zone)
    >>> check_zone("Mars/Olympus")
    Traceback (most recent call last):
    livermore.errors.CandleError: timezone='Mars/Olympus' is no time zone. Name a zone as in "America/New_York", ...
    """
    _parts(zone)


def _parts(zone: str) -> tuple[str | None, int]:
    """Return the zone whose changes count, None without any, and the distance from it in ms."""
    fixed = _FIXED.fullmatch(zone)
    if fixed is not None:
        minutes = 60 * int(fixed[2]) + int(fixed[3] or 0)
        if minutes <= 14 * 60 and int(fixed[3] or 0) < 60:
            return None, (-1 if fixed[1] == "-" else 1) * minutes * 60_000
    shifted = _SHIFTED.fullmatch(zone)
    name, distance = (zone, 0) if shifted is None else (shifted["zone"], int(shifted["hours"]) * _HOUR_MS)
    if name.upper() in ("UTC", "GMT", "Z"):
        return None, distance
    try:
        pc.assume_timezone(pa.scalar(0, pa.timestamp("ms")), name)
    except pa.ArrowException as error:
        raise CandleError(f"timezone={zone!r} is no time zone. {_REMEDY}.") from error
    return name, distance


def local_to_utc(times: Integers, zone: str, repeated_hour: str, refuse: Refusal) -> Integers:
    """Return local times as UTC, both in ms.

    An hour that is there twice, when clocks are set back, is told apart by the order of rows: its first pass belongs
    to summer time. Where only one pass is there, `repeated_hour` says which it is.

    Parameters
    ----------
    times : ndarray of shape (n,)
        In the order of the file, ascending or descending.
    zone : str
        ``"UTC"``, ``"UTC+2"``, a name of the IANA database, or a name and a distance in hours:
        ``"America/New_York+7h"``.
    repeated_hour : {"refuse", "first", "second"}
        Which pass a time of the repeated hour belongs to if the order does not tell.
    refuse : callable
        Makes the error for a row.
    """
    name, distance = _parts(zone)
    shifted = times - distance
    if name is None or not len(times):
        return shifted
    local = pa.array(shifted).cast(pa.timestamp("ms"))
    earliest = _assumed(local, name, "earliest")
    back = pc.local_timestamp(pa.array(earliest).cast(pa.timestamp("ms", tz=name))).cast(pa.int64()).to_numpy()
    absent = back != shifted
    if absent.any():
        row = int(absent.argmax())
        raise refuse(
            row,
            f"the time {utc_text(times[row]).removesuffix(' UTC')} does not exist in the zone {zone}: clocks are set "
            "forward there",
            "Is the zone right? Give another with timezone= (--timezone)",
        )
    latest = _assumed(local, name, "latest")
    is_repeated = earliest != latest
    if not is_repeated.any():
        return earliest
    descends = times[-1] < times[0]
    order = slice(None, None, -1) if descends else slice(None)
    second, is_open = (rows[order] for rows in _second_passes(times[order], is_repeated[order]))
    if is_open.any() and repeated_hour == "refuse":
        row = int(is_open.argmax())
        raise refuse(
            row,
            f"the time {utc_text(times[row]).removesuffix(' UTC')} is there twice in the zone {zone}: clocks are set "
            "back, and the rows do not tell which of the two is meant",
            'Say which: repeated_hour="first" or "second" (on the command line --repeated-hour)',
        )
    if repeated_hour == "second":
        second = second | is_open
    return np.where(second, latest, earliest)


def _assumed(local: Any, name: str, which: str) -> Integers:
    zoned = pc.assume_timezone(local, name, ambiguous=which, nonexistent="earliest")
    return np.asarray(zoned.cast(pa.int64()).to_numpy())


def _second_passes(times: Integers, is_repeated: Booleans) -> tuple[Booleans, Booleans]:
    """Return which rows, in ascending order, are of the second pass of a repeated hour, and of which that is open.

    In each run of such rows the time steps back once, where the second pass begins.
    """
    second = np.zeros(len(times), dtype=bool)
    is_open = np.zeros(len(times), dtype=bool)
    edges = np.flatnonzero(np.diff(np.r_[False, is_repeated, False].astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        steps_back = np.flatnonzero(np.diff(times[begin:end]) <= 0)
        if len(steps_back) == 1:
            second[begin + steps_back[0] + 1 : end] = True
        else:
            is_open[begin:end] = True
    return second, is_open
