"""The commonest live bugs of candles and of paper sessions, as faults of the loopback exchange through real ccxt."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.loopback_client import ROWS, START

from livermore.candles import MINUTE_MS
from livermore.live import ExchangeFeed, LiveSession, ManualClock, Minute
from livermore.strategies import Strategy
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import Answer, Disconnect, Malformed, NoRows

ccxt = pytest.importorskip("ccxt", reason="needs the extra ccxt")

CANDLES = {"kraken": "OHLC", "binanceusdm": "klines"}


@pytest.fixture(params=sorted(CANDLES))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    rows = {"BTC-USDT": ROWS, "ETH-USDT": ROWS}
    with LoopbackExchange(rows, request.param, clock=ManualClock(START)) as exchange:
        yield exchange
        assert exchange.unknown_requests == []


class Frozen:
    """Answers with what it answered first, as a cache does that is never refreshed."""

    is_refusal = False

    def __init__(self) -> None:
        self.first: Answer | None = None

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the first answer."""
        self.first = self.first or answer
        return self.first


class Bracket(Strategy):
    """Buys once, with a stop and a target."""

    def should_long(self) -> bool:
        """Buy on the second bar."""
        return bool(self.index == 1)

    def go_long(self) -> None:
        """Buy one."""
        self.buy = 1, self.price
        self.take_profit = 1, 108
        self.stop_loss = 1, 93


def session_of(
    exchange: LoopbackExchange, folder: Path, spec_of: Any, strategy: Any = Bracket, **options: Any
) -> LiveSession:
    feed = ExchangeFeed(exchange.client(timeout=30_000), ["BTC-USDT"], clock=exchange.clock, **options)
    return LiveSession(spec_of({"BTC-USDT": strategy}, {"BTC-USDT": ROWS}), feed, folder, start=START)


def test_bug_02_answers_that_do_not_move_on_are_said_and_bring_no_minute(
    exchange: LoopbackExchange, tmp_path: Path, spec_of: Any
) -> None:
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        session.run(until=START + 3 * MINUTE_MS + 5_000)
        exchange.faults.add(Frozen(), path=CANDLES[exchange.name], times=1_000_000)
        session.run(until=START + 33 * MINUTE_MS)
        # The minute that was running when the cache froze is taken after 20 s as it was shown, and no other one.
        assert session.next_minute == START + 5 * MINUTE_MS
        received = session.journal._select("SELECT max(received_at) FROM minutes")[0][0]
        assert received >= START + 5 * MINUTE_MS + 20_000
        assert session.session.trades == []
        notes = [text for _, text in session.journal.notes()]
        assert any("as it was shown before its minute was over" in text for text in notes)
        assert any("shows no candle from" in text for text in notes)
        exchange.faults.clear()
        session.run(until=START + 40 * MINUTE_MS)
        assert any("changed the candle of" in text for _, text in session.journal.notes())
        times = [recorded.minute.time for recorded in session.journal.minutes()]
        assert times == [START + i * MINUTE_MS for i in range(39)]
        assert [trade.exit_price for trade in session.session.trades] == [108]


def test_bug_02_a_symbol_whose_answers_do_not_move_on_is_said_once_it_does(exchange: LoopbackExchange) -> None:
    feed = ExchangeFeed(exchange.client(timeout=30_000), ["BTC-USDT", "ETH-USDT"], clock=exchange.clock)
    exchange.clock.sleep_until(START + 5_000)
    assert feed.poll(START) == []
    fetch = feed._fetch
    empty = feed._fetch("ETH-USDT", START, 1)[:0]
    feed._fetch = lambda symbol, since, limit: (  # type: ignore[method-assign]
        empty if symbol == "ETH-USDT" else fetch(symbol, since, limit)
    )
    exchange.clock.sleep_until(START + MINUTE_MS + 25_000)
    (minute,) = feed.poll(START)
    assert sorted(minute.rows) == ["BTC-USDT"]
    assert any(note.startswith("ETH-USDT: the exchange shows no candle from") for note in feed.take_notes())
    feed._fetch = fetch  # type: ignore[method-assign]
    exchange.clock.sleep_until(START + 2 * MINUTE_MS + 5_000)
    feed.poll(START + MINUTE_MS)
    assert any("took it for a minute without a trade" in note for note in feed.take_notes())


