"""Orders on an exchange: the loopback exchange, through real ccxt. Numbers are those of the list of live bugs."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.loopback_client import ROWS, START, connect

from livermore.errors import CandlesNotFoundError, ConfigError, LiveError
from livermore.live import ExchangeBroker, Limits, ManualClock, OrderJournal, OrderRequest, Outcome
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import Disconnect, HttpError, Malformed, Reply, Stall

ccxt = pytest.importorskip("ccxt", reason="needs the extra ccxt")

SUBMIT = {"kraken": "AddOrder", "binanceusdm": "rder"}


@pytest.fixture(params=sorted(SUBMIT))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange(
        {"BTC-USDT": ROWS}, request.param, clock=ManualClock(START + 90_000), balances={"USDT": 10_000, "BTC": 5}
    ) as exchange:
        yield exchange
        assert exchange.unknown_requests == []


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[OrderJournal]:
    journal = OrderJournal(tmp_path / "orders.sqlite")
    yield journal
    journal.close()


def broker_of(exchange: LoopbackExchange, journal: OrderJournal, **options: Any) -> ExchangeBroker:
    return ExchangeBroker(connect(exchange), ["BTC-USDT"], journal, clock=exchange.clock, **options)


def buy(name: str = "a", qty: float = 1.0, **changes: Any) -> OrderRequest:
    return OrderRequest(**{"name": name, "symbol": "BTC-USDT", "side": "buy", "kind": "market", "qty": qty} | changes)


def test_a_market_order_is_confirmed_and_filled_by_its_trade(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    result = broker.submit(buy(), last_price=100)
    assert result.outcome is Outcome.CONFIRMED
    fill = broker.poll_fills()[0]
    assert (fill.name, fill.side, fill.qty, fill.price) == ("a", "buy", 1, 100)
    assert journal.position("BTC-USDT") == journal.filled("a") == 1
    assert broker.poll_fills() == []


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"side": "sell", "kind": "limit", "price": 105}, 105),
        ({"side": "sell", "kind": "stop", "price": 95}, 95),
        ({"side": "buy", "kind": "stop", "price": 104}, 104),
    ],
)
def test_limits_and_stops_wait_for_their_price(
    changes: dict[str, Any], at: float, exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    assert broker.submit(buy(**changes), last_price=100).outcome is Outcome.CONFIRMED
    assert len(broker.open_orders()["BTC-USDT"]) == 1
    assert broker.poll_fills() == []
    exchange.clock.sleep_until(START + 60_000 * 8)
    assert [fill.price for fill in broker.poll_fills()] == [at]
    assert broker.open_orders()["BTC-USDT"] == []


def test_the_limit_of_a_position_is_that_of_what_is_held(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal, limits=Limits(position_value=250))
    assert broker.submit(buy("a"), last_price=100, position=2).outcome is Outcome.DENIED
    assert broker.submit(buy("b"), last_price=100).outcome is Outcome.CONFIRMED


def test_the_same_name_is_sent_once(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    first = broker.submit(buy(), last_price=100)
    assert broker.submit(buy(), last_price=100) == first
    assert len(exchange.account.orders) == 1


@pytest.mark.parametrize(
    "fault", [Disconnect(), HttpError(502, is_refusal=False), HttpError(429, is_refusal=False), Malformed(), Stall(60)]
)
def test_bug_09_an_order_whose_answer_was_lost_is_found_and_never_sent_again(
    fault: Any, exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(fault, path=SUBMIT[exchange.name])
    if isinstance(fault, Stall):
        broker._client.timeout = 1_000
    result = broker.submit(buy(), last_price=100)
    broker._client.timeout = 30_000
    assert result.outcome is Outcome.UNRESOLVED
    assert broker.submit(buy(), last_price=100).outcome is Outcome.UNRESOLVED
    assert [result.outcome for result in broker.resolve()] == [Outcome.CONFIRMED]
    assert len(exchange.account.orders) == 1
    assert [fill.name for fill in broker.poll_fills()] == ["a"]
    assert broker.resolve() == []


def test_bug_09_an_order_that_never_arrived_is_rejected_after_some_time_and_some_questions(
    exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(HttpError(503), path=SUBMIT[exchange.name])
    assert broker.submit(buy(), last_price=100).outcome is Outcome.UNRESOLVED
    for _ in range(5):
        assert broker.resolve() == []
    exchange.clock.advance(6_000)
    result = broker.resolve()[0]
    assert (result.outcome, result.reason) == (Outcome.REJECTED, "the exchange does not know it")


def test_a_question_that_fails_says_nothing_of_the_order(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(HttpError(503), path=SUBMIT[exchange.name])
    broker.submit(buy(), last_price=100)
    exchange.clock.advance(6_000)
    exchange.faults.add(HttpError(503), times=10)
    for _ in range(10):
        assert broker.resolve() == []
    assert len(journal.unresolved()) == 1


def test_bug_10_a_duplicate_id_means_that_the_exchange_has_the_order(
    exchange: LoopbackExchange, tmp_path: Path
) -> None:
    """A limit order was sent by a process that died before it wrote down the answer, with a journal that was lost."""
    sell = buy(side="sell", kind="limit", price=105)
    for name in ("first", "second"):
        journal = OrderJournal(tmp_path / f"{name}.sqlite")
        broker = broker_of(exchange, journal)
        result = broker.submit(sell, last_price=100)
        if name == "second":
            assert result.outcome is Outcome.UNRESOLVED
            assert [found.outcome for found in broker.resolve()] == [Outcome.CONFIRMED]
        journal.close()
    assert len(exchange.account.orders) == 1


def test_bug_11_an_order_that_was_taken_for_lost_is_known_again_by_its_first_fill(
    exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(Disconnect(), path=SUBMIT[exchange.name])
    order = buy(side="sell", kind="limit", price=105)
    broker.submit(order, last_price=100)
    journal.add_result(journal.result("a")._replace(outcome=Outcome.REJECTED), 0)  # type: ignore[union-attr]
    exchange.clock.sleep_until(START + 60_000 * 8)
    assert [fill.name for fill in broker.poll_fills()] == ["a"]
    found = journal.result("a")
    assert found is not None
    assert found.outcome is Outcome.CONFIRMED


def test_bug_12_and_19_parts_of_a_fill_are_counted_once_each(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    exchange.account.parts = 4
    broker = broker_of(exchange, journal)
    broker.submit(buy(), last_price=100)
    sums = []
    for _ in range(6):
        broker.poll_fills()
        broker.poll_fills()
        sums.append(journal.filled("a"))
        exchange.clock.advance(1_000)
    assert sums == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])


def test_a_fill_is_not_lost_when_the_question_for_the_next_symbol_fails(
    exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    with LoopbackExchange(
        {"BTC-USDT": ROWS, "ETH-USDT": ROWS}, exchange.name, clock=exchange.clock, balances={"USDT": 10_000}
    ) as both:
        broker = ExchangeBroker(connect(both), ["BTC-USDT", "ETH-USDT"], journal, clock=both.clock)
        broker.submit(buy(), last_price=100)
        both.faults.add(HttpError(503), path="rade", after=1)
        with pytest.raises(ccxt.NetworkError):
            broker.poll_fills()
        assert [fill.name for fill in broker.poll_fills()] == ["a"]


@pytest.mark.parametrize("content", [[], {}, {"error": []}])
def test_an_answer_without_a_balance_is_no_balance_of_nothing(
    content: Any, exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(
        Reply(content, is_refusal=False), path={"kraken": "Balance", "binanceusdm": "account"}[exchange.name]
    )
    with pytest.raises(ccxt.NetworkError):
        broker._calls.balance(broker._client)
    assert broker._calls.balance(broker._client)["USDT"]["free"] == 10_000


def test_bug_24_a_trade_by_hand_is_a_fill_without_a_name(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    broker.submit(buy(), last_price=100)
    exchange.account.close_by_hand("BTC-USDT")
    assert [fill.name for fill in broker.poll_fills()] == ["a", ""]
    assert journal.position("BTC-USDT") == 1


@pytest.mark.parametrize(
    "order", [buy(qty=1_000_000), buy(side="sell", kind="stop", price=101), buy(side="sell", qty=1_000_000)]
)
def test_what_the_exchange_refuses_is_rejected(
    order: OrderRequest, exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    result = broker_of(exchange, journal).submit(order, last_price=100)
    if exchange.name == "kraken" and order.kind == "stop":
        # Kraken's answer has no class of its own in ccxt: only a question tells.
        assert result.outcome is Outcome.UNRESOLVED
    else:
        assert result.outcome is Outcome.REJECTED
        assert order.kind == "stop" or "nsufficient" in result.reason
    assert exchange.account.orders == {}


def test_bug_20_a_rate_limit_is_unresolved_not_rejected(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    limited = (
        Reply({"error": ["EOrder:Rate limit exceeded"]}),
        Reply({"code": -1015, "msg": "Too many new orders."}, 429),
    )
    exchange.faults.add(limited[exchange.name == "binanceusdm"], path=SUBMIT[exchange.name])
    assert broker_of(exchange, journal).submit(buy(), last_price=100).outcome is Outcome.UNRESOLVED


@pytest.mark.parametrize("value", [float("nan"), -1, "500"])
@pytest.mark.parametrize("option", ["order_value", "position_value", "orders_per_minute", "price_band"])
def test_a_limit_that_would_limit_nothing_is_refused(option: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{option} must be a number"):
        Limits(**{option: value})


@pytest.mark.parametrize(
    ("limits", "order", "words"),
    [
        (Limits(order_value=50), buy(), "the order is worth 100, and 50 is allowed"),
        (Limits(position_value=150), buy(qty=2), "the position would be worth 200"),
        (Limits(price_band=0.1), buy(kind="limit", price=80), "20.0 % from the last one"),
        (Limits(), buy(qty=0.00001), "the quantity 1e-05 is less than 0.0001"),
        (Limits(), buy(qty=0.000001), "the quantity 1e-06 is less than 0.0001"),
        (Limits(), buy(qty=0.01), "the exchange takes none below 5"),
    ],
)
def test_an_order_beyond_a_limit_is_denied_and_not_sent(
    limits: Limits, order: OrderRequest, words: str, exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    result = broker_of(exchange, journal, limits=limits).submit(order, last_price=100)
    assert result.outcome is Outcome.DENIED
    assert words in result.reason
    assert exchange.account.orders == {}


def test_so_many_orders_a_minute_are_sent_and_no_more(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal, limits=Limits(orders_per_minute=2))
    outcomes = [broker.submit(buy(name, qty=0.1), last_price=100).outcome for name in "abc"]
    assert outcomes == [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.DENIED]
    exchange.clock.advance(61_000)
    assert broker.submit(buy("d", qty=0.1), last_price=100).outcome is Outcome.CONFIRMED


def test_quantities_are_rounded_down_and_prices_so_that_the_risk_does_not_grow(
    exchange: LoopbackExchange, journal: OrderJournal
) -> None:
    broker = broker_of(exchange, journal)
    broker.submit(buy("a", qty=0.123456789, kind="limit", price=99.999), last_price=100)
    broker.submit(buy("b", side="sell", kind="stop", price=95.001), last_price=100)
    first, second = exchange.account.orders.values()
    assert (float(first.qty), float(first.price or 0)) == (0.12345, 99.99)
    assert float(second.trigger or 0) == 95.01


def test_an_order_is_cancelled_by_its_name(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    for name, kind, price in (("a", "limit", 105.0), ("b", "stop", 95.0)):
        broker.submit(buy(name, side="sell", kind=kind, price=price), last_price=100)
        assert broker.cancel(name).outcome is Outcome.CONFIRMED
        assert broker.cancel(name).outcome is Outcome.CONFIRMED
    assert broker.open_orders()["BTC-USDT"] == []
    assert broker.cancel("c").outcome is Outcome.DENIED


def test_a_cancellation_whose_answer_was_lost_is_unresolved(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    broker.submit(buy(side="sell", kind="limit", price=105), last_price=100)
    exchange.faults.add(Disconnect(), path="CancelOrder" if exchange.name == "kraken" else "/order")
    assert broker.cancel("a").outcome is Outcome.UNRESOLVED
    assert broker.cancel("a").outcome is Outcome.CONFIRMED


def test_a_broker_that_was_made_anew_knows_what_was_sent(exchange: LoopbackExchange, tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    journal = OrderJournal(path)
    exchange.faults.add(Disconnect(), path=SUBMIT[exchange.name])
    broker_of(exchange, journal).submit(buy(), last_price=100)
    journal.close()
    journal = OrderJournal(path)
    broker = broker_of(exchange, journal)
    assert broker.submit(buy(), last_price=100).outcome is Outcome.UNRESOLVED
    assert [result.name for result in broker.resolve()] == ["a"]
    journal.close()
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="only added to"):
        connection.execute("DELETE FROM orders")
    connection.close()


def test_no_secret_gets_into_a_reason(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    broker = broker_of(exchange, journal)
    exchange.faults.add(HttpError(503), path=SUBMIT[exchange.name])
    reason = broker.submit(buy(), last_price=100).reason
    assert "503" in reason
    assert "signature" not in reason
    assert "://" not in reason


def test_what_cannot_be_traded_is_refused_at_the_start(exchange: LoopbackExchange, journal: OrderJournal) -> None:
    with pytest.raises(CandlesNotFoundError, match="does not list"):
        ExchangeBroker(connect(exchange), ["DOGE-USDT"], journal)
    denied = Reply({"error": ["EAPI:Invalid key"]}), Reply({"code": -2015, "msg": "Invalid API-key."}, 401)
    exchange.faults.add(
        denied[exchange.name == "binanceusdm"], path="alance" if exchange.name == "kraken" else "account"
    )
    with pytest.raises(LiveError, match="the key does not work"):
        broker_of(exchange, journal)

    class Other:
        id = "bitmex"

    with pytest.raises(LiveError, match="orders cannot be sent to bitmex yet; they can to kraken, binanceusdm"):
        ExchangeBroker(Other(), ["BTC-USDT"], journal)


@pytest.mark.parametrize(
    "changes", [{"qty": 0}, {"qty": float("nan")}, {"side": "long"}, {"kind": "limit"}, {"price": 5}, {"qty": -1}]
)
def test_what_is_no_order_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        buy(**changes)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_whatever_goes_wrong_no_order_is_doubled_and_both_sides_agree_at_the_end(
    seed: int, exchange: LoopbackExchange, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    exchange.account.parts = draw.choice([1, 3])
    faults = [Disconnect(), HttpError(503), HttpError(502, is_refusal=False), Malformed(), HttpError(429)]
    path = tmp_path / "orders.sqlite"
    journal = OrderJournal(path)
    broker = broker_of(exchange, journal)
    for number in range(12):
        if draw.random() < 0.5:
            exchange.faults.add(draw.choice(faults), path=SUBMIT[exchange.name], after=draw.choice([0, 0, 1]))
        side = draw.choice(["buy", "sell"])
        request = buy(f"{seed}-{number}", side=side, qty=0.1)
        for _ in range(draw.choice([1, 2])):
            broker.submit(request, last_price=100)
        if draw.random() < 0.3:
            # The process is killed, and another goes on.
            journal.close()
            journal = OrderJournal(path)
            broker = broker_of(exchange, journal)
        if draw.random() < 0.5:
            broker.resolve()
        exchange.clock.advance(draw.choice([500, 5_000]))
    exchange.faults.clear()
    for _ in range(5):
        broker.resolve()
        exchange.clock.advance(6_000)
        broker.poll_fills()
    assert journal.unresolved() == []
    ids = [order.client_id for order in exchange.account.orders.values()]
    assert len(ids) == len(set(ids))
    theirs = {order.client_id: float(order.filled) for order in exchange.account.orders.values()}
    for number in range(12):
        name = f"{seed}-{number}"
        order, result = journal.order(name), journal.result(name)
        assert order is not None
        assert result is not None
        assert (result.outcome is Outcome.CONFIRMED) == (order.client_id in theirs)
        assert journal.filled(name) == pytest.approx(theirs.get(order.client_id, 0))
    journal.close()
