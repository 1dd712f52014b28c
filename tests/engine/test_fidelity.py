"""What strategies of Jesse rely on beyond its documentation; each expectation was measured with Jesse 3.5.3."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from livermore.engine import run_session
from livermore.errors import CandlesNotFoundError, StrategyError
from livermore.strategies import Strategy, cached

START = 1_640_995_200_000


def steps(closes: list[float]) -> np.ndarray:
    """Minutes that run straight from one close to the next."""
    close = np.array(closes, dtype=float)
    opening = np.r_[close[0], close[:-1]]
    times = START + 60_000.0 * np.arange(len(close))
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    return np.column_stack([times, opening, close, high, low, np.ones(len(close))])


UP_AND_DOWN = steps([*range(1, 16), *range(15, 6, -1)])


class Ladder(Strategy):
    """Buys at 10, 9 and 8, as the price rises."""

    def should_long(self) -> bool:
        return self.price == 10 and self.trades_count == 0

    def go_long(self) -> None:
        self.buy = [(1, 10), (1, 9), (1, 8)]

    def should_cancel_entry(self) -> bool:
        return False


def test_none_takes_the_waiting_entries_back(run: Any) -> None:
    """F1: nothing but the first row fills."""
    seen = []

    class TakesBack(Ladder):
        def update_position(self) -> None:
            if self.index == 12:
                self.buy = None
            if self.index == 13:
                seen.append((self.buy.tolist(), self.average_entry_price))

    (trade,) = run(TakesBack, UP_AND_DOWN).closed_trades
    assert (trade.qty, trade.entry_price, trade.exit_price, trade.pnl) == (1.0, 10.0, 7.0, -3.0)
    assert seen == [([], 10.0)]


def test_none_takes_waiting_short_entries_back(run: Any) -> None:
    class TakesBack(Strategy):
        def should_long(self) -> bool:
            return False

        def go_long(self) -> None: ...

        def should_short(self) -> bool:
            return self.index == 3

        def go_short(self) -> None:
            self.sell = [(1, 6), (1, 7), (1, 8)]

        def update_position(self) -> None:
            self.sell = None

    (trade,) = run(TakesBack, steps([9, 8, 7, 6, 5, 6, 7, 8, 9, 9])).closed_trades
    assert (trade.qty, trade.entry_price) == (1.0, 6.0)


def test_average_prices_are_those_that_were_submitted(run: Any) -> None:
    """F2: an assignment counts once it was submitted, at the end of the hook."""
    seen: list[Any] = []

    class Averages(Strategy):
        def should_long(self) -> bool:
            return self.index == 3

        def go_long(self) -> None:
            self.buy = [(1, self.price), (1, self.price - 2)]

        def filters(self) -> list[Any]:
            return [lambda: seen.append(self.average_entry_price) is None]

        def should_cancel_entry(self) -> bool:
            return False

        def on_open_position(self, order: Any) -> None:
            self.stop_loss, self.take_profit = (1, 1), (1, 50)

        def update_position(self) -> None:
            if self.index == 6:
                self.stop_loss, self.take_profit, self.buy = (1, 2), (1, 60), [(1, 4), (1, 3)]
            if self.index in (6, 7):
                seen.append((self.average_stop_loss, self.average_take_profit, self.average_entry_price))

    run(Averages, steps(list(range(1, 15))))
    assert seen == [3.0, (1.0, 50.0, 3.0), (2.0, 60.0, 3.5)]


def test_liquidating_wins_over_a_trail_that_compares_with_the_submitted_stop(run: Any) -> None:
    """F2, as public strategies write it."""

    class Trails(Strategy):
        def should_long(self) -> bool:
            return False

        def go_long(self) -> None: ...

        def should_short(self) -> bool:
            return self.index == 3

        def go_short(self) -> None:
            self.sell = 1, self.price

        def on_open_position(self, order: Any) -> None:
            self.stop_loss = 1, 4

        def update_position(self) -> None:
            if self.index == 6:
                self.liquidate()
                if self.average_stop_loss > 5:
                    self.stop_loss = 1, 5

    (trade,) = run(Trails, steps([10, 10, 10, 10, 10, 11, 12, 13, 14])).closed_trades
    assert trade.exit_price == 12.0


def test_the_exchange_of_a_position_has_jesse_s_names(run: Any) -> None:
    """F7."""
    seen: list[Any] = []

    class Looking(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = [(2, 0.5), (1, 0.25)]

        def after(self) -> None:
            if self.index == 0:
                exchange = self.position.exchange
                exchange.vars["mine"] = 1
                names = ("wallet_balance", "assets", "available_assets", "available_margin", "futures_leverage", "type")
                more = ("futures_leverage_mode", "fee_rate", "name", "settlement_currency", "started_balance", "vars")
                seen.extend(getattr(exchange, name) for name in names + more)
                seen.append({base: rows.tolist() for base, rows in exchange.buy_orders.items()})
                seen.append({base: rows.tolist() for base, rows in exchange.sell_orders.items()})

    run(Looking, steps(list(range(1, 5))), futures_leverage=2, fee=0.001)
    assets = {"BTC": 0.0, "USDT": 10_000.0}
    assert seen == [
        *(10_000.0, assets, assets, 9_999.375, 2, "futures", "cross", 0.001, "Sandbox", "USDT", 10_000.0),
        {"mine": 1},
        {"BTC": [[2.0, 0.5], [1.0, 0.25]]},
        {"BTC": []},
    ]


def test_a_strategy_that_rewrites_candles_is_refused(run: Any) -> None:
    """F9."""

    class Rewrites(Ladder):
        def candles_pipeline(self) -> Any:
            return object()

    with pytest.raises(StrategyError, match=r"Rewrites: candles_pipeline\(\) is not supported: change the candles"):
        run(Rewrites, UP_AND_DOWN)


@pytest.mark.parametrize(
    ("timeframe", "target", "closed_minutes"),
    [("1m", 10.5, 10), ("5m", 20.5, 15), ("5m", 19.5, 15)],
)
def test_in_the_last_minute_of_a_bar_that_bar_is_closed(
    timeframe: str, target: float, closed_minutes: int, run: Any
) -> None:
    """F10: in hooks of fills as well."""
    seen: list[float] = []

    class Closes(Strategy):
        def trading_hours(self) -> Any:
            return {"timezone": "UTC", "hours": {"Mon-Sun": "00:10-24:00"}}

        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 1, self.price

        def on_open_position(self, order: Any) -> None:
            self.take_profit = 1, target

        def on_close_position(self, order: Any, closed_trade: Any) -> None:
            seen.extend([(self.closed_candle_open_time - START) / 60_000, self.is_trading_hours])

    run(Closes, steps(list(range(1, 40))), timeframe)
    assert seen == [closed_minutes, True]


def test_routes_without_a_shared_period_are_refused(run: Any) -> None:
    """F13."""
    early, late = steps([10]), steps([20])
    late[:, 0] += 120_000
    with pytest.raises(CandlesNotFoundError, match=r"BTC-USDT has no candle left.*at 2022-01-01 00:00 UTC.*00:02"):
        run({"BTC-USDT": Ladder, "ETH-USDT": Ladder}, {"BTC-USDT": early, "ETH-USDT": late})


def test_a_closed_trade_has_its_fills_by_direction(run: Any) -> None:
    """F15."""
    (trade,) = run(Ladder, UP_AND_DOWN).closed_trades
    assert trade.buy_orders.tolist() == [[1.0, 10.0], [1.0, 9.0], [1.0, 8.0]]
    assert trade.sell_orders.tolist() == [[3.0, 7.0]]


def test_the_bankruptcy_price_does_not_depend_on_the_margin_mode(run: Any) -> None:
    """F15."""
    seen: list[float] = []

    class Holds(Ladder):
        def update_position(self) -> None:
            seen.append(self.position.bankruptcy_price)

    run(Holds, steps([9, 10, 11]), futures_leverage=4)
    assert seen == [7.5]


def test_a_strategy_can_call_its_broker(run: Any) -> None:
    """F15: types, prices and whether an order may only reduce."""
    seen: list[Any] = []

    class Calls(Strategy):
        def should_long(self) -> bool:
            return self.index == 3

        def go_long(self) -> None:
            self.buy = 1, self.price

        def update_position(self) -> None:
            calls = {
                5: lambda: self.broker.buy_at_market(0.5),
                6: lambda: self.broker.buy_at(0.5, 2.0),
                7: lambda: self.broker.start_profit_at("buy", 0.5, 20.0),
                8: lambda: self.broker.reduce_position_at(0.5, 100.0, self.price),
                9: lambda: self.broker.reduce_position_at(0.5, 3.0, self.price),
                11: lambda: self.broker.sell_at_market(0.2),
                12: lambda: self.broker.sell_at(0.2, 30.0),
            }
            if self.index == 10:
                assert self.broker.cancel_order(self.orders[-1].id)
                assert not self.broker.cancel_order("no such order")
                assert self.broker.cancel_all_orders()
                assert [order for order in self.orders if order.is_active] == []
            if self.index in calls:
                order = calls[self.index]()
                seen.append((str(order.type), order.qty, order.price, order.reduce_only))

    (trade,) = run(Calls, steps(list(range(1, 17)))).closed_trades
    assert seen == [
        ("MARKET", 0.5, 6.0, False),
        ("LIMIT", 0.5, 2.0, False),
        ("STOP", 0.5, 20.0, False),
        ("LIMIT", -0.5, 100.0, True),
        ("STOP", -0.5, 3.0, True),
        ("MARKET", -0.2, 12.0, False),
        ("LIMIT", -0.2, 30.0, False),
    ]
    assert [(order.filled_qty, order.price) for order in trade.orders] == [(1, 4), (0.5, 6), (-0.2, 12), (-1.3, 16)]


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("stop", [True, False])
@pytest.mark.parametrize("path", [[10, 9, 9, 8, 8, 8, 8], [11, 12, 13, 14, 14, 14, 14]])
def test_on_spot_liquidating_replaces_the_exits_that_wait(
    path: list[float], stop: bool, targets: int, run: Any
) -> None:
    """F16: Jesse refuses or not, by chance."""

    class Liquidates(Strategy):
        def should_long(self) -> bool:
            return self.index == 3

        def go_long(self) -> None:
            self.buy = 1, self.price

        def on_open_position(self, order: Any) -> None:
            qty = self.position.qty
            if stop:
                self.stop_loss = qty, 2
            self.take_profit = [(qty / targets, 50 + i) for i in range(targets)]

        def update_position(self) -> None:
            if self.index == 7:
                self.liquidate()

    result = run(Liquidates, steps([10, 10, 10, 10, *path]), type="spot", fee=0.001)
    (trade,) = result.closed_trades
    assert trade.exit_price == path[3]
    assert trade.exit_price != 10
    assert result.strategies[0].position.exchange.assets["BTC"] == 0.0


def test_on_spot_a_partial_sale_does_not_cancel_the_target(run: Any) -> None:
    class SellsHalf(Strategy):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 2, self.price

        def on_open_position(self, order: Any) -> None:
            self.take_profit = 1, 12

        def update_position(self) -> None:
            if self.index == 1:
                self.stop_loss = 1, self.price

    (trade,) = run(SellsHalf, steps([10, 10, 10, 11, 12, 13]), type="spot").closed_trades
    assert [(order.filled_qty, order.price) for order in trade.orders] == [(2, 10), (-1, 10), (-1, 12)]


@pytest.mark.parametrize(("hook", "variable"), [("go_long", "buy"), ("go_short", "sell")])
def test_a_quantity_of_zero_is_blamed_on_the_hook_that_set_it(hook: str, variable: str, run: Any) -> None:
    """A27."""

    class Zero(Strategy):
        def should_long(self) -> bool:
            return hook == "go_long"

        def should_short(self) -> bool:
            return hook == "go_short"

        def go_long(self) -> None:
            self.buy = 0, self.price

        def go_short(self) -> None:
            self.sell = 0, self.price

    message = rf"Zero: {hook} set self.{variable} = \[\(0.0, 10.0\)\]: an order at 10 has quantity 0"
    with pytest.raises(StrategyError, match=message) as caught:
        run(Zero, steps([10, 10]))
    assert "run_idle_bars" not in " ".join(caught.value.__notes__)


def test_what_a_strategy_gets_to_see_is_not_the_engine_s_own(run: Any) -> None:
    """R20."""

    class Tampers(Ladder):
        def update_position(self) -> None:
            for own in (self.trades, self.orders, self.daily_balances, self.routes, self.data_routes):
                own.clear()
            self.all_positions.clear()
            for name, value in (("end", 3), ("forming", True), ("_series", None)):
                with pytest.raises(AttributeError, match=f"candles.{name} cannot be set"):
                    setattr(self.candles, name, value)
            for view in (self.candles, self.candles[1:], self.candles.base, np.asarray(self.candles)):
                with pytest.raises(ValueError, match="WRITEABLE"):
                    np.ndarray.setflags(view, write=True)

    untouched, tampered = run(Ladder, UP_AND_DOWN), run(Tampers, UP_AND_DOWN)
    assert repr(untouched.metrics) == repr(tampered.metrics)
    assert untouched.balances == tampered.balances
    assert [order.price for order in tampered.closed_trades[0].orders] == [10.0, 9.0, 8.0, 7.0]


@pytest.mark.parametrize("like_jesse", [False, True])
def test_cached_values_of_event_hooks(like_jesse: bool, run: Any) -> None:
    """F17: Jesse keeps them for the next bar."""
    seen: list[float] = []

    class Remembers(Ladder):
        cached_like_jesse = like_jesse

        @cached
        def level(self) -> float:
            return self.price

        def on_increased_position(self, order: Any) -> None:
            seen.append(self.level())

        def update_position(self) -> None:
            seen.append(self.level())

    run(Remembers, UP_AND_DOWN, "5m")
    # Two fills between the same two bars, at 9 and at 8.
    assert seen[-2:] == ([9.0, 9.0] if like_jesse else [9.0, 8.0])


def test_the_log_of_a_run_has_every_order_fill_position_and_balance(
    arguments: Any, random_minutes: Any, restless: Any
) -> None:
    """F8."""
    given = arguments(Ladder, UP_AND_DOWN, fee=0.001)
    lines = [line.message for line in run_session(**given, log_trades=True).logs]
    assert run_session(**given).logs == ()
    assert lines == [
        "equity recorded: 10000 USDT",
        "order submitted: BUY MARKET BTC-USDT, quantity 1, price 10",
        "order submitted: BUY LIMIT BTC-USDT, quantity 1, price 9",
        "order submitted: BUY LIMIT BTC-USDT, quantity 1, price 8",
        "order executed: BUY MARKET BTC-USDT, quantity 1, price 10, fee 0.01 USDT",
        "balance: 10000 -> 9999.99 USDT (filled)",
        "position opened: long 1 BTC-USDT, entry price 10",
        "order executed: BUY LIMIT BTC-USDT, quantity 1, price 9, fee 0.009 USDT",
        "balance: 9999.99 -> 9999.981 USDT (filled)",
        "position increased: long 2 BTC-USDT, entry price 9.5",
        "order executed: BUY LIMIT BTC-USDT, quantity 1, price 8, fee 0.008 USDT",
        "balance: 9999.981 -> 9999.973 USDT (filled)",
        "position increased: long 3 BTC-USDT, entry price 9",
        "order executed: SELL MARKET BTC-USDT, quantity 3, price 7, fee 0.021 USDT",
        "balance: 9999.973 -> 9993.952 USDT (filled)",
        "position closed: BTC-USDT at 7",
        "equity recorded: 9993.952 USDT",
    ]
    given = arguments(restless.Restless, random_minutes(1, 3000), "5m", fee=0.001)
    result = run_session(**given, log_trades=True)
    kinds = Counter(line.message.split(":")[0] for line in result.logs)
    assert kinds["order executed"] == sum(len(trade.orders) for trade in result.closed_trades)
    assert kinds["position closed"] == len(result.closed_trades)
    assert kinds["equity recorded"] == len(result.balances)
    assert kinds["order submitted"] >= kinds["order executed"] + kinds["order canceled"] - len(result.closed_trades)
