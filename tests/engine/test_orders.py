"""Orders, trades and the book as objects, and the walk of a price along a candle against a plain telling of it."""

import copy
import itertools
import math
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.engine.order_book import OrderBook
from livermore.engine.position import sum_exact
from livermore.engine.price_path import Path, first_touched, gap_fills
from livermore.trading import ClosedTrade, Order, OrderStatus, OrderType, Side, SubmittedVia

PRICES = st.sampled_from([97.0, 98.0, 99.0, 99.5, 100.0, 100.5, 101.0, 102.0, 103.0])
QUANTITIES = st.one_of(
    st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from([0.0, -0.0, 0.1, 0.2, -0.3, 1e-9, 123456.789])
)


def an_order(**changes) -> Order:
    return Order(
        **{"exchange": "E", "symbol": "A-B", "side": Side.BUY, "type": OrderType.LIMIT, "qty": 2, "price": 10.0}
        | changes
    )


def test_an_order_is_a_number_of_things_that_can_be_read_and_set() -> None:
    order = an_order(side=Side.SELL, submitted_via=SubmittedVia.STOP_LOSS, reduce_only=True, created_at=60_000.0)
    assert (order.qty, order.price, order.value, order.remaining_qty) == (-2.0, 10.0, 20.0, -2.0)
    assert order.is_active
    assert order.is_stop_loss
    assert order.reduce_only is True
    assert order.id == order.id != an_order().id
    order = an_order(side=Side.SELL, filled_qty=-2.0)
    order.status = OrderStatus.EXECUTED
    assert order.is_executed
    assert order.remaining_qty == 0
    order.vars["mine"] = 1
    assert order.vars == {"mine": 1}
    assert an_order().vars == {}
    with pytest.raises(AttributeError):
        order.something_else = 1


def test_orders_and_trades_survive_copies_and_pickles() -> None:
    trade = ClosedTrade(
        strategy_name="S",
        exchange="E",
        symbol="A-B",
        timeframe="1m",
        leverage=3,
        opened_at=60_000.0,
        closed_at=120_000.0,
    )
    for side, price in ((Side.BUY, 10.0), (Side.SELL, 11.0)):
        order = an_order(side=side, price=price, filled_qty=an_order(side=side).qty, fee=0.5, trade=trade)
        order.vars["price"] = price
        trade._add(order)
    shown = trade.to_dict_with_orders
    for twin in (pickle.loads(pickle.dumps(trade)), copy.deepcopy(trade)):
        assert twin is not trade
        assert twin.orders[0].trade is twin
        assert twin.to_dict_with_orders == shown
        assert [order.vars for order in twin.orders] == [order.vars for order in trade.orders]
        assert (twin.pnl, twin.fee, twin.qty) == (1.0, 1.0, 2.0)
    assert copy.copy(trade.orders[0]).to_dict == trade.orders[0].to_dict


@given(QUANTITIES, QUANTITIES)
def test_quantities_add_up_as_decimals(a: float, b: float) -> None:
    expected = float(Decimal(repr(a)) + Decimal(repr(b)))
    found = sum_exact(a, b)
    assert found == expected
    assert type(found) is float


@given(PRICES, PRICES, st.lists(PRICES, max_size=3), st.lists(PRICES, min_size=1, max_size=4))
def test_a_price_runs_along_a_candle(opening: float, end: float, others: list[float], waiting: list[float]) -> None:
    """Against the path drawn as corners: open, one extreme, the other, close."""
    high, low = max(opening, end, *others), min(opening, end, *others)
    path, book = Path(opening, end, high, low), OrderBook()
    for price in waiting:
        book.add(an_order(price=price))
    corners = [opening, low, high, end] if opening <= end else [opening, high, low, end]
    expected = []
    for start, stop in itertools.pairwise(corners):
        leg = [price for price in waiting if min(start, stop) <= price <= max(start, stop)]
        expected += [p for p in sorted(leg, reverse=start > stop) if waiting.count(p) > expected.count(p)]
    found = []
    while (order := first_touched(book.active, path)) is not None:
        until, rest = path.until(order.price), path.after(order.price)
        assert until.low <= order.price <= until.high
        assert max(until.high, rest.high) == path.high
        assert min(until.low, rest.low) == path.low
        assert rest.close == path.close
        path = rest
        order.status = OrderStatus.EXECUTED
        found.append(order.price)
    assert found == expected


@given(st.lists(st.tuples(PRICES, st.sampled_from(Side), st.sampled_from(OrderType)), max_size=6), PRICES, PRICES)
def test_a_gap_fills_what_it_jumps_over(orders: list[tuple], before: float, opening: float) -> None:
    waiting = [an_order(price=price, side=side, type=kind) for price, side, kind in orders]
    if waiting:
        waiting[-1].status = OrderStatus.CANCELED
    good = {("buy", "STOP"), ("sell", "LIMIT")} if opening > before else {("buy", "LIMIT"), ("sell", "STOP")}
    expected = [
        order
        for order in waiting[:-1]
        if (str(order.side), str(order.type)) in good
        and min(before, opening) <= order.price <= max(before, opening) != min(before, opening)
    ]
    expected.sort(key=lambda order: order.price if opening > before else -order.price)
    assert gap_fills(waiting, before, opening) == expected


@given(st.lists(PRICES, max_size=5), PRICES, st.one_of(st.just(math.nan), PRICES))
def test_bounds_are_the_nearest_prices(waiting: list[float], price: float, liquidation: float) -> None:
    book = OrderBook()
    for one in waiting:
        book.add(an_order(price=one))
    if waiting:
        book.active[0].status = OrderStatus.CANCELED
    book.find_bounds(price, liquidation)
    watched = [one for one in (*waiting[1:], liquidation) if not math.isnan(one)]
    assert book.below == max((one for one in watched if one <= price), default=-math.inf)
    assert book.above == min((one for one in watched if one >= price), default=math.inf)


def test_who_listens_is_told_before_an_order_is_there() -> None:
    book, told = OrderBook(), []
    book.on_add = lambda order: told.append((order, len(book.active)))
    first, second = an_order(), an_order()
    book.add(first)
    book.add(second)
    assert told == [(first, 0), (second, 1)]
