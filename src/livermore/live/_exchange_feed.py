"""Closed minutes from an exchange, through ccxt (the extra ``ccxt``): asked for by REST after each minute is over."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from livermore.candles import MINUTE_MS, TIMESTAMP, check_candles, utc_text
from livermore.errors import CandleError, CandlesNotFoundError, LiveError, MissingExtraError
from livermore.live._clock import Clock, SystemClock
from livermore.live._clock_offset import ClockOffset, measure_offset
from livermore.live._feeds import Minute
from livermore.typing import Rows

__all__ = ["ExchangeFeed"]

# ccxt gives open, high, low, close; ours is open, close, high, low.
_TO_OURS = [0, 1, 4, 2, 3, 5]
#: Rows asked for at once, at most.
PAGE = 1_000
#: Waits after failed requests, ms: each twice the last.
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1_000, 30_000
#: How often the clocks are compared, ms.
CLOCK_EVERY_MS = 3_600_000
#: Without a candle for so long a hole is taken for one in the exchange's history, and not for minutes without trades.
LONGEST_SILENCE_MS = 3_600_000


class ExchangeFeed:
    """The closed minutes of an exchange's markets.

    A candle counts as closed when the exchange's clock says that its minute has been over for `delay_ms`, or when the
    exchange shows a later one. Each request begins at the last minute that the session has, so that minutes which were
    missed, because the network or the program was down, come first and in order. A request that fails is made again,
    after 1, 2, 4, … 30 s; each failure is a note in the journal.

    Parameters
    ----------
    client : ccxt.Exchange
        An object of ``ccxt`` (not of ``ccxt.pro``); no keys are needed.
    symbols : iterable of str
        As routes name them: ``"BTC-USDT"``. Which of the client's markets that is follows from its ``defaultType``.
    clock : Clock
        The machine's; by default `SystemClock`.
    delay_ms : int
        How long after a minute its candle is asked for.
    patience_ms : int
        How long after a minute a symbol without a candle is waited for, if it shows no later one either. After that it
        had no trade.

    Raises
    ------
    CandlesNotFoundError
        If the exchange does not list a symbol.
    LiveError
        If the clocks of machine and exchange differ by two seconds or more.
    """

    def __init__(
        self,
        client: Any,
        symbols: Iterable[str],
        *,
        clock: Clock | None = None,
        delay_ms: int = 2_000,
        patience_ms: int = 20_000,
    ) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self._client = client
        self._delay_ms = delay_ms
        self._patience_ms = patience_ms
        self._notes: list[str] = []
        self._due = self.clock.now()
        self._failures = 0
        self._last: dict[str, Rows] = {}
        self._markets = find_markets(client, symbols)
        self._measured_at = self.clock.now()
        self.offset = ClockOffset(0, 0)
        self._compare_clocks()

    def due(self) -> int | None:
        """Return when the next request is due, UTC ms of the machine's clock."""
        return self._due

    def take_notes(self) -> list[str]:
        """Return what went wrong since the last call."""
        taken, self._notes = self._notes, []
        return taken

    def poll(self, earliest: int) -> Sequence[Minute]:
        """Return the minutes from `earliest` on that have closed; one request per symbol, if one is due.

        Raises
        ------
        CandlesNotFoundError
            If the exchange does not serve the minutes from `earliest` on any more.
        """
        ready_at = earliest + MINUTE_MS + self._delay_ms - self.offset.least
        now = self.clock.now()
        if now < max(ready_at, self._due):
            self._due = max(ready_at, self._due)
            return []
        try:
            if now - self._measured_at >= CLOCK_EVERY_MS:
                self._compare_clocks()
            shown = {symbol: self._shown(symbol, earliest) for symbol in self._markets}
        except _network_errors() as error:
            self._wait_longer(f"{type(error).__name__}: {error}")
            return []
        except CandleError as error:
            self._wait_longer(f"the exchange's answer was damaged: {error}")
            return []
        self._failures = 0
        minutes = self._settled(shown, earliest)
        # A symbol that is silent beyond all patience is not asked each second.
        waited = now - ready_at
        pause = FIRST_WAIT_MS if waited < self._patience_ms else FIRST_WAIT_MS * 10
        self._due = now if minutes else now + pause
        return minutes

    def history(self, symbol: str, start: int, end: int) -> Rows:
        """Return the candles that opened from `start` until before `end`, UTC ms, as far as the exchange serves them.

        Raises
        ------
        ccxt.NetworkError
            If a request fails.
        """
        pages: list[Rows] = [np.empty((0, 6))]
        since = start
        while since < end:
            page = self._fetch(symbol, since, PAGE)
            page = page[(page[:, TIMESTAMP] >= since) & (page[:, TIMESTAMP] < end)]
            if not len(page):
                break
            pages.append(page)
            since = int(page[-1, TIMESTAMP]) + MINUTE_MS
        return np.concatenate(pages)

    # --- Private ------------------------------------------------------------------------------------------------

    def _shown(self, symbol: str, earliest: int) -> Rows:
        """Return what the exchange shows from `earliest` on; its last candle may not be over."""
        # One minute more: whether the candle that was taken last is still what it was.
        missing = (self.clock.now() - earliest) // MINUTE_MS + 3
        rows = self._fetch(symbol, earliest - MINUTE_MS, min(max(missing, 3), PAGE))
        last = self._last.get(symbol)
        if last is not None and len(rows) and rows[0, TIMESTAMP] == last[TIMESTAMP]:
            if rows[0].tolist() != last.tolist():
                self._notes.append(
                    f"{symbol}: the exchange changed the candle of {utc_text(int(last[0]))} after it was taken"
                )
            del self._last[symbol]
        rows = rows[rows[:, TIMESTAMP] >= earliest]
        if len(rows) and rows[0, TIMESTAMP] - earliest > LONGEST_SILENCE_MS:
            raise CandlesNotFoundError(
                f"{self._client.id} serves {symbol} from {utc_text(int(rows[0, 0]))} on, and the session needs it from "
                f"{utc_text(earliest)} on: it was down for longer than the exchange remembers. Start a session under "
                "another name, or feed it the minutes that are missing from stored candles"
            )
        return rows

    def _settled(self, shown: Mapping[str, Rows], earliest: int) -> list[Minute]:
        """Return the minutes of which it is known, for each symbol, what their candle is or that there is none."""
        now = self.clock.now() + self.offset.least
        # The last minute that is over, and the last for which nobody is waited for any more.
        over = (now - self._delay_ms) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        given_up = (now - self._patience_ms) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        by_symbol: dict[str, dict[int, Rows]] = {}
        until = over
        for symbol, rows in shown.items():
            newest = int(rows[-1, TIMESTAMP]) if len(rows) else earliest - MINUTE_MS
            # A candle is final if its minute is over; also if there is a later one, whatever the clock says.
            by_symbol[symbol] = {int(row[0]): row for row in rows if row[0] <= over or row[0] < newest}
            until = min(until, max([*by_symbol[symbol], newest - MINUTE_MS, given_up]))
        minutes = []
        for time in sorted({time for rows in by_symbol.values() for time in rows if time <= until}):
            found = {symbol: rows[time] for symbol, rows in by_symbol.items() if time in rows}
            self._last.update(found)
            minutes.append(Minute(time, found))
        return minutes

    def _fetch(self, symbol: str, since: int, limit: int) -> Rows:
        raw = self._client.fetch_ohlcv(self._markets[symbol], "1m", since, limit)
        return rows_of(raw, symbol)

    def _wait_longer(self, reason: str) -> None:
        wait = min(FIRST_WAIT_MS * 2**self._failures, LONGEST_WAIT_MS)
        self._failures += 1
        # An address may hold a signature.
        shown = re.sub(r"\?\S+", "", reason)[:300]
        self._notes.append(f"candles could not be fetched, next try in {wait / 1000:.0f} s: {shown}")
        self._due = self.clock.now() + wait

    def _compare_clocks(self) -> None:
        self._measured_at = self.clock.now()
        if not self._client.has.get("fetchTime"):
            return
        self.offset = measure_offset(self._client, self.clock)
        note = self.offset.check()
        if note is not None:
            self._notes.append(note)


