"""What must be true of any account after any run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livermore.engine import Session
from livermore.errors import InsufficientBalanceError, InsufficientMarginError
from livermore.strategies import Strategy

Build = Callable[..., Session]
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RELAXED
@given(
    seed=st.integers(0, 10_000),
    timeframe=st.sampled_from(["1m", "3m", "5m"]),
    fee=st.sampled_from([0.0, 0.0005, 0.01]),
    leverage=st.sampled_from([1, 3, 20]),
    gaps=st.sampled_from([0.0, 0.1]),
)
def test_futures_account(
    seed: int,
    timeframe: str,
    fee: float,
    leverage: int,
    gaps: float,
    session_of: Build,
    random_minutes: Any,
    restless: Any,
) -> None:
    worth: list[tuple[float, float]] = []

    class Watched(restless.Restless):
        def after(self) -> None:
            position = self.position
            open_profit = position.qty * (self.price - (position.entry_price or 0.0)) if position.qty else 0.0
            worth.append((self.portfolio_value, self.balance + open_profit))

    rows = random_minutes(seed, 700, gaps=gaps)
    session = session_of(Watched, rows, timeframe, fee=fee, futures_leverage=leverage)
    session.run()
    trades = session.trades
    # Cash plus position is equity, on every bar.
    reported, computed = np.array(worth).T
    assert reported == pytest.approx(computed, rel=1e-12)
    # The trades' profits are the change of the balance; fees add up; nothing is left open.
    assert session.account.balance - 10_000 == pytest.approx(sum(trade.pnl for trade in trades), abs=1e-6)
    orders = [order for trade in trades for order in trade.orders]
    assert sum(trade.fee for trade in trades) == pytest.approx(sum(abs(o.filled_qty) * o.price * fee for o in orders))
    assert sum(order.filled_qty for order in orders) == pytest.approx(0, abs=1e-9)
    assert not session.runners[0].position.is_open
    for order in orders:
        candle = rows[int(order.executed_at - rows[0, 0]) // 60_000 - 1]
        slack = 0.00015 * order.price if order.type == "MARKET" else 1e-12
        assert candle[4] - slack <= order.price <= candle[3] + slack


@RELAXED
@given(seed=st.integers(0, 10_000), fee=st.sampled_from([0.0, 0.001]), gaps=st.sampled_from([0.0, 0.1]))
def test_spot_account(
    seed: int, fee: float, gaps: float, session_of: Build, random_minutes: Any, restless: Any
) -> None:
    session = session_of(restless.RestlessSpot, random_minutes(seed, 700, gaps=gaps), "3m", fee=fee, type="spot")
    session.run()
    orders = [order for trade in session.trades for order in trade.orders]
    bought = [order for order in orders if order.filled_qty > 0]
    sold = [order for order in orders if order.filled_qty < 0]
    # A buy is paid when it is submitted, at the price then asked for.
    paid = sum(order.qty * order.vars.get("submitted_price", order.price) for order in bought)
    received = sum(-order.filled_qty * order.price * (1 - fee) for order in sold)
    balances = session.account.assets
    assert balances["USDT"] == pytest.approx(10_000 - paid + received, abs=1e-6)
    assert balances.get("BTC", 0.0) == pytest.approx(
        sum(order.qty * (1 - fee) for order in bought) + sum(order.filled_qty for order in sold), abs=1e-9
    )
    assert balances.get("BTC", 0.0) >= 0


def test_the_margin_of_an_entry_that_a_gap_fills_is_released(run: Any, minutes: Any) -> None:
    free: list[float] = []

    class GapBuyer(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def should_cancel_entry(self) -> bool:
            return False

        def go_long(self) -> None:
            self.buy = 10, 98

        def after(self) -> None:
            free.append(self.available_margin)

        def update_position(self) -> None:
            self.liquidate()

    run(GapBuyer, minutes([(100, 100, 100, 100), (96, 96, 96, 96), (96, 96, 96, 96)]))
    assert free == [10_000 - 980, 10_000, 10_000]


def test_entries_reserve_margin_one_by_one(run: Any, minutes: Any) -> None:
    class TooMuch(Strategy):
        def should_long(self) -> bool:
            return True

        def go_long(self) -> None:
            self.buy = [(60, 90), (60, 80)]

    with pytest.raises(InsufficientMarginError, match=r"needs a margin of 4800.00 USDT .* but 4600.00 is available"):
        run(TooMuch, minutes([(100, 100, 100, 100)] * 3))


def test_the_larger_side_of_waiting_entries_counts() -> None:
    """Buys and sells that wait cannot both become a position, so only the larger side ties up margin."""
    from livermore.engine.config import BacktestConfig
    from livermore.engine.futures_account import FuturesAccount
    from livermore.engine.order_book import OrderBook
    from livermore.trading import Order, OrderType, Side

    book = OrderBook()
    config = BacktestConfig("E", starting_balance=1000.0, fee=0.0, leverage=2)
    account = FuturesAccount(config, "USDT", {"A-B": book}, {})
    for side, qty in ((Side.BUY, 1.0), (Side.SELL, 3.0)):
        book.add(Order(exchange="E", symbol="A-B", side=side, type=OrderType.LIMIT, qty=qty, price=100.0))
    assert account.available_margin == 1000 - 300 / 2


def test_spot_refuses_to_sell_what_is_on_sale_already(run: Any, minutes: Any) -> None:
    class Twice(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 10, self.price

        def on_open_position(self, order: Any) -> None:
            self.take_profit = [(self.position.qty, 110), (self.position.qty, 120)]

    with pytest.raises(InsufficientBalanceError, match="20 BTC on sale, but the account has 10"):
        run(Twice, minutes([(100, 100, 100, 100)] * 3), type="spot")


def test_replacing_a_stop_on_spot_leaves_the_checks_right(run: Any, minutes: Any) -> None:
    class Trailing(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 10, self.price

        def update_position(self) -> None:
            factor = 1 if self.index < 4 else 2
            self.stop_loss = factor * self.position.qty, 90 + self.index

    with pytest.raises(InsufficientBalanceError, match="STOP order to sell 20 BTC"):
        run(Trailing, minutes([(100, 100, 100, 100)] * 8), type="spot")


def test_isolated_margin_liquidates_at_the_bankruptcy_price(run: Any, minutes: Any) -> None:
    class Long(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 10, self.price

    rows = minutes([(100, 100, 100, 100), (100, 90.4, 100, 90.3), (90, 90, 90, 90)])
    options = {"futures_leverage": 10, "fee": 0.001}
    (trade,) = run(Long, rows, futures_leverage_mode="isolated", **options).closed_trades
    assert trade.exit_price == 90
    assert trade.pnl == pytest.approx(-100 - 1.0 - 0.9)
    (kept,) = run(Long, rows, **options).closed_trades
    assert kept.closed_at == rows[-1, 0] + 60_000


def test_portfolio_value_counts_open_profit_once(run: Any, minutes: Any) -> None:
    values: list[float] = []

    class Long(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 10, self.price

        def after(self) -> None:
            values.append(self.portfolio_value)

    run(Long, minutes([(100, 100, 100, 100), (100, 101, 101, 100)]), futures_leverage=10)
    assert values == [10_000, 10_010]
