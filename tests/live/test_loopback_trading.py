"""Trading on the loopback exchange, through ccxt's own classes. Numbers are those of the list of live bugs."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.live.loopback_client import connect

from livermore.live import ManualClock
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import Disconnect, HttpError, Reply, Stall

ccxt = pytest.importorskip("ccxt", reason="needs the extra ccxt")

SYMBOLS = {"kraken": "BTC/USDT", "binanceusdm": "BTC/USDT:USDT"}
#: What a path contains that takes orders.
ORDER_PATHS = {"kraken": "AddOrder", "binanceusdm": "/order"}
START = 1_704_067_200_000


def minute(i: int, opening: float, close: float, high: float | None = None, low: float | None = None) -> list[float]:
    top, bottom = max(opening, close), min(opening, close)
    return [START + 60_000 * i, opening, close, top if high is None else high, bottom if low is None else low, 10]


#: Quiet at 100, then up to 110, down to 90, and quiet at 95.
ROWS = np.array(
    [minute(i, 100, 100) for i in range(5)]
    + [minute(5, 100, 110), minute(6, 110, 90), minute(7, 90, 95)]
    + [minute(i, 95, 95) for i in range(8, 60)]
)


@pytest.fixture(params=sorted(SYMBOLS))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange(
        {"BTC-USDT": ROWS}, request.param, clock=ManualClock(START + 90_000), balances={"USDT": 10_000, "BTC": 5}
    ) as exchange:
        yield exchange
        assert exchange.unknown_requests == []


@pytest.fixture
def client(exchange: LoopbackExchange) -> Any:
    client = connect(exchange)
    client.load_markets()
    return client


def symbol_of(exchange: LoopbackExchange) -> str:
    return SYMBOLS[exchange.name]


def held(exchange: LoopbackExchange) -> Decimal:
    money = exchange.account.money
    return money.positions.get("BTC-USDT", Decimal(0)) if exchange.name == "binanceusdm" else money.balances["BTC"] - 5


def advance_to(exchange: LoopbackExchange, minute_number: int) -> None:
    exchange.clock.sleep_until(START + 60_000 * minute_number)


def test_a_market_order_fills_at_the_last_price(exchange: LoopbackExchange, client: Any) -> None:
    order = client.create_order(symbol_of(exchange), "market", "buy", 0.5)
    found = client.fetch_order(order["id"], symbol_of(exchange))
    assert (found["status"], found["filled"], found["average"]) == ("closed", 0.5, 100)
    assert held(exchange) == Decimal("0.5")
    trade = client.fetch_my_trades(symbol_of(exchange))[0]
    assert (trade["order"], trade["amount"], trade["price"], trade["takerOrMaker"]) == (order["id"], 0.5, 100, "taker")
    assert trade["fee"]["cost"] == pytest.approx(0.025)


def test_a_limit_order_waits_for_its_price(exchange: LoopbackExchange, client: Any) -> None:
    order = client.create_order(symbol_of(exchange), "limit", "sell", 1, 105)
    assert [o["id"] for o in client.fetch_open_orders(symbol_of(exchange))] == [order["id"]]
    advance_to(exchange, 5)
    assert client.fetch_order(order["id"], symbol_of(exchange))["status"] == "open"
    advance_to(exchange, 6)
    found = client.fetch_order(order["id"], symbol_of(exchange))
    assert (found["status"], found["average"]) == ("closed", 105)
    assert client.fetch_my_trades(symbol_of(exchange))[0]["takerOrMaker"] == "maker"


def test_a_limit_order_at_a_better_price_fills_at_once(exchange: LoopbackExchange, client: Any) -> None:
    order = client.create_order(symbol_of(exchange), "limit", "buy", 1, 103)
    assert client.fetch_order(order["id"], symbol_of(exchange))["average"] == 100


@pytest.mark.parametrize(
    ("side", "params", "at"),
    [
        ("sell", {"stopLossPrice": 95}, 95),
        ("buy", {"stopLossPrice": 104}, 104),
        ("sell", {"takeProfitPrice": 108}, 108),
        ("buy", {"takeProfitPrice": 92}, 92),
    ],
)
def test_stops_and_targets_become_market_orders_at_their_trigger(
    side: str, params: dict[str, float], at: float, exchange: LoopbackExchange, client: Any
) -> None:
    conditional = {"trigger": True} if exchange.name == "binanceusdm" else {}
    client.create_order(symbol_of(exchange), "market", side, 1, None, params)
    assert len(client.fetch_open_orders(symbol_of(exchange), params=conditional)) == 1
    advance_to(exchange, 8)
    assert client.fetch_open_orders(symbol_of(exchange), params=conditional) == []
    assert [trade["price"] for trade in client.fetch_my_trades(symbol_of(exchange))] == [at]


def test_a_stop_that_the_price_jumps_over_fills_at_its_trigger_or_beyond() -> None:
    rows = np.array([minute(i, 100, 100) for i in range(3)] + [minute(3, 80, 85)])
    clock = ManualClock(START + 90_000)
    with LoopbackExchange({"BTC-USDT": rows}, "kraken", clock=clock, balances={"BTC": 5}) as exchange:
        client = connect(exchange)
        client.create_order("BTC/USDT", "market", "sell", 1, None, {"stopLossPrice": 90})
        clock.advance(200_000)
        assert [trade["price"] for trade in client.fetch_my_trades("BTC/USDT")] == [80]


def test_a_cancelled_order_does_not_fill(exchange: LoopbackExchange, client: Any) -> None:
    order = client.create_order(symbol_of(exchange), "limit", "sell", 1, 105)
    client.cancel_order(order["id"], symbol_of(exchange))
    advance_to(exchange, 8)
    assert client.fetch_order(order["id"], symbol_of(exchange))["status"] == "canceled"
    assert client.fetch_my_trades(symbol_of(exchange)) == []
    with pytest.raises(ccxt.OrderNotFound):
        client.cancel_order(order["id"], symbol_of(exchange))


def test_all_orders_are_cancelled_at_once(exchange: LoopbackExchange, client: Any) -> None:
    for price in (105, 106):
        client.create_order(symbol_of(exchange), "limit", "sell", 1, price)
    client.cancel_all_orders(symbol_of(exchange))
    assert client.fetch_open_orders(symbol_of(exchange)) == []


def test_an_order_is_amended(exchange: LoopbackExchange, client: Any) -> None:
    order = client.create_order(symbol_of(exchange), "limit", "sell", 1, 105)
    client.edit_order(order["id"], symbol_of(exchange), "limit", "sell", 2, 107)
    advance_to(exchange, 6)
    trade = client.fetch_my_trades(symbol_of(exchange))[0]
    assert (trade["amount"], trade["price"]) == (2, 107)


def test_the_dead_man_switch_cancels_what_is_open(exchange: LoopbackExchange, client: Any) -> None:
    client.create_order(symbol_of(exchange), "limit", "sell", 1, 105)
    if exchange.name == "kraken":
        client.cancel_all_orders_after(60_000)
    else:
        client.fapiPrivatePostCountdownCancelAll({"symbol": "BTCUSDT", "countdownTime": 60_000})
    exchange.clock.advance(59_000)
    assert len(client.fetch_open_orders(symbol_of(exchange))) == 1
    exchange.clock.advance(2_000)
    assert client.fetch_open_orders(symbol_of(exchange)) == []


def test_bug_12_partial_fills_come_one_after_another_and_add_up(exchange: LoopbackExchange, client: Any) -> None:
    exchange.account.parts = 3
    order = client.create_order(symbol_of(exchange), "market", "buy", 1)
    seen = []
    for _ in range(4):
        found = client.fetch_order(order["id"], symbol_of(exchange))
        seen.append((found["status"], found["filled"]))
        exchange.clock.advance(1_000)
    assert seen[-2:] == [("closed", 1), ("closed", 1)]
    assert [status for status, _ in seen[:2]] == ["open", "open"]
    assert 0 < seen[0][1] < seen[1][1] < 1
    trades = client.fetch_my_trades(symbol_of(exchange))
    assert len({trade["id"] for trade in trades}) == 3
    assert sum(trade["amount"] for trade in trades) == pytest.approx(1)


@pytest.mark.parametrize("fault", [Disconnect(), HttpError(502, is_refusal=False), Stall(60)])
def test_bug_09_an_order_whose_answer_was_lost_is_found_by_its_client_id(
    fault: Any, exchange: LoopbackExchange
) -> None:
    client = connect(exchange)
    client.load_markets()
    exchange.faults.add(fault, path=ORDER_PATHS[exchange.name])
    if isinstance(fault, Stall):
        client.timeout = 1_000
    with pytest.raises(ccxt.NetworkError):
        client.create_order(symbol_of(exchange), "limit", "sell", 1, 105, {"clientOrderId": "mine-1"})
    client.timeout = 30_000
    assert len(exchange.account.orders) == 1
    if exchange.name == "kraken":
        found = client.fetch_open_orders(symbol_of(exchange), params={"clientOrderId": "mine-1"})[0]
    else:
        found = client.fetch_order("", symbol_of(exchange), {"clientOrderId": "mine-1"})
    assert (found["clientOrderId"], found["amount"], found["price"]) == ("mine-1", 1, 105)


def test_bug_09_a_refused_request_leaves_no_order(exchange: LoopbackExchange, client: Any) -> None:
    exchange.faults.add(HttpError(503), path=ORDER_PATHS[exchange.name])
    with pytest.raises(ccxt.NetworkError):
        client.create_order(symbol_of(exchange), "limit", "sell", 1, 105)
    assert exchange.account.orders == {}


def test_bug_10_a_client_id_is_taken_once(exchange: LoopbackExchange, client: Any) -> None:
    client.create_order(symbol_of(exchange), "limit", "sell", 1, 105, {"clientOrderId": "mine-1"})
    with pytest.raises(ccxt.ExchangeError, match="uplicate"):
        client.create_order(symbol_of(exchange), "limit", "sell", 1, 105, {"clientOrderId": "mine-1"})
    assert len(exchange.account.open_orders()) == 1


def test_the_exchange_can_be_made_to_say_anything(exchange: LoopbackExchange, client: Any) -> None:
    busy = Reply({"error": ["EService:Busy"]}), Reply({"code": -1003, "msg": "Too many requests."}, 429)
    exchange.faults.add(busy[exchange.name == "binanceusdm"], path=ORDER_PATHS[exchange.name])
    with pytest.raises(ccxt.NetworkError):
        client.create_order(symbol_of(exchange), "market", "buy", 1)
    assert exchange.account.orders == {}


@pytest.mark.parametrize(
    ("kind", "side", "qty", "price", "error"),
    [
        ("limit", "buy", 100_000, 100, "InsufficientFunds"),
        ("limit", "buy", 0.00001, 100, "BaseError"),
        ("limit", "buy", 0.01, 100, "BaseError"),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    kind: str, side: str, qty: float, price: float, error: str, exchange: LoopbackExchange, client: Any
) -> None:
    with pytest.raises(getattr(ccxt, error)):
        client.create_order(symbol_of(exchange), kind, side, qty, price)
    assert exchange.account.orders == {}


def test_bug_24_a_position_that_was_closed_by_hand_is_gone(exchange: LoopbackExchange, client: Any) -> None:
    client.create_order(symbol_of(exchange), "market", "buy", 1)
    exchange.account.close_by_hand("BTC-USDT")
    assert held(exchange) == (0 if exchange.name == "binanceusdm" else -5)
    assert len(client.fetch_my_trades(symbol_of(exchange))) == 2


def test_what_is_held_for_open_orders_is_not_free(exchange: LoopbackExchange, client: Any) -> None:
    client.create_order(symbol_of(exchange), "limit", "buy", 10, 90)
    balance = client.fetch_balance()
    assert balance["USDT"]["total"] == 10_000
    # Kraken sets the whole price aside, Binance the margin of leverage 20.
    assert balance["USDT"]["free"] == (9_100 if exchange.name == "kraken" else 9_955)


def test_bug_17_a_nonce_that_does_not_rise_is_refused() -> None:
    with LoopbackExchange({"BTC-USDT": ROWS}, "kraken", clock=ManualClock(START + 90_000)) as exchange:
        client = connect(exchange)
        client.nonce = lambda: 7
        client.incrementing_nonce = lambda: 7
        client.fetch_balance()
        with pytest.raises(ccxt.InvalidNonce):
            client.fetch_balance()


def test_a_request_without_a_key_is_refused() -> None:
    with LoopbackExchange({"BTC-USDT": ROWS}, "kraken", clock=ManualClock(START + 90_000)) as exchange:
        client = exchange.client()
        with pytest.raises(ccxt.AuthenticationError):
            client.fetch_balance()


# --- Futures ------------------------------------------------------------------------------------------------------


@pytest.fixture
def futures() -> Iterator[LoopbackExchange]:
    with LoopbackExchange({"BTC-USDT": ROWS}, "binanceusdm", clock=ManualClock(START + 90_000)) as exchange:
        yield exchange


def test_a_position_has_entry_profit_leverage_and_margin_mode(futures: LoopbackExchange) -> None:
    client, symbol = connect(futures), SYMBOLS["binanceusdm"]
    client.set_leverage(5, symbol)
    client.set_margin_mode("isolated", symbol)
    client.create_order(symbol, "market", "sell", 2)
    advance_to(futures, 7)
    position = client.fetch_positions([symbol])[0]
    assert (position["side"], position["contracts"], position["entryPrice"], position["markPrice"]) == (
        "short",
        2,
        100,
        90,
    )
    assert (position["unrealizedPnl"], position["leverage"], position["marginMode"]) == (20, 5, "isolated")
    client.create_order(symbol, "market", "buy", 2, None, {"reduceOnly": True})
    assert client.fetch_positions([symbol]) == []
    # 20 earned, less fees of 0.05 % on 200 and on 180.
    assert client.fetch_balance()["USDT"]["total"] == pytest.approx(10_020 - 0.1 - 0.09)


def test_a_reduce_only_order_closes_at_most_the_position(futures: LoopbackExchange) -> None:
    client, symbol = connect(futures), SYMBOLS["binanceusdm"]
    client.create_order(symbol, "market", "buy", 1)
    client.create_order(symbol, "market", "sell", 3, None, {"reduceOnly": True})
    assert futures.account.money.positions["BTC-USDT"] == 0
    with pytest.raises(ccxt.ExchangeError, match="ReduceOnly"):
        client.create_order(symbol, "market", "sell", 1, None, {"reduceOnly": True})


def test_more_margin_than_there_is_is_refused(futures: LoopbackExchange) -> None:
    client, symbol = connect(futures), SYMBOLS["binanceusdm"]
    client.set_leverage(2, symbol)
    client.create_order(symbol, "market", "buy", 150)
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(symbol, "market", "buy", 60)
    # Turning the position needs margin for what is beyond it only.
    client.create_order(symbol, "market", "sell", 300)
    assert futures.account.money.positions["BTC-USDT"] == -150


def test_bug_18_a_stop_at_the_old_endpoint_is_refused_as_binance_does(futures: LoopbackExchange) -> None:
    client = connect(futures)
    client.load_markets()
    order = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "1", "stopPrice": "90"}
    with pytest.raises(ccxt.ExchangeError, match="Algo Order API"):
        client.fapiPrivatePostOrder(order)


def test_bug_27_a_request_signed_with_a_clock_that_is_off_is_refused(futures: LoopbackExchange) -> None:
    client = connect(futures)
    futures.skew_ms = 60_000
    with pytest.raises(ccxt.InvalidNonce):
        client.fetch_balance()


# --- User streams -------------------------------------------------------------------------------------------------


def is_subscribed(exchange: LoopbackExchange) -> bool:
    """Whether a stream tells of the account by now."""
    streams = [connection.stream for connection in tuple(exchange._server._connections)]
    return any(getattr(stream, "_told", None) is not None for stream in streams)


def test_fills_and_orders_are_told_by_the_user_stream(exchange: LoopbackExchange) -> None:
    symbol = symbol_of(exchange)

    async def watch() -> tuple[list[Any], list[Any]]:
        client = connect(exchange, "pro")
        loop = asyncio.get_running_loop()
        trader = connect(exchange)
        if exchange.name == "kraken":
            # Kraken's nonces rise for each key; the two connections have one each.
            trader.apiKey = "another key"
        trader.load_markets()
        try:
            await client.load_markets()
            trades = asyncio.ensure_future(client.watch_my_trades(symbol))
            orders = asyncio.ensure_future(client.watch_orders(symbol))
            while not is_subscribed(exchange):
                await asyncio.sleep(0.01)
            await loop.run_in_executor(None, lambda: trader.create_order(symbol, "limit", "sell", 1, 105))
            told = await asyncio.wait_for(orders, 20)
            await loop.run_in_executor(None, exchange.clock.sleep_until, START + 60_000 * 6)
            return await asyncio.wait_for(trades, 20), told
        finally:
            await client.close()

    trades, orders = asyncio.run(watch())
    assert (trades[-1]["price"], trades[-1]["amount"], trades[-1]["side"]) == (105, 1, "sell")
    assert trades[-1]["order"] == orders[-1]["id"]
    assert orders[-1]["status"] in ("open", "closed")
