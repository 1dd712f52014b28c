"""The rules that candles must keep, and the messages for those that break one."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._columns import CLOSE, COLUMN_NAMES, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.candles.minutes import are_sound
from livermore.errors import CandleError, FrameError
from livermore.frames import candle_rows, is_frame
from livermore.typing import Rows

Rule = Literal["time", "order", "duplicate", "value"]
#: Makes the error for a row of a file from what is wrong with it and what to do.
Refusal = Callable[[int, str, str], CandleError]

# The last millisecond of the year 9999; what lies beyond is not in milliseconds.
_LAST_MS = 253_402_300_799_999


def check_candles(candles: Any, *, name: str = "candles", base: Base | str = MINUTE_BASE) -> Rows:
    """Refuse candles that break a rule, and return them as a contiguous array of floats.

    Gaps (missing minutes) are allowed, and so are prices of zero or less, as futures and spreads can have them: what is
    refused at such prices is an order.

    Parameters
    ----------
    candles : ndarray of shape (n, 6), n >= 1, or a frame of pandas, Polars or Arrow
        UTC ms, open, close, high, low, volume. Integers are accepted. For frames see `livermore.frames.candle_rows`.
    name : str
        What the candles are of, for the messages: ``"Binance Spot-BTC-USDT"``.
    base : Base or str
        When candles can open; by default at each whole minute.

    Returns
    -------
    ndarray of shape (n, 6), float64, C-contiguous
        `candles` itself where it is one already.

    Raises
    ------
    CandleError
        If the shape is another; if times are not finite, no openings of the base, not ascending or there twice; if a
        price or volume is NaN or infinite; if high is below low, or open or close outside of them; if a volume is
        negative. The message names the series, the row, its time and the values.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[0, 10, 11, 12, 9, 5], [60_000, 11, 13, 12, 11, 3]], dtype=float)
    >>> check_candles(rows[:1]) is rows[:1].base
    False
    >>> check_candles(rows, name="BTC-USDT")
    Traceback (most recent call last):
    livermore.errors.CandleError: BTC-USDT: row 1 (1970-01-01 00:01 UTC): close 13.0 is above high 12.0. ...
    """
    rows = _as_rows(candles, name)
    fault = find_fault(rows, Base.of(base))
    if fault is not None:
        raise CandleError(fault.sentence(name, f"row {fault.row}"))
    return rows


class Fault(NamedTuple):
    """The first thing found wrong in rows of candles, and the row that has it."""

    row: int
    time_ms: float
    problem: str
    remedy: str
    rule: Rule = "value"

    def sentence(self, name: str, place: str) -> str:
        """Return the message for the series `name`, with the row described as `place` (``"row 7"``, ``"line 9"``)."""
        return f"{name}: {place} ({utc_text(self.time_ms)}): {self.problem}. {self.remedy}."


def find_fault(rows: Rows, base: Base = MINUTE_BASE) -> Fault | None:
    """Return the first rule that rows of shape (n, 6), float64, break, at the first row that breaks it."""
    if are_sound(rows, base.step, _LAST_MS) and (not base.has_sessions or base.are_openings(rows[:, TIMESTAMP]).all()):
        return None
    for rule in (partial(_time_fault, base=base), _number_fault, _price_fault):
        fault = rule(rows)
        if fault is not None:
            return fault
    return None


def utc_text(time_ms: float) -> str:
    """Format a time in UTC ms for a message; any number is accepted.

    Examples
    --------
    >>> utc_text(1_641_000_060_000), utc_text(float("nan"))
    ('2022-01-01 01:21 UTC', 'timestamp nan')
    """
    if not (np.isfinite(time_ms) and -62_135_596_800_000 <= time_ms <= _LAST_MS):
        return f"timestamp {time_ms}"
    seconds, rest = divmod(int(time_ms), 1000)
    time = datetime.fromtimestamp(seconds, UTC)
    spec = "minutes" if seconds % 60 == 0 and rest == 0 else "seconds"
    return f"{time.replace(tzinfo=None).isoformat(' ', spec)}{f'.{rest:03d}' if rest else ''} UTC"


def each_once(rows: Rows, conflict: Callable[[str, str], Exception]) -> Rows:
    """Return rows, in the order of time, with each time once.

    `conflict` makes the error for two rows of one time that differ: from that time, and the values of both as text.
    """
    again = np.flatnonzero(rows[1:, TIMESTAMP] == rows[:-1, TIMESTAMP])
    for row in again:
        if (rows[row] != rows[row + 1]).any():
            values = f"({', '.join(COLUMN_NAMES[1:])}): {rows[row, 1:].tolist()} and {rows[row + 1, 1:].tolist()}"
            raise conflict(utc_text(rows[row, TIMESTAMP]), values)
    return np.delete(rows, again, axis=0)


def _as_rows(candles: Any, name: str) -> Rows:
    if is_frame(candles):
        try:
            candles = candle_rows(candles)
        except FrameError as error:
            raise CandleError(f"{name}: {error}") from error
    if not isinstance(candles, np.ndarray):
        raise CandleError(
            f"{name}: candles must be a numpy array, not {type(candles).__name__}. Use np.asarray(...) or a frame."
        )
    # Looking at numpy.ma imports it (12 ms), which a plain array needs not.
    is_plain = type(candles) is np.ndarray
    if not is_plain and isinstance(candles, np.ma.MaskedArray) and np.ma.getmaskarray(candles).any():
        masked = int(np.ma.getmaskarray(candles).any(axis=tuple(range(1, candles.ndim))).argmax())
        raise CandleError(f"{name}: row {masked} is masked. Leave minutes without trades out; gaps are allowed.")
    shape = f"an array of shape {candles.shape}"
    if candles.ndim != 2 or candles.shape[1] != len(COLUMN_NAMES):
        columns = ", ".join(COLUMN_NAMES)
        raise CandleError(f"{name}: candles must be rows of 6 columns ({columns}), not {shape}.")
    if len(candles) == 0:
        raise CandleError(f"{name}: there are no candles ({shape}). Give at least one row.")
    if candles.dtype.kind not in "iuf":
        raise CandleError(f"{name}: candles must be numbers, not {candles.dtype}. Use candles.astype(float).")
    return np.ascontiguousarray(candles, dtype=np.float64)


def _time_fault(rows: Rows, base: Base = MINUTE_BASE) -> Fault | None:
    times = rows[:, TIMESTAMP]
    faults = (
        (lambda: ~np.isfinite(times), _not_finite),
        (lambda: np.abs(times) > _LAST_MS, _too_large),
        (lambda: times % MINUTE_MS != 0, _not_a_minute),
        (lambda: np.r_[False, times[1:] <= times[:-1]], _not_ascending),
        (lambda: ~base.are_openings(times), partial(_not_an_opening, base=base)),
    )
    return _first_of(rows, faults)


def _number_fault(rows: Rows) -> Fault | None:
    found = np.argwhere(~np.isfinite(rows))
    if len(found) == 0:
        return None
    row, column = found[0]
    problem = f"{COLUMN_NAMES[column]} is {rows[row, column]}"
    return _fault(rows, int(row), problem, "Leave minutes without trades out; gaps are allowed")


def _price_fault(rows: Rows) -> Fault | None:
    open_, close, high, low = (rows[:, column] for column in (OPEN, CLOSE, HIGH, LOW))
    faults = (
        (lambda: high < low, _order(HIGH, "below", LOW)),
        (lambda: open_ > high, _order(OPEN, "above", HIGH)),
        (lambda: open_ < low, _order(OPEN, "below", LOW)),
        (lambda: close > high, _order(CLOSE, "above", HIGH)),
        (lambda: close < low, _order(CLOSE, "below", LOW)),
        (lambda: rows[:, VOLUME] < 0, _negative_volume),
    )
    return _first_of(rows, faults)


_Check = tuple[Callable[[], npt.NDArray[np.bool_]], Callable[[Rows, int], Fault]]


def _first_of(rows: Rows, rules: tuple[_Check, ...]) -> Fault | None:
    for broken, describe in rules:
        mask = broken()
        if mask.any():
            return describe(rows, int(mask.argmax()))
    return None


def _fault(rows: Rows, row: int, problem: str, remedy: str, rule: Rule = "value") -> Fault:
    return Fault(row, float(rows[row, TIMESTAMP]), problem, remedy, rule)


def _not_finite(rows: Rows, row: int) -> Fault:
    return _fault(
        rows, row, f"the timestamp is {rows[row, TIMESTAMP]}", "Every candle needs its opening time in UTC ms"
    )


def _too_large(rows: Rows, row: int) -> Fault:
    problem = f"the timestamp {rows[row, TIMESTAMP]:.0f} is no time in milliseconds"
    return _fault(rows, row, problem, "Divide microseconds by 1,000 and nanoseconds by 1,000,000", "time")


def _not_a_minute(rows: Rows, row: int) -> Fault:
    first = rows[:, TIMESTAMP]
    if np.abs(first).max() < 1e11 and (first % 60 == 0).all():
        remedy = "These look like seconds: multiply them by 1,000"
    elif len(np.unique(first[:1000] % MINUTE_MS)) == 1:
        remedy = "All are off by the same: give the times at which the candles open, not at which they close"
    else:
        remedy = "Candles open on whole minutes: timestamps are multiples of 60,000"
    return _fault(
        rows, row, f"the timestamp {rows[row, TIMESTAMP]:.0f} is not a whole minute in UTC ms", remedy, "time"
    )


def _not_an_opening(rows: Rows, row: int, base: Base) -> Fault:
    problem, remedy = base.why_no_opening(rows[:, TIMESTAMP], row)
    return _fault(rows, row, problem, remedy, "time")


def _not_ascending(rows: Rows, row: int) -> Fault:
    before = rows[row - 1, TIMESTAMP]
    if before == rows[row, TIMESTAMP]:
        other = f"row {row - 1} has the same time"
        return _fault(rows, row, f"the time is there twice: {other}", "Keep one candle per time", "duplicate")
    if (rows[:row, TIMESTAMP] == rows[row, TIMESTAMP]).any():
        earlier = int((rows[:row, TIMESTAMP] == rows[row, TIMESTAMP]).argmax())
        problem = f"the time is there twice: row {earlier} has it, too, and the rows between are later"
        return _fault(rows, row, problem, "Keep one candle per time and sort by time", "order")
    problem = f"the time is before that of the row above it, {utc_text(before)}"
    return _fault(rows, row, problem, "Sort the candles by time: candles[candles[:, 0].argsort()]", "order")


def _order(column: int, relation: str, bound: int) -> Callable[[Rows, int], Fault]:
    def describe(rows: Rows, row: int) -> Fault:
        value, limit = float(rows[row, column]), float(rows[row, bound])
        problem = f"{COLUMN_NAMES[column]} {value} is {relation} {COLUMN_NAMES[bound]} {limit}"
        return _fault(rows, row, problem, f"Columns are {', '.join(COLUMN_NAMES)}: is the order right?")

    return describe


def _negative_volume(rows: Rows, row: int) -> Fault:
    return _fault(rows, row, f"volume {rows[row, VOLUME]} is negative", "Write 0 where the volume is not known")


__all__ = ["Fault", "Refusal", "check_candles", "each_once", "find_fault", "utc_text"]
