"""Which minute is running, as an exchange's websockets tell it: a thread that listens, and connects again."""

import asyncio
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from livermore.candles import MINUTE_MS

__all__ = ["CandleStream", "reconnect_wait"]

#: Waits before connections after failed ones, seconds: each up to twice the last.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
#: A connection that lasted for so long counts as a good one: the next wait is short again, seconds.
GOOD_FROM = 60.0
#: How long closing a connection may take, seconds.
CLOSE_WITHIN = 5.0
#: How many candles of a market ccxt keeps.
KEPT = 2


def reconnect_wait(failures: int, draw: Callable[[], float]) -> float:
    """Return how long to wait before the next connection, in seconds.

    It is drawn from the upper half of a range that doubles with each failure, up to `LONGEST_WAIT`: programs that lost
    their connections together do not come back together, also when all of them wait as long as they ever do.

    Parameters
    ----------
    failures : int
        How many connections in a row were lost soon, from 1.
    draw : callable
        Returns a number from 0 to 1.

    Examples
    --------
    >>> [reconnect_wait(failures, lambda: 0.0) for failures in (1, 2, 3, 20)]
    [0.5, 1.0, 2.0, 30.0]
    >>> [reconnect_wait(failures, lambda: 1.0) for failures in (1, 2, 3, 20)]
    [1.0, 2.0, 4.0, 60.0]
    """
    longest = min(FIRST_WAIT * 2.0 ** min(failures - 1, 20), LONGEST_WAIT)
    return longest * (1 + draw()) / 2


class CandleStream:
    """Follows the candles of an exchange's markets over websockets, only to know which minutes have begun.

    It keeps no prices. Whatever happens to a connection, it is closed and opened again after a wait, with all markets
    subscribed again.

    Parameters
    ----------
    client : ccxt.pro.Exchange
        Used by the thread alone.
    markets : mapping of str to str
        ccxt's names of symbols.
    on_news : callable
        Called in the thread when a symbol shows a minute that it did not show before.
    wait : callable
        Returns the seconds before a connection, from the number of connections in a row that were lost soon.

    Attributes
    ----------
    connections : int
        How often it has connected.
    """

    def __init__(
        self,
        client: Any,
        markets: Mapping[str, str],
        on_news: Callable[[], None],
        wait: Callable[[int], float] = lambda failures: reconnect_wait(failures, random.random),
    ) -> None:
        self.connections = 0
        self._client = client
        # ccxt keeps a thousand candles of each market otherwise.
        client.options["OHLCVLimit"] = KEPT
        self._markets = dict(markets)
        self._on_news = on_news
        self._wait = wait
        self._newest: dict[str, int] = {}
        self._notes: deque[str] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._broken: asyncio.Event | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="candle stream", daemon=True)

    # --- For other threads --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Close the connection and end the thread; return when it has ended."""
        self._closed.set()
        self.reconnect()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def reconnect(self) -> None:
        """Close the connection and open another one; nothing happens while none is open."""
        loop, broken = self._loop, self._broken
        if loop is not None and broken is not None:
            try:
                loop.call_soon_threadsafe(broken.set)
            except RuntimeError:
                # The loop has ended in the meantime.
                return

    def newest(self, symbol: str) -> int | None:
        """Return when the newest candle opened that a symbol has shown, UTC ms."""
        return self._newest.get(symbol)

    def has_begun(self, minute: int) -> bool:
        """Whether each symbol has shown a candle that opened at `minute` (UTC ms) or later."""
        return all(self._newest.get(symbol, -1) >= minute for symbol in self._markets)

    def take_notes(self) -> list[str]:
        """Return what went wrong since the last call."""
        return [self._notes.popleft() for _ in range(len(self._notes))]

    # --- The thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._follow())

    async def _follow(self) -> None:
        """Connect, again and again, until the stream is closed."""
        self._loop = asyncio.get_running_loop()
        self._broken = asyncio.Event()
        failures = 0
        while not self._closed.is_set():
            self._broken.clear()
            self.connections += 1
            begun = self._loop.time()
            reason = await self._connection(self._broken)
            if self._closed.is_set():
                return
            failures = 1 if self._loop.time() - begun >= GOOD_FROM else failures + 1
            wait = self._wait(failures)
            self._notes.append(f"the websocket is opened again in {wait:.0f} s: {reason}")
            await self._pause(wait)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after the stream was closed."""
        assert self._loop is not None
        until = self._loop.time() + seconds
        while not self._closed.is_set() and self._loop.time() < until:
            await asyncio.sleep(min(0.2, seconds))

    async def _connection(self, broken: asyncio.Event) -> str:
        """Watch all markets until one of them fails or somebody breaks it off; return why it ended."""
        watched = [asyncio.ensure_future(self._watch(symbol)) for symbol in self._markets]
        waits = [*watched, asyncio.ensure_future(broken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            errors = [task.exception() for task in watched if task.done()]
            return f"{type(errors[0]).__name__}: {errors[0]!s:.200}" if errors else "it said nothing"
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            await self._close_client()

    async def _watch(self, symbol: str) -> None:
        while True:
            rows = await self._client.watch_ohlcv(self._markets[symbol], "1m")
            times = [int(row[0]) for row in rows]
            # ccxt hands out what it had before a reconnection once more, so what is newest may only rise.
            if times and max(times) > self._newest.get(symbol, -1) and max(times) % MINUTE_MS == 0:
                self._newest[symbol] = max(times)
                self._on_news()

    async def _close_client(self) -> None:
        try:
            await asyncio.wait_for(self._client.close(), CLOSE_WITHIN)
        except Exception as error:
            self._notes.append(f"the websocket was not closed: {type(error).__name__}: {error!s:.200}")
        self._client.ohlcvs = {}
