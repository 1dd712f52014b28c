"""Closed minutes from the loopback exchange, through real ccxt.

Numbers in the names of tests are those of the list of the commonest live bugs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.loopback_client import follow

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.errors import CandlesNotFoundError, LiveError
from livermore.live import ExchangeFeed, LiveSession, ManualClock
from livermore.live._clock_offset import ClockOffset
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import (
    Disconnect,
    DuplicateRows,
    HttpError,
    Malformed,
    NoRows,
    ReversedRows,
    Stall,
)

pytest.importorskip("ccxt", reason="needs the extra ccxt")

ROWS = synthetic_candles(3000, seed=1)
OTHER = synthetic_candles(3000, seed=2)
START = int(ROWS[1000, 0])
PATHS = {"kraken": "OHLC", "binanceusdm": "klines"}


@pytest.fixture(params=sorted(PATHS))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange({"BTC-USDT": ROWS, "ETH-USDT": OTHER}, request.param, clock=ManualClock(START)) as exchange:
        yield exchange


def feed_of(exchange: LoopbackExchange, *symbols: str, **options: Any) -> ExchangeFeed:
    return ExchangeFeed(exchange.client(timeout=30_000), symbols or ["BTC-USDT"], clock=exchange.clock, **options)


def test_minutes_come_in_order_with_their_final_candles(exchange: LoopbackExchange) -> None:
    minutes = follow(feed_of(exchange, "BTC-USDT", "ETH-USDT"), 5, START)
    assert [minute.time for minute in minutes] == [START + i * MINUTE_MS for i in range(5)]
    for i, minute in enumerate(minutes):
        assert minute.rows["BTC-USDT"].tolist() == ROWS[1000 + i].tolist()
        assert minute.rows["ETH-USDT"].tolist() == OTHER[1000 + i].tolist()


def test_bug_01_an_open_candle_is_never_taken_for_closed(exchange: LoopbackExchange) -> None:
    feed = feed_of(exchange, delay_ms=0)
    for elapsed in (1, 30_000, 59_000):
        exchange.clock.sleep_until(START + elapsed)
        assert feed.poll(START) == []
    assert follow(feed, 1, START)[0].rows["BTC-USDT"].tolist() == ROWS[1000].tolist()


@pytest.mark.parametrize("skew", [-1_900, -600, 600, 1_900])
def test_bug_01_a_clock_that_is_off_makes_no_candle_close_early(skew: int, exchange: LoopbackExchange) -> None:
    exchange.skew_ms = skew
    feed = feed_of(exchange, delay_ms=0)
    # The exchange shows what its own clock has reached, so a candle that was taken early would have other values.
    for i, minute in enumerate(follow(feed, 3, START)):
        assert minute.rows["BTC-USDT"].tolist() == ROWS[1000 + i].tolist()


def test_bug_27_a_clock_that_is_off_is_said_and_beyond_two_seconds_refused(exchange: LoopbackExchange) -> None:
    exchange.skew_ms = 1_700
    assert "clock is" in feed_of(exchange).take_notes()[0]
    for skew in (5_000, -5_000):
        exchange.skew_ms = skew
        with pytest.raises(LiveError, match="slow" if skew > 0 else "fast"):
            feed_of(exchange)
    exchange.skew_ms = 0
    assert feed_of(exchange).take_notes() == []
    assert ClockOffset(-400, 600).check() is None


def test_bug_03_minutes_that_were_missed_come_first(exchange: LoopbackExchange) -> None:
    feed = feed_of(exchange)
    follow(feed, 2, START)
    exchange.clock.advance(50 * MINUTE_MS)
    minutes = follow(feed, 50, START + 2 * MINUTE_MS)
    assert [minute.time for minute in minutes[:50]] == [START + i * MINUTE_MS for i in range(2, 52)]


def test_bug_03_a_hole_that_the_exchange_does_not_serve_any_more_is_an_error() -> None:
    with LoopbackExchange({"BTC-USDT": ROWS}, "kraken", clock=ManualClock(START)) as exchange:
        feed = feed_of(exchange)
        exchange.clock.advance(1_000 * MINUTE_MS)
        with pytest.raises(CandlesNotFoundError, match="down for longer than the exchange remembers"):
            feed.poll(START)


@pytest.mark.parametrize(
    "fault", [HttpError(429), HttpError(503), HttpError(520), Disconnect(), Malformed(), Stall(60)]
)
def test_bug_20_and_31_a_failed_request_is_made_again_after_a_longer_wait(
    fault: Any, exchange: LoopbackExchange
) -> None:
    feed = feed_of(exchange)
    exchange.faults.add(fault, path=PATHS[exchange.name], times=2)
    if isinstance(fault, Stall):
        feed._client.timeout = 1_000
    minutes = follow(feed, 2, START)
    assert [minute.rows["BTC-USDT"].tolist() for minute in minutes] == ROWS[1000:1002].tolist()


def test_bug_20_waits_grow_up_to_half_a_minute_and_are_noted(exchange: LoopbackExchange) -> None:
    feed = feed_of(exchange)
    exchange.faults.add(HttpError(503), path=PATHS[exchange.name], times=7)
    follow(feed, 1, START)
    notes = feed.take_notes()
    assert [note.split("next try in ")[1].split(" s")[0] for note in notes] == ["1", "2", "4", "8", "16", "30", "30"]
    assert "503" in notes[0]
    assert "since=" not in notes[0]


@pytest.mark.parametrize("fault", [DuplicateRows(), ReversedRows(), NoRows()])
def test_bug_07_doubled_unordered_and_missing_rows_change_nothing(fault: Any, exchange: LoopbackExchange) -> None:
    feed = feed_of(exchange)
    exchange.faults.add(fault, path=PATHS[exchange.name], times=3)
    minutes = follow(feed, 4, START)
    assert [minute.rows["BTC-USDT"].tolist() for minute in minutes[:4]] == ROWS[1000:1004].tolist()


def test_a_minute_without_a_trade_is_skipped_as_soon_as_there_is_a_later_candle() -> None:
    rows = np.delete(ROWS, [1002, 1003], axis=0)
    with LoopbackExchange({"BTC-USDT": rows}, "kraken", clock=ManualClock(START)) as exchange:
        minutes = follow(feed_of(exchange), 3, START)
        assert [(minute.time - START) // MINUTE_MS for minute in minutes] == [0, 1, 4]


def test_a_symbol_without_trades_is_waited_for_and_then_left_out() -> None:
    silent = np.delete(OTHER, slice(1002, 1005), axis=0)
    with LoopbackExchange({"BTC-USDT": ROWS, "ETH-USDT": silent}, "kraken", clock=ManualClock(START)) as exchange:
        feed = feed_of(exchange, "BTC-USDT", "ETH-USDT", patience_ms=20_000)
        minutes = follow(feed, 3, START)
        assert sorted(minutes[2].rows) == ["BTC-USDT"]
        assert START + 3 * MINUTE_MS + 20_000 <= exchange.clock.now() < START + 4 * MINUTE_MS
        assert [sorted(minute.rows) for minute in follow(feed, 3, START + 3 * MINUTE_MS)][-1] == [
            "BTC-USDT",
            "ETH-USDT",
        ]


def test_a_candle_that_the_exchange_changes_later_is_noted(exchange: LoopbackExchange) -> None:
    feed = feed_of(exchange)
    market = exchange._venue.markets["BTC-USDT"]
    minute = follow(feed, 1, START)[0]
    row = market.rows[1000].copy()
    try:
        market.rows[1000, 5] += 1
        follow(feed, 1, minute.time + MINUTE_MS)
    finally:
        market.rows[1000] = row
    assert "changed the candle of" in feed.take_notes()[0]


def test_a_symbol_that_is_not_listed_is_refused(exchange: LoopbackExchange) -> None:
    with pytest.raises(CandlesNotFoundError, match="does not list DOGE/USDT"):
        feed_of(exchange, "DOGE-USDT")
    with pytest.raises(LiveError, match="at least one symbol"):
        ExchangeFeed(exchange.client(), [], clock=exchange.clock)


def test_history_is_read_in_pages(exchange: LoopbackExchange) -> None:
    exchange.clock.sleep_until(int(ROWS[2900, 0]))
    first = 2300 if exchange.name == "kraken" else 100
    rows = feed_of(exchange).history("BTC-USDT", int(ROWS[first, 0]), int(ROWS[2890, 0]))
    assert np.array_equal(rows, ROWS[first:2890])


@pytest.mark.parametrize("kind", ["cross", "isolated", "spot"])
def test_a_paper_session_over_real_sockets_gives_what_the_backtest_gives(
    kind: str, exchange: LoopbackExchange, tmp_path: Path, minutes: Any, spec_of: Any, restless: Any, summary: Any
) -> None:
    config = {
        "cross": {},
        "isolated": {"futures_leverage": 100, "futures_leverage_mode": "isolated"},
        "spot": {"type": "spot"},
    }[kind]
    strategy = restless.RestlessSpot if kind == "spot" else restless.Restless
    rows = {"BTC-USDT": minutes(4, 500), "ETH-USDT": minutes(5, 500)}
    spec = spec_of({"BTC-USDT": strategy, "ETH-USDT": strategy}, rows, "1m", warm_up=100, **config)
    start = int(rows["BTC-USDT"][100, 0])
    bulk = spec.run()
    assert len(bulk.trades) > 10
    with LoopbackExchange(rows, exchange.name, clock=ManualClock(start)) as market:
        for path in (PATHS[exchange.name], "ime"):
            market.faults.add(HttpError(503), path=path, after=100, times=2)
        for stop in (137, 200, 400):
            feed = ExchangeFeed(market.client(), list(rows), clock=market.clock)
            with LiveSession(spec, feed, tmp_path / "s", start=start) as session:
                session.run(until=start + stop * MINUTE_MS + 5_000)
                assert session.journal.last_minute() == start + (stop - 1) * MINUTE_MS
                if stop == 400:
                    assert summary(session.finish()) == summary(bulk)
