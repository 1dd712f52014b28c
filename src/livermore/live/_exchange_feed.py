"""Closed minutes from an exchange, through ccxt (the extra ``ccxt``): asked for by REST after each minute is over."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from livermore.candles import MINUTE_MS, TIMESTAMP, utc_text
from livermore.errors import CandleError, CandlesNotFoundError, ConfigError, ExchangeError, LiveError
from livermore.live._candle_stream import CandleStream
from livermore.live._clock import Clock, SystemClock
from livermore.live._clock_offset import ClockOffset, measure_offset
from livermore.live._exchange_answers import (
    FIRST_WAIT_MS,
    ReadableClient,
    ccxt_errors,
    retry_wait,
    rows_of,
    without_query,
)
from livermore.live._feeds import Minute
from livermore.typing import Rows

__all__ = ["ExchangeFeed", "find_markets"]

#: Rows asked for at once, at most.
PAGE = 1_000
#: How often the clocks are compared, ms.
CLOCK_EVERY_MS = 3_600_000
#: Without a candle for so long a hole is taken for one in the exchange's history, and not for minutes without trades.
LONGEST_SILENCE_MS = 3_600_000
#: A websocket whose newest candle is so much older than the newest of an answer is dead, although it may be open, ms.
DEAD_FROM_MS = 2 * MINUTE_MS


class ExchangeFeed:
    """The closed minutes of an exchange's markets.

    A candle counts as closed when the exchange's clock says that its minute has been over for `delay_ms`, or when the
    exchange shows a later one. Each request begins at the last minute that the session has, so that minutes which were
    missed, because the network or the program was down, come first and in order. A request that fails is made again,
    after 1, 2, 4, … 30 s; each failure is a note in the journal.

    With `early`, websockets tell that a minute is over, and the request is made then and not `delay_ms` later. Candles
    still come from the answers to requests alone, and without websockets they come as they do without `early`: each
    failure of theirs costs time and no candle. A websocket that lags the answers by two minutes is taken for dead and
    opened again. `close` ends its thread; a session does so when it ends.

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
        had no trade. A candle that is still what it was while its minute was running is waited for as long: the answer
        may come from a cache.
    early : ccxt.pro.Exchange, optional
        An object of ``ccxt.pro`` of the same exchange, which is used by the feed alone.

    Raises
    ------
    CandlesNotFoundError
        If the exchange does not list a symbol.
    ConfigError
        If `early` is of another exchange, or has no websockets with candles.
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
        early: Any = None,
    ) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self._client = ReadableClient(client)
        self._delay_ms = delay_ms
        self._patience_ms = patience_ms
        self._notes: list[str] = []
        self._due = self._not_before = self.clock.now()
        self._failures = 0
        # The first minute that is wanted, and since when: whoever was away must ask twice before nothing is a fact.
        self._wanted = (0, 0)
        self._last: dict[str, Rows] = {}
        # By symbol the last minute that was given without a candle of it, and whether its silence was noted.
        self._left_out: dict[str, int] = {}
        self._silent: set[str] = set()
        # By symbol the newest candle that was shown while its minute was running.
        self._running: dict[str, Rows] = {}
        self._markets = find_markets(client, symbols)
        self._stream = None if early is None else self._open_stream(early)
        # From when on the websocket should show what the answers show; None before it was started.
        self._stream_since: int | None = None
        self._measured_at = self.clock.now()
        self.offset = ClockOffset(0, 0)
        self._compare_clocks()

    def due(self) -> int | None:
        """Return when the next request is due, UTC ms of the machine's clock."""
        return self._due

    def take_notes(self) -> list[str]:
        """Return what went wrong since the last call."""
        if self._stream is not None:
            self._notes += [without_query(text) for text in self._stream.take_notes()]
        taken, self._notes = self._notes, []
        return taken

    def close(self) -> None:
        """Close the websocket of `early`, and end its thread. Without `early` there is nothing to close."""
        if self._stream is not None and self._stream_since is not None:
            self._stream.close()

    def poll(self, earliest: int) -> Sequence[Minute]:
        """Return the minutes from `earliest` on that have closed; one request per symbol, if one is due.

        Raises
        ------
        CandlesNotFoundError
            If the exchange does not serve the minutes from `earliest` on any more.
        """
        ready_at = earliest + MINUTE_MS + self._delay_ms - self.offset.least
        now = self.clock.now()
        self._start_stream(now)
        if earliest != self._wanted[0]:
            self._wanted = (earliest, now)
        is_over = now >= ready_at or (self._stream is not None and self._stream.has_begun(earliest + MINUTE_MS))
        if now < self._not_before or not is_over:
            self._due = max(ready_at, self._not_before)
            return []
        try:
            if now - self._measured_at >= CLOCK_EVERY_MS:
                self._compare_clocks()
            shown = {symbol: self._shown(symbol, earliest) for symbol in self._markets}
        except ccxt_errors() as error:
            self._wait_longer(f"{type(error).__name__}: {error}")
            return []
        except ExchangeError as error:
            self._wait_longer(str(error))
            return []
        except CandleError as error:
            self._wait_longer(f"the exchange's answer was damaged: {error}")
            return []
        self._failures = 0
        self._check_stream(shown, now)
        minutes = self._settled(shown, earliest)
        # A symbol that is silent beyond all patience is not asked each second.
        waited = now - ready_at
        pause = FIRST_WAIT_MS if waited < self._patience_ms else FIRST_WAIT_MS * 10
        self._due = self._not_before = now if minutes else now + pause
        if waited >= self._patience_ms:
            self._note_silence(shown, earliest)
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
        if len(rows):
            self._note_change(symbol, rows[0])
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
        has_waited = self.clock.now() - self._wanted[1] >= self._patience_ms
        given_up = (now - self._patience_ms) // MINUTE_MS * MINUTE_MS - MINUTE_MS if has_waited else 0
        by_symbol: dict[str, dict[int, Rows]] = {}
        known_until = []
        for symbol, rows in shown.items():
            newest = int(rows[-1, TIMESTAMP]) if len(rows) else earliest - MINUTE_MS
            # A candle is final if its minute is over; also if there is a later one, whatever the clock says.
            by_symbol[symbol] = {int(row[0]): row for row in rows if row[0] <= over or row[0] < newest}
            self._hold_back(symbol, by_symbol[symbol], rows, now, given_up)
            known_until.append(max([*by_symbol[symbol], newest - MINUTE_MS, given_up]))
        until = min(known_until)
        minutes = []
        for time in sorted({time for rows in by_symbol.values() for time in rows if time <= until}):
            found = {symbol: rows[time] for symbol, rows in by_symbol.items() if time in rows}
            self._last.update(found)
            self._left_out = dict.fromkeys(shown.keys() - found.keys(), time)
            minutes.append(Minute(time, found))
        return minutes

    def _note_change(self, symbol: str, row: Rows) -> None:
        """Note if a candle is not what was taken for its minute; it is the oldest of an answer."""
        time, last = int(row[TIMESTAMP]), self._last.get(symbol)
        if last is not None and last[TIMESTAMP] == time and last.tolist() != row.tolist():
            self._notes.append(f"{symbol}: the exchange changed the candle of {utc_text(time)} after it was taken")
            self._last[symbol] = row
        if self._left_out.get(symbol) == time:
            del self._left_out[symbol]
            self._notes.append(
                f"{symbol}: the exchange shows a candle of {utc_text(time)} now; the session took it for a minute "
                "without a trade"
            )

    def _hold_back(self, symbol: str, final: dict[int, Rows], rows: Rows, now: int, given_up: int) -> None:
        """Wait for a newer answer if the newest candle is what was shown while its minute was running.

        There was no trade since then, or the exchange answers from a cache.
        """
        if not len(rows):
            return
        newest, running = rows[-1], self._running.get(symbol)
        time = int(newest[TIMESTAMP])
        if time + MINUTE_MS > now:
            self._running[symbol] = newest
        elif running is not None and running.tolist() == newest.tolist():
            if time > given_up:
                final.pop(time, None)
            else:
                self._notes.append(
                    f"{symbol}: the candle of {utc_text(time)} was taken as it was shown before its minute was over; "
                    "the exchange has shown no other one since"
                )
                del self._running[symbol]

    def _note_silence(self, shown: Mapping[str, Rows], earliest: int) -> None:
        """Note, once, which symbols show nothing from `earliest` on."""
        silent = {symbol for symbol, rows in shown.items() if not len(rows)}
        for symbol in sorted(silent - self._silent):
            self._notes.append(f"{symbol}: the exchange shows no candle from {utc_text(earliest)} on")
        self._silent = silent

    # --- The websocket of `early` -------------------------------------------------------------------------------

    def _open_stream(self, early: Any) -> CandleStream:
        """Return the stream of an object of ``ccxt.pro``; its thread is started by the first poll."""
        if early.id != self._client.id or not early.has.get("watchOHLCV"):
            raise ConfigError(
                f"early must be an object of ccxt.pro for {self._client.id} that can watch candles; it is "
                f"{type(early).__module__}.{type(early).__name__}"
            )
        early.set_markets_from_exchange(self._client.client)
        return CandleStream(early, self._markets, self.clock.wake)

    def _start_stream(self, now: int) -> None:
        if self._stream is not None and self._stream_since is None:
            self._stream_since = now
            self._stream.start()

    def _check_stream(self, shown: Mapping[str, Rows], now: int) -> None:
        """Open the websocket again if it lags: a socket may die without an error, and a subscription be lost."""
        if self._stream is None or self._stream_since is None:
            return
        for symbol, rows in shown.items():
            newest = max(self._stream.newest(symbol) or 0, self._stream_since - MINUTE_MS)
            if len(rows) and rows[-1, TIMESTAMP] - newest >= DEAD_FROM_MS:
                self._notes.append(f"{symbol}: the websocket shows nothing from {utc_text(newest + MINUTE_MS)} on")
                self._stream_since = now
                self._stream.reconnect()
                return

    def _fetch(self, symbol: str, since: int, limit: int) -> Rows:
        return rows_of(self._client.fetch_ohlcv(self._markets[symbol], "1m", since, limit), symbol)

    def _wait_longer(self, reason: str) -> None:
        wait = retry_wait(self._failures)
        self._failures += 1
        shown = without_query(reason)[:300]
        self._notes.append(f"candles could not be fetched, next try in {wait / 1000:.0f} s: {shown}")
        self._due = self._not_before = self.clock.now() + wait

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
    ExchangeError
        If its list is empty.
    LiveError
        If none are given.
    """
    listed = _markets_of(client)
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


def _markets_of(client: Any) -> Any:
    """Return what an exchange lists.

    Raises
    ------
    ExchangeError
        If that is nothing.
    """
    listed = ReadableClient(client).load_markets()
    if not listed:
        raise ExchangeError(f"{client.id} answered with a list without markets")
    return listed
