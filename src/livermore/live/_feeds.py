"""Where the closed minutes of a live session come from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from livermore.candles import MINUTE_MS, TIMESTAMP, check_candles
from livermore.errors import CandleError
from livermore.live._clock import Clock, ManualClock
from livermore.typing import Rows

__all__ = ["Feed", "Minute", "RowsFeed", "StoredFeed"]


class Minute(NamedTuple):
    """The closed candles of one minute.

    Attributes
    ----------
    time : int
        When the minute opened, UTC ms.
    rows : mapping of str to array of shape (6,)
        By symbol. A symbol without a trade in the minute is missing.

    Examples
    --------
    >>> import numpy as np
    >>> minute = Minute(1_704_067_200_000, {"BTC-USDT": np.array([1_704_067_200_000, 10, 11, 12, 9, 5.0])})
    >>> "ETH-USDT" in minute.rows
    False
    """

    time: int
    rows: Mapping[str, Rows]


class Feed(Protocol):
    """A source of closed minutes, which never waits itself: the session sleeps on the feed's clock.

    Attributes
    ----------
    clock : Clock
        Tells how old a minute is.

    Examples
    --------
    >>> from livermore.live import ManualClock
    >>> class Queue:
    ...     def __init__(self, minutes):
    ...         self.clock, self.minutes = ManualClock(0), minutes
    ...
    ...     def poll(self, earliest):
    ...         return [minute for minute in self.minutes if earliest <= minute.time <= self.clock.now() - 60_000]
    ...
    ...     def due(self):
    ...         return min((minute.time + 60_000 for minute in self.minutes), default=None)
    ...
    ...     def take_notes(self):
    ...         return []
    >>> feed: Feed = Queue([Minute(0, {"BTC-USDT": [0, 10, 11, 12, 9, 5]})])
    >>> feed.clock.sleep_until(feed.due())
    >>> [minute.time for minute in feed.poll(0)]
    [0]
    """

    @property
    def clock(self) -> Clock:
        """Tells how old a minute is."""
        ...

    def poll(self, earliest: int) -> Sequence[Minute]:
        """Return the minutes that have closed, in order, without a hole that could still be filled.

        Parameters
        ----------
        earliest : int
            Opening time of the first minute that is wanted, UTC ms.
        """
        ...

    def due(self) -> int | None:
        """Return when it makes sense to poll again, UTC ms; None if no minute will ever come."""
        ...

    def take_notes(self) -> list[str]:
        """Return what the feed has to say since the last call: failed requests, changed candles."""
        ...


class StoredFeed:
    """Stored candles, one minute after another.

    Parameters
    ----------
    candles : mapping of str to array of shape (n, 6)
        One-minute candles by symbol.
    clock : Clock, optional
        A minute is given when it is over by this clock. By default a `ManualClock`: at full speed.

    Raises
    ------
    CandleError
        If candles break a rule.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> feed = StoredFeed({"BTC-USDT": synthetic_candles(3, seed=1)})
    >>> start = feed.clock.now()
    >>> feed.poll(start), feed.due() - start
    ([], 60000)
    >>> feed.clock.sleep_until(feed.due())
    >>> [minute.time - start for minute in feed.poll(start)]
    [0]
    """

    def __init__(self, candles: Mapping[str, Rows], *, clock: Clock | None = None) -> None:
        self._rows = {symbol: check_candles(given, name=symbol) for symbol, given in candles.items()}
        if not self._rows:
            raise CandleError("a feed needs the candles of at least one symbol: {'BTC-USDT': candles}")
        # By symbol, the first row that was not given yet. Rows are not taken apart before: a month of them would take
        # more memory than all else.
        self._next = dict.fromkeys(self._rows, 0)
        self._due = self._earliest()
        self.clock: Clock = ManualClock(self._due or 0) if clock is None else clock

    def poll(self, earliest: int) -> Sequence[Minute]:
        """Return the minutes from `earliest` on that are over by the clock."""
        found: list[Minute] = []
        now = self.clock.now()
        while self._due is not None and self._due + MINUTE_MS <= now:
            time, rows = self._due, {}
            for symbol, table in self._rows.items():
                row = self._next[symbol]
                if row < len(table) and table[row, TIMESTAMP] == time:
                    rows[symbol] = table[row]
                    self._next[symbol] = row + 1
            self._due = self._earliest()
            if time >= earliest:
                found.append(Minute(time, rows))
        return found

    def due(self) -> int | None:
        """Return when the next minute is over; None after the last."""
        return None if self._due is None else self._due + MINUTE_MS

    def take_notes(self) -> list[str]:
        """Return nothing."""
        return []

    def _earliest(self) -> int | None:
        """Return when the next minute opens; None after the last."""
        rows = ((table, self._next[symbol]) for symbol, table in self._rows.items())
        return min((int(table[row, TIMESTAMP]) for table, row in rows if row < len(table)), default=None)


class RowsFeed:
    """A user's own iterator of minutes.

    Parameters
    ----------
    minutes : iterable of mapping
        Each the closed candles of one minute: symbol to a row of opening time (UTC ms), open, close, high, low, volume.
        The session asks for the next when it is done with the last, and waits as long as the iterator does.
    clock : Clock, optional
        By which minutes are late. By default a `ManualClock` that follows the minutes: none ever is.

    Examples
    --------
    >>> feed = RowsFeed([{"BTC-USDT": [0, 10, 11, 12, 9, 1]}, {"BTC-USDT": [60_000, 11, 11, 11, 11, 0]}])
    >>> [minute.time for minute in feed.poll(0)], [minute.time for minute in feed.poll(0)], feed.due()
    ([0], [60000], 120000)
    >>> feed.poll(0), feed.due()
    ([], None)
    """

    def __init__(
        self, minutes: Iterable[Mapping[str, Sequence[float] | Rows | None]], *, clock: Clock | None = None
    ) -> None:
        self._minutes: Iterator[Mapping[str, Sequence[float] | Rows | None]] = iter(minutes)
        self._follows = clock is None
        self.clock: Clock = ManualClock(0) if clock is None else clock
        self._ended = False

    def poll(self, earliest: int) -> Sequence[Minute]:
        """Return the next minute of the iterator that opens at `earliest` or later."""
        for given in self._minutes:
            rows = _rows_of(given)
            if not rows:
                continue
            time = _opening_time(rows)
            if self._follows:
                self.clock.sleep_until(time + MINUTE_MS)
            if time >= earliest:
                return [Minute(time, rows)]
        self._ended = True
        return []

    def due(self) -> int | None:
        """Return now, or None once the iterator has ended."""
        return None if self._ended else self.clock.now()

    def take_notes(self) -> list[str]:
        """Return nothing."""
        return []


def _rows_of(given: Mapping[str, Sequence[float] | Rows | None]) -> dict[str, Rows]:
    if not isinstance(given, Mapping):
        raise CandleError(f"a minute of a feed is a mapping of symbol to candle, not {type(given).__name__}")
    rows = {}
    for symbol, row in given.items():
        if row is not None:
            try:
                rows[symbol] = np.asarray(row, dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise CandleError(f"the candle of {symbol} must be six numbers, got {row!r:.100}") from error
    return rows


def _opening_time(rows: Mapping[str, Rows]) -> int:
    for symbol, row in rows.items():
        if row.shape != (6,):
            raise CandleError(f"the candle of {symbol} must be six numbers, got an array of shape {row.shape}")
        if not np.isfinite(row[TIMESTAMP]):
            raise CandleError(f"the candle of {symbol} has no time: it is {row[TIMESTAMP]}, and must be UTC ms")
    times = {int(row[TIMESTAMP]) for row in rows.values()}
    if len(times) != 1:
        raise CandleError(f"the candles of one minute have different times: {sorted(times)}")
    return times.pop()
