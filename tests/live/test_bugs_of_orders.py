"""The commonest live bugs of orders and state, as faults of the loopback exchange through real ccxt."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.loopback_client import ROWS, START, connect

from livermore.errors import JournalError
from livermore.live import ExchangeBroker, ManualClock, OrderJournal, OrderRequest, Outcome
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import Edited, HttpError, Reply

pytest.importorskip("ccxt", reason="needs the extra ccxt")

SUBMIT = {"kraken": "AddOrder", "binanceusdm": "rder"}


@pytest.fixture(params=sorted(SUBMIT))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange(
        {"BTC-USDT": ROWS, "ETH-USDT": ROWS},
        request.param,
        clock=ManualClock(START + 90_000),
        balances={"USDT": 10_000, "BTC": 5, "ETH": 5},
    ) as exchange:
        yield exchange
        assert exchange.unknown_requests == []


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[OrderJournal]:
    journal = OrderJournal(tmp_path / "orders.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def broker(exchange: LoopbackExchange, journal: OrderJournal) -> ExchangeBroker:
    return ExchangeBroker(connect(exchange), ["BTC-USDT", "ETH-USDT"], journal, clock=exchange.clock)


def order(name: str = "a", side: Any = "buy", kind: Any = "market", price: float | None = None) -> OrderRequest:
    return OrderRequest(name, "BTC-USDT", side, kind, 1.0, price)


def test_bug_13_a_fill_has_the_price_of_its_trade_not_that_of_its_limit(
    exchange: LoopbackExchange, broker: ExchangeBroker
) -> None:
    broker.submit(order(kind="limit", price=103), last_price=100)
    assert [(fill.price, fill.qty) for fill in broker.poll_fills()] == [(100, 1)]


def with_status(status: str) -> Callable[[Any], Any]:
    """Return what gives each order in an answer a status that no documentation has."""

    def change(content: Any) -> Any:
        if isinstance(content, list):
            return [change(part) for part in content]
        if isinstance(content, dict):
            return {key: status if key in ("status", "algoStatus") else change(value) for key, value in content.items()}
        return content

    return change


def test_bug_14_a_status_that_nobody_knows_does_not_lose_an_order(
    exchange: LoopbackExchange, broker: ExchangeBroker
) -> None:
    exchange.faults.add(HttpError(502, is_refusal=False), path=SUBMIT[exchange.name])
    assert broker.submit(order(side="sell", kind="limit", price=105), last_price=100).outcome is Outcome.UNRESOLVED
    exchange.faults.add(Edited(with_status("HALF_OPEN")), path="rder", times=10)
    assert [result.outcome for result in broker.resolve()] == [Outcome.CONFIRMED]
    exchange.faults.clear()
    exchange.clock.sleep_until(START + 60_000 * 8)
    assert [fill.name for fill in broker.poll_fills()] == ["a"]


def numbered(content: Any) -> Any:
    """Return Kraken's answer with ids as numbers; Binance's are numbers."""
    if isinstance(content, dict) and "txid" in content.get("result", {}):
        content["result"]["txid"] = [12345]
    return content


def test_bug_14_an_id_that_is_a_number_is_the_id_of_the_order(broker: ExchangeBroker, exchange: Any) -> None:
    exchange.faults.add(Edited(numbered), path=SUBMIT[exchange.name])
    result = broker.submit(order(side="sell", kind="limit", price=105), last_price=100)
    assert result.outcome is Outcome.CONFIRMED
    assert result.exchange_id.isdigit()
    assert broker.cancel("a").outcome is Outcome.CONFIRMED


def test_bug_15_a_cancellation_leaves_the_stops_of_other_routes_alone(
    exchange: LoopbackExchange, broker: ExchangeBroker
) -> None:
    for name, symbol in (("a", "BTC-USDT"), ("b", "ETH-USDT"), ("c", "BTC-USDT")):
        request = OrderRequest(name, symbol, "sell", "stop", 1.0, 90)
        assert broker.submit(request, last_price=100).outcome is Outcome.CONFIRMED
    assert broker.cancel("a").outcome is Outcome.CONFIRMED
    left = {found.client_id for found in exchange.account.open_orders()}
    assert left == {OrderRequest(name, "BTC-USDT", "sell", "stop", 1.0, 90).client_id for name in "bc"}


def test_bug_16_a_position_that_lags_its_fill_changes_nothing(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    exchange.account.position_delay_ms = 30_000
    broker.submit(order(), last_price=100)
    shown = exchange.account.shown_money()
    assert (shown.balances["BTC"] if exchange.name == "kraken" else shown.positions.get("BTC-USDT", 0)) in (5, 0)
    broker.poll_fills()
    assert journal.position("BTC-USDT") == 1


def test_bug_16_a_trade_that_is_listed_late_is_a_fill_when_it_is(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    exchange.account.trade_delay_ms = 40_000
    broker.submit(order("a"), last_price=100)
    exchange.clock.advance(30_000)
    exchange.account.trade_delay_ms = 0
    broker.submit(order("b"), last_price=100)
    # The second trade is listed first; the first must still be asked for.
    hidden = exchange.account.trades.pop(0)
    assert [fill.name for fill in broker.poll_fills()] == ["b"]
    exchange.account.trades.insert(0, hidden)
    assert [fill.name for fill in broker.poll_fills()] == ["a"]
    assert journal.position("BTC-USDT") == 2


@pytest.mark.parametrize("fault", [HttpError(404), HttpError(410, body="gone"), Reply({"code": -4120, "msg": "moved"})])
def test_bug_18_an_endpoint_that_was_moved_is_said_and_never_taken_for_success(
    fault: Any, exchange: LoopbackExchange, broker: ExchangeBroker
) -> None:
    if isinstance(fault, Reply) and exchange.name == "kraken":
        fault = Reply({"error": ["EGeneral:Unknown method"]})
    exchange.faults.add(fault, path=SUBMIT[exchange.name])
    result = broker.submit(order(), last_price=100)
    assert result.outcome in (Outcome.UNRESOLVED, Outcome.REJECTED)
    assert result.reason
    exchange.clock.advance(6_000)
    found = [settled for _ in range(4) for settled in broker.resolve()]
    assert [settled.outcome for settled in found] == (
        [Outcome.REJECTED] if result.outcome is Outcome.UNRESOLVED else []
    )
    assert exchange.account.orders == {}


def locked(path: Path) -> sqlite3.Connection:
    """Return another program that writes to a journal and does not end its transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_bug_23_nothing_is_sent_that_cannot_be_written_down_before(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    journal._connection.execute("PRAGMA busy_timeout = 50")
    other = locked(journal.path)
    with pytest.raises(JournalError, match="locked"):
        broker.submit(order(), last_price=100)
    assert exchange.account.orders == {}
    other.rollback()
    other.close()
    assert broker.submit(order(), last_price=100).outcome is Outcome.CONFIRMED
    assert len(exchange.account.orders) == 1


def test_bug_23_a_fill_that_could_not_be_written_down_is_asked_for_again(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    broker.submit(order(), last_price=100)
    journal._connection.execute("PRAGMA busy_timeout = 50")
    other = locked(journal.path)
    with pytest.raises(JournalError, match="locked"):
        broker.poll_fills()
    other.rollback()
    other.close()
    assert [fill.name for fill in broker.poll_fills()] == ["a"]
    assert journal.position("BTC-USDT") == 1


def test_bug_23_an_answer_that_could_not_be_written_down_leaves_the_order_unresolved(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    journal._connection.execute("PRAGMA busy_timeout = 50")
    others: list[sqlite3.Connection] = []

    def lock(content: Any) -> Any:
        others.append(sqlite3.connect(journal.path, isolation_level=None, check_same_thread=False))
        others[0].execute("BEGIN IMMEDIATE")
        return content

    exchange.faults.add(Edited(lock), path=SUBMIT[exchange.name])
    with pytest.raises(JournalError, match="locked"):
        broker.submit(order(), last_price=100)
    others[0].rollback()
    others[0].close()
    # The exchange has it, and it is in the journal: it is asked for, and not sent again.
    assert broker.submit(order(), last_price=100).outcome is Outcome.UNRESOLVED
    assert [result.outcome for result in broker.resolve()] == [Outcome.CONFIRMED]
    assert len(exchange.account.orders) == 1


def test_bug_25_a_report_that_cannot_be_read_is_not_an_empty_one(
    exchange: LoopbackExchange, broker: ExchangeBroker, journal: OrderJournal
) -> None:
    import ccxt

    broker.submit(order(), last_price=100)
    broker.poll_fills()
    exchange.faults.add(HttpError(503), times=4)
    with pytest.raises(ccxt.BaseError):
        broker.open_orders()
    with pytest.raises(ccxt.BaseError):
        broker.poll_fills()
    assert journal.position("BTC-USDT") == 1


def test_bug_26_orders_that_are_open_at_the_exchange_are_known_after_a_restart(
    exchange: LoopbackExchange, tmp_path: Path
) -> None:
    def made_anew() -> tuple[ExchangeBroker, OrderJournal]:
        journal = OrderJournal(tmp_path / "again.sqlite")
        return ExchangeBroker(connect(exchange), ["BTC-USDT"], journal, clock=exchange.clock), journal

    broker, journal = made_anew()
    broker.submit(order("target", "sell", "limit", 105), last_price=100)
    broker.submit(order("stop", "sell", "stop", 92), last_price=100)
    journal.close()
    broker, journal = made_anew()
    assert len(broker.open_orders()["BTC-USDT"]) == 2
    assert broker.submit(order("stop", "sell", "stop", 92), last_price=100).outcome is Outcome.CONFIRMED
    assert len(exchange.account.open_orders()) == 2
    exchange.clock.sleep_until(START + 60_000 * 8)
    assert {fill.name for fill in broker.poll_fills()} == {"target", "stop"}
    journal.close()