def test_bug_30_orders_on_paper_are_executed_also_in_a_gap_and_without_a_key(
    exchange: LoopbackExchange, tmp_path: Path, spec_of: Any
) -> None:
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        session.run(until=START + 3 * MINUTE_MS + 5_000)
        assert session.status()["positions"] == {"BTC-USDT": 1}
        assert session.status()["orders"] == {"BTC-USDT": 2}
    # The price reaches the target in the sixth minute, while the session is down.
    exchange.clock.advance(20 * MINUTE_MS)
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        session.run(until=START + 25 * MINUTE_MS)
        assert [(t.exit_price, t.closed_at) for t in session.session.trades] == [(108, START + 6 * MINUTE_MS)]
        assert session.status()["orders"] == {"BTC-USDT": 0}
    assert exchange.account.orders == {}


def test_bug_31_a_session_outlives_connections_that_are_reset(
    exchange: LoopbackExchange, tmp_path: Path, spec_of: Any
) -> None:
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        for after in (1, 3, 4, 9):
            exchange.faults.add(Disconnect(is_refusal=True), path=CANDLES[exchange.name], after=after, times=3)
        session.run(until=START + 30 * MINUTE_MS + 5_000)
        assert session.next_minute == START + 30 * MINUTE_MS
        assert len(session.session.trades) == 1
        assert sum("could not be fetched" in text for _, text in session.journal.notes()) == 12


def test_bug_21_and_22_a_session_on_paper_starts_with_its_open_position_and_its_exits(
    exchange: LoopbackExchange, tmp_path: Path, spec_of: Any
) -> None:
    for minute in (3, 4, 5):
        with session_of(exchange, tmp_path / "s", spec_of) as session:
            session.run(until=START + minute * MINUTE_MS + 5_000)
            assert session.status()["positions"] == {"BTC-USDT": 1}
            book = session.session.runners[0].book
            assert sorted(order.price for order in book.waiting()) == [93, 108]
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        session.run(until=START + 10 * MINUTE_MS)
        assert [trade.exit_price for trade in session.session.trades] == [108]


def test_bug_03_an_empty_answer_after_an_absence_is_asked_for_again(exchange: LoopbackExchange) -> None:
    feed = ExchangeFeed(exchange.client(timeout=30_000), ["BTC-USDT", "ETH-USDT"], clock=exchange.clock)
    exchange.clock.advance(30 * MINUTE_MS + 5_000)
    exchange.faults.add(NoRows(), path=CANDLES[exchange.name], after=1, times=3)
    minutes: list[Minute] = []
    while not minutes:
        minutes = list(feed.poll(START))
        exchange.clock.advance(1_000)
    assert len(minutes) >= 30
    assert all(sorted(minute.rows) == ["BTC-USDT", "ETH-USDT"] for minute in minutes)


def test_bug_31_answers_that_are_cut_are_asked_for_again_also_those_about_clock_and_markets(
    exchange: LoopbackExchange, tmp_path: Path, spec_of: Any
) -> None:
    with session_of(exchange, tmp_path / "s", spec_of) as session:
        exchange.faults.add(Malformed(), path="ime", after=5, times=5)
        session.run(until=START + 130 * MINUTE_MS + 5_000)
        assert session.next_minute == START + 130 * MINUTE_MS
        assert any("is no JSON" in text for _, text in session.journal.notes())
    exchange.faults.clear()
    # Kraken's list of assets, Binance's of contracts.
    exchange.faults.add(Malformed(), path="Asset" if exchange.name == "kraken" else "exchangeInfo", times=2)
    with pytest.raises(ccxt.NetworkError, match="is no JSON"):
        ExchangeFeed(exchange.client(), ["BTC-USDT"], clock=exchange.clock)
