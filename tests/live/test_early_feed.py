"""A feed that learns from websockets that a minute is over: earlier than by the clock, and never otherwise.

Numbers in the names of tests are those of the list of the commonest live bugs.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.loopback_client import follow

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.errors import ConfigError
from livermore.live import ExchangeFeed, LiveSession, ManualClock, Minute, SystemClock
from livermore.live._candle_stream import CandleStream, reconnect_wait
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import (
    CutMessages,
    Disconnect,
    HttpError,
    LostMessages,
    RepeatedMessages,
    ReversedMessages,
)

pytest.importorskip("ccxt", reason="needs the extra ccxt")

ROWS = synthetic_candles(1400, seed=1)
OTHER = synthetic_candles(1400, seed=2)
START = int(ROWS[1000, 0])
#: What the paths of websockets contain.
SOCKET = {"kraken": "/v2", "binanceusdm": "/ws"}


@pytest.fixture(params=sorted(SOCKET))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange({"BTC-USDT": ROWS, "ETH-USDT": OTHER}, request.param, clock=ManualClock(START)) as exchange:
        yield exchange
        assert exchange.unknown_requests == []


@pytest.fixture
def feed(exchange: LoopbackExchange) -> Iterator[ExchangeFeed]:
    feed = ExchangeFeed(
        exchange.client(timeout=30_000),
        ["BTC-USDT", "ETH-USDT"],
        clock=exchange.clock,
        early=exchange.client("pro", timeout=30_000),
    )
    stream = feed._stream
    assert stream is not None
    stream._wait = lambda failures: 0.01
    yield feed
    feed.close()
    assert not stream._thread.is_alive()


def until(happened: Callable[[], bool]) -> None:
    """Wait, in real time, for what another thread does."""
    given_up = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < given_up, "the other thread did not do it"
        time.sleep(0.005)


def stream_of(feed: ExchangeFeed) -> CandleStream:
    assert feed._stream is not None
    return feed._stream


def listen(feed: ExchangeFeed, exchange: LoopbackExchange) -> None:
    """Start the websocket in the middle of the first minute, and wait until it has shown a candle of each symbol."""
    exchange.clock.sleep_until(START + 30_000)
    feed.poll(START)
    until(lambda: stream_of(feed).has_begun(START))


def is_right(minutes: list[Minute], first: int = 1000) -> bool:
    return all(
        minute.rows["BTC-USDT"].tolist() == ROWS[first + i].tolist()
        and minute.rows["ETH-USDT"].tolist() == OTHER[first + i].tolist()
        for i, minute in enumerate(minutes)
    )


def test_a_minute_is_taken_as_soon_as_all_symbols_show_the_next(exchange: LoopbackExchange, feed: ExchangeFeed) -> None:
    listen(feed, exchange)
    exchange.clock.sleep_until(START + MINUTE_MS + 100)
    until(lambda: stream_of(feed).has_begun(START + MINUTE_MS))
    minutes = feed.poll(START)
    assert exchange.clock.now() == START + MINUTE_MS + 100
    assert len(minutes) == 1
    assert is_right(minutes)


def test_nothing_is_taken_early_while_one_symbol_has_not_shown_the_next_minute(
    exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    exchange.stream_faults.add(LostMessages("ETH"), times=1000)
    exchange.clock.sleep_until(START + 30_000)
    feed.poll(START)
    exchange.clock.sleep_until(START + MINUTE_MS + 100)
    until(lambda: stream_of(feed).newest("BTC-USDT") == START + MINUTE_MS)
    assert feed.poll(START) == []
    assert feed.due() == START + MINUTE_MS + 2_000 - feed.offset.least
    exchange.clock.sleep_until(START + MINUTE_MS + 3_000)
    assert is_right(feed.poll(START))


def test_an_answer_that_lags_the_websocket_is_asked_for_again(exchange: LoopbackExchange, feed: ExchangeFeed) -> None:
    """Answers of requests may come from a cache: the candle counts as closed once they show a later one."""
    listen(feed, exchange)
    stream_of(feed)._newest = dict.fromkeys(["BTC-USDT", "ETH-USDT"], START + MINUTE_MS)
    exchange.clock.sleep_until(START + 59_000)
    assert feed.poll(START) == []
    assert feed.due() == START + 60_000
    assert is_right(follow(feed, 3, START))


@pytest.mark.parametrize("fault", [RepeatedMessages(), ReversedMessages(), CutMessages(), LostMessages()])
def test_bug_07_messages_that_are_doubled_unordered_cut_or_lost_change_no_candle(
    fault: Any, exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    listen(feed, exchange)
    exchange.stream_faults.add(fault, times=1000)
    minutes = follow(feed, 5, START)
    exchange.stream_faults.clear()
    assert is_right(minutes + follow(feed, 5, minutes[-1].time + MINUTE_MS))


def test_bug_04_a_websocket_that_hangs_without_an_error_is_opened_again(
    exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    listen(feed, exchange)
    exchange.silence_websockets()
    minutes = follow(feed, 4, START)
    assert is_right(minutes)
    assert any("the websocket shows nothing from" in note for note in feed.take_notes())
    exchange.silence_websockets(False)
    until(lambda: stream_of(feed).connections > 1 and stream_of(feed).has_begun(START + 4 * MINUTE_MS))
    assert is_right(follow(feed, 2, START + 4 * MINUTE_MS), 1004)


def test_bug_05_pings_are_answered_with_416_subscriptions() -> None:
    rows = {f"C{i}-USDT": np.concatenate([ROWS[:2], ROWS[2:4]]) for i in range(416)}
    with LoopbackExchange(rows, "binanceusdm", clock=ManualClock(int(ROWS[1, 0]) + 30_000)) as exchange:
        rest = exchange.client(timeout=30_000)
        rest.load_markets()
        client = exchange.client("pro")
        client.set_markets_from_exchange(rest)
        stream = CandleStream(client, {name: name.replace("-", "/") + ":USDT" for name in rows}, lambda: None)
        stream.start()
        try:
            until(lambda: stream.has_begun(int(ROWS[1, 0])))
            connections = len(exchange._server._connections)
            for _ in range(3):
                exchange.clock.advance(20_000)
                assert exchange.ping_websockets(seconds=20) == connections
            until(lambda: stream.has_begun(int(ROWS[2, 0])))
            assert stream.connections == 1
        finally:
            stream.close()


def test_bug_06_waits_between_connections_grow_and_never_become_equal() -> None:
    draw = random.Random(1)
    for failures in range(1, 100):
        waits = [reconnect_wait(failures, draw.random) for _ in range(200)]
        longest = min(2.0 ** (failures - 1), 60.0)
        assert longest / 2 <= min(waits) < 0.6 * longest
        assert 0.9 * longest < max(waits) <= longest


@pytest.mark.parametrize("fault", [HttpError(503), HttpError(429), Disconnect()])
def test_bug_06_a_websocket_that_closes_at_once_is_not_opened_in_a_rapid_loop(
    fault: Any, exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    stream, asked = stream_of(feed), []

    def wait(failures: int) -> float:
        asked.append(failures)
        return 0.01

    stream._wait = wait
    exchange.faults.add(fault, path=SOCKET[exchange.name], times=1_000_000)
    feed.poll(START)
    until(lambda: len(asked) >= 4)
    exchange.faults.clear()
    # Each is a failure more: a connection that closes at once is no success.
    assert asked[:4] == [1, 2, 3, 4]
    assert is_right(follow(feed, 3, START))
    assert any("opened again in" in note for note in feed.take_notes())


def test_bug_08_all_symbols_are_followed_again_after_a_disconnection(
    exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    listen(feed, exchange)
    for minute in (1, 2, 3):
        exchange.close_websockets()
        until(lambda minute=minute: stream_of(feed).connections > minute)  # type: ignore[misc]
        exchange.clock.sleep_until(START + minute * MINUTE_MS + 500)
        until(lambda minute=minute: stream_of(feed).has_begun(START + minute * MINUTE_MS))  # type: ignore[misc]


def test_bug_08_a_subscription_that_was_lost_is_noticed_and_made_again(
    exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    exchange.stream_faults.add(LostMessages("ETH"), times=10_000)
    exchange.clock.sleep_until(START + 30_000)
    feed.poll(START)
    stream, minutes = stream_of(feed), []
    for minute in (1, 2, 3):
        exchange.clock.sleep_until(START + minute * MINUTE_MS + 3_000)
        until(lambda minute=minute: stream.newest("BTC-USDT") == START + minute * MINUTE_MS)  # type: ignore[misc]
        minutes += feed.poll(START + len(minutes) * MINUTE_MS)
    assert is_right(minutes)
    assert any(note.startswith("ETH-USDT: the websocket shows nothing") for note in feed.take_notes())
    until(lambda: stream.connections > 1)
    exchange.stream_faults.clear()
    for minute in (4, 5, 6, 7):
        exchange.clock.sleep_until(START + minute * MINUTE_MS + 3_000)
        until(lambda minute=minute: stream.newest("BTC-USDT") == START + minute * MINUTE_MS)  # type: ignore[misc]
        minutes += feed.poll(START + len(minutes) * MINUTE_MS)
    exchange.clock.advance(MINUTE_MS)
    until(lambda: stream.has_begun(START + 8 * MINUTE_MS))
    assert is_right(minutes)


def test_bug_03_what_was_missed_while_the_websocket_was_away_comes_from_requests_first(
    exchange: LoopbackExchange, feed: ExchangeFeed
) -> None:
    listen(feed, exchange)
    exchange.close_websockets()
    exchange.clock.advance(50 * MINUTE_MS)
    minutes = follow(feed, 50, START)
    assert [minute.time for minute in minutes] == [START + i * MINUTE_MS for i in range(len(minutes))]
    assert is_right(minutes)


def test_bug_29_a_feed_keeps_no_candles_of_the_past(exchange: LoopbackExchange, feed: ExchangeFeed) -> None:
    listen(feed, exchange)
    stream = stream_of(feed)
    earliest = START
    for minute in range(1, 41):
        exchange.clock.sleep_until(START + minute * MINUTE_MS + 500)
        until(lambda minute=minute: stream.has_begun(START + minute * MINUTE_MS))  # type: ignore[misc]
        earliest = feed.poll(earliest)[-1].time + MINUTE_MS
    kept = [rows for by_timeframe in stream._client.ohlcvs.values() for rows in by_timeframe.values()]
    assert kept
    assert max(map(len, kept)) <= 3
    assert len(feed._last) <= 2
    assert feed.take_notes() == []


def test_a_session_ends_the_thread_of_its_feed(
    exchange: LoopbackExchange, tmp_path: Path, minutes: Any, spec_of: Any, restless: Any, summary: Any
) -> None:
    rows = {"BTC-USDT": minutes(4, 250), "ETH-USDT": minutes(5, 250)}
    spec = spec_of(dict.fromkeys(rows, restless.Restless), rows, warm_up=100)
    bulk = spec.run()
    assert len(bulk.trades) > 5
    start = int(rows["BTC-USDT"][100, 0])
    before = set(threading.enumerate())
    with LoopbackExchange(rows, exchange.name, clock=ManualClock(start)) as market:
        for stop in (70, 150):
            feed = ExchangeFeed(market.client(), list(rows), clock=market.clock, early=market.client("pro"))
            with LiveSession(spec, feed, tmp_path / "s", start=start) as session:
                session.run(until=start + stop * MINUTE_MS + 5_000)
                if stop == 150:
                    assert summary(session.finish()) == summary(bulk)
            market.close_websockets()
    assert set(threading.enumerate()) <= before


def test_a_feed_that_was_never_polled_or_is_closed_twice_has_no_thread(exchange: LoopbackExchange) -> None:
    before = set(threading.enumerate())
    feed = ExchangeFeed(exchange.client(), ["BTC-USDT"], clock=exchange.clock, early=exchange.client("pro"))
    feed.close()
    feed.poll(START)
    feed.close()
    feed.close()
    assert set(threading.enumerate()) <= before


def test_an_object_that_cannot_watch_candles_is_refused(exchange: LoopbackExchange) -> None:
    other = "binanceusdm" if exchange.name == "kraken" else "kraken"
    with LoopbackExchange({"BTC-USDT": ROWS}, other) as another:
        for early in (exchange.client("rest"), another.client("pro")):
            with pytest.raises(ConfigError, match=f"early must be an object of ccxt.pro for {exchange.name}"):
                ExchangeFeed(exchange.client(), ["BTC-USDT"], clock=exchange.clock, early=early)


def test_a_clock_that_is_woken_does_not_sleep_on() -> None:
    clock = SystemClock()
    woken: list[bool] = []

    class Noting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            woken.append(super().wait(timeout))
            return woken[-1]

    clock._woken = Noting()
    for _ in range(3):
        clock.wake()
        clock.sleep_until(clock.now() + 60_000)
    assert woken == [True, True, True]
    # It is woken once for each time that somebody has woken it.
    assert not clock._woken.is_set()