def find_markets(client: Any, symbols: Iterable[str]) -> dict[str, str]:
    """Return ccxt's names of symbols.

    Raises
    ------
    CandlesNotFoundError
        If the exchange does not list one.
    LiveError
        If none are given.
    """
    listed = client.load_markets()
    found = {}
    for symbol in symbols:
        base, _, quote = symbol.partition("-")
        spot, contract = f"{base}/{quote}", f"{base}/{quote}:{quote}"
        wants_contract = client.options.get("defaultType") in ("swap", "future")
        name = contract if wants_contract else spot
        if name not in listed:
            other = next((other for other in (spot, contract) if other in listed), None)
            hint = f"; it lists {other}, which needs another defaultType" if other else ""
            raise CandlesNotFoundError(f"{client.id} does not list {name} (for {symbol!r}){hint}")
        found[symbol] = name
    if not found:
        raise LiveError("a feed needs at least one symbol")
    return found


def rows_of(raw: Any, symbol: str) -> Rows:
    """Return ccxt's rows as candles: sorted, each minute once.

    Raises
    ------
    CandleError
        If a row is no candle, or two rows of one minute differ: the answer was damaged, and is to be asked for again.

    Examples
    --------
    >>> rows_of([[60_000, 10, 12, 9, 11, 5], [0, 10, 12, 9, 11, 5], [0, 10, 12, 9, 11, 5]], "BTC-USDT")[:, 0].tolist()
    [0.0, 60000.0]
    >>> rows_of([[9, None, None, None, None, None]], "BTC-USDT")
    Traceback (most recent call last):
    livermore.errors.CandleError: BTC-USDT: a row is no candle: [9, None, None, None, None, None]
    """
    by_time: dict[int, tuple[float, ...]] = {}
    for row in raw:
        try:
            candle = tuple(float(value) for value in row)
        except (TypeError, ValueError):
            candle = ()
        if len(candle) != 6 or not np.isfinite(candle).all() or candle[0] % MINUTE_MS:
            raise CandleError(f"{symbol}: a row is no candle: {row!r:.120}")
        if by_time.setdefault(int(candle[0]), candle) != candle:
            raise CandleError(f"{symbol}: two candles of {utc_text(int(candle[0]))} differ")
    if not by_time:
        return np.empty((0, 6))
    rows = np.array([by_time[time] for time in sorted(by_time)])[:, _TO_OURS]
    checked: Rows = check_candles(rows, name=symbol)
    return checked


def _network_errors() -> type[Exception]:
    """Return the error of ccxt for what may go well the next time."""
    try:
        import ccxt
    except ImportError as error:
        raise MissingExtraError.of("ccxt", extra="ccxt") from error
    network_error: type[Exception] = ccxt.NetworkError
    return network_error
