"""What a strategy lives through: which hook when, what it sees there, and what it may not do."""

from typing import Any

import numpy as np
import pytest

from livermore.errors import (
    ConflictingRulesError,
    OrderShapeError,
    RouteNotFoundError,
    StrategyError,
)
from livermore.strategies import Strategy, cached


class Noted(Strategy):
    """Notes each hook with the index at which it ran."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[str, int]] = []

    def note(self, hook: str) -> None:
        self.notes.append((hook, self.index))

    def before(self) -> None:
        self.note("before")

    def should_short(self) -> bool:
        self.note("should_short")
        return False

    def should_long(self) -> bool:
        self.note("should_long")
        return self.index == 1

    def go_long(self) -> None:
        self.note("go_long")
        self.buy = 1, self.price

    def filters(self) -> list[Any]:
        self.note("filters")
        return [self.passes]

    def passes(self) -> bool:
        self.note("passes")
        return True

    def should_cancel_entry(self) -> bool:
        self.note("should_cancel_entry")
        return True

    def update_position(self) -> None:
        self.note("update_position")
        if self.index == 3:
            self.liquidate()

    def after(self) -> None:
        self.note("after")

    def update_chart(self) -> None:
        self.note("update_chart")

    def on_open_position(self, order: Any) -> None:
        self.note("on_open_position")

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        self.note("on_close_position")

    def on_cancel(self) -> None:
        self.note("on_cancel")

    def before_terminate(self) -> None:
        self.note("before_terminate")

    def terminate(self) -> None:
        self.note("terminate")


def notes_of(result: Any) -> list[tuple[str, int]]:
    return result.strategies[0].notes


def test_the_hooks_of_a_life(run: Any, random_minutes: Any) -> None:
    ask = ["should_short", "should_long"]
    end = ["after", "update_chart"]
    expected = [
        *[(hook, 0) for hook in ["before", *ask, *end]],
        *[(hook, 1) for hook in ["before", *ask, "go_long", "filters", "passes", *end]],
        # The market order fills at the end of the minute, when the index is already the next bar's.
        ("on_open_position", 2),
        *[(hook, 2) for hook in ["before", "update_position", *end]],
        *[(hook, 3) for hook in ["before", "update_position", "on_cancel", "on_close_position", *ask, *end]],
        ("before_terminate", 4),
        ("terminate", 4),
    ]
    assert notes_of(run(Noted, random_minutes(1, 12), "3m")) == expected


def test_an_open_position_is_closed_after_terminate(run: Any, random_minutes: Any) -> None:
    result = run(Noted, random_minutes(1, 8), "3m")
    tail = ["before_terminate", "terminate", "on_cancel", "on_close_position"]
    assert [hook for hook, _ in notes_of(result)][-4:] == tail
    assert result.metrics["total_open_trades"] == 1


def test_entries_that_did_not_fill_are_cancelled_and_asked_for_anew(run: Any, random_minutes: Any) -> None:
    class Patient(Noted):
        def should_long(self) -> bool:
            self.note("should_long")
            return True

        def go_long(self) -> None:
            self.buy = 1, self.price * 0.5

    hooks = [hook for hook, index in notes_of(run(Patient, random_minutes(1, 6), "3m")) if index == 1]
    assert hooks[:5] == ["before", "should_cancel_entry", "on_cancel", "should_short", "should_long"]


def test_a_failing_filter_abandons_the_entry(run: Any, random_minutes: Any) -> None:
    class Picky(Noted):
        def filters(self) -> list[Any]:
            return [self.refuses, self.passes]

        def refuses(self) -> bool:
            assert self.average_entry_price == self.price
            assert self.has_long_entry_orders
            assert not self.has_short_entry_orders
            return False

    result = run(Picky, random_minutes(1, 12), "3m")
    assert not result.trades
    assert "passes" not in [hook for hook, _ in notes_of(result)]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"go_long": lambda self: None}, StrategyError, "go_long must set self.buy = qty, price; it is None"),
        ({"go_long": lambda self: setattr(self, "buy", [(1, 2), 3])}, OrderShapeError, "is not .quantity, price"),
        ({"go_long": lambda self: setattr(self, "buy", (0, self.price))}, StrategyError, "quantity 0"),
        ({"go_long": lambda self: setattr(self, "buy", (1, -5))}, StrategyError, "prices must be above 0"),
        ({"go_long": lambda self: setattr(self, "buy", (1, float("nan")))}, StrategyError, "must be finite"),
        ({"go_long": lambda self: setattr(self, "buy", [])}, StrategyError, "self.buy is empty"),
        ({"filters": lambda self: [True]}, StrategyError, "must return methods"),
        ({"should_short": lambda self: self.index == 1}, ConflictingRulesError, "both true"),
        (
            {"update_position": lambda self: setattr(self, "stop_loss", 5.0)},
            StrategyError,
            "self.stop_loss must be .quantity, price",
        ),
        (
            {"update_position": lambda self: setattr(self, "stop_loss", (1, float("inf")))},
            StrategyError,
            "has a NaN or infinity",
        ),
        (
            {
                "update_position": lambda self: (
                    setattr(self, "stop_loss", (1, 90)),
                    setattr(self, "take_profit", (1, 90)),
                )
            },
            StrategyError,
            "stop_loss and take_profit are the same",
        ),
    ],
)
def test_what_a_strategy_may_not_do(
    changes: dict[str, Any], error: type[Exception], message: str, run: Any, random_minutes: Any
) -> None:
    with pytest.raises(error, match=message):
        run(type("Wrong", (Noted,), changes), random_minutes(1, 12), "3m")


def test_spot_knows_no_short_and_no_exit_before_the_entry(run: Any, random_minutes: Any) -> None:
    short = type("Short", (Noted,), {"should_short": lambda self: True})
    with pytest.raises(StrategyError, match="a spot account cannot sell what it does not have"):
        run(short, random_minutes(1, 12), "3m", type="spot")

    def go_long(self: Any) -> None:
        self.buy = 1, self.price
        self.stop_loss = 1, self.price * 0.9

    with pytest.raises(StrategyError, match="set it in on_open_position"):
        run(type("Early", (Noted,), {"go_long": go_long}), random_minutes(1, 12), "3m", type="spot")


def test_candles_are_read_only_and_never_show_the_future(run: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 100)

    class Looking(Noted):
        def before(self) -> None:
            minute = int((self.time - rows[0, 0]) / 60_000)
            for timeframe in ("1m", "3m", "15m"):
                view = self.get_candles("Sandbox", "BTC-USDT", timeframe)
                bars = int(timeframe[:-1])
                assert len(view) == -(-minute // bars)
                part = rows[(len(view) - 1) * bars : minute]
                expected = [part[0, 0], part[0, 1], part[-1, 2], part[:, 3].max(), part[:, 4].min(), part[:, 5].sum()]
                assert view[-1].tolist() == expected
                # Nothing after it can be reached either.
                assert not view.base[len(view) :].any()
            with pytest.raises(ValueError, match="read-only"):
                self.candles[0, 0] = 1
            assert self.current_candle.tolist() == self.candles[-1].tolist()
            self.current_candle[0] = 1

    run(Looking, rows, "3m", data_routes=[("BTC-USDT", "15m")])


def test_candles_that_no_route_provides(run: Any, random_minutes: Any) -> None:
    class Curious(Noted):
        def before(self) -> None:
            self.get_candles("Sandbox", "BTC-USDT", "4h")

    with pytest.raises(RouteNotFoundError, match=r"no route has Sandbox BTC-USDT 4h; add it to data_routes"):
        run(Curious, random_minutes(1, 12), "3m")


def test_hooks_inside_a_minute_see_it_up_to_the_fill(run: Any, minutes: Any) -> None:
    seen: list[Any] = []

    class Buyer(Noted):
        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 1, 98

        def should_cancel_entry(self) -> bool:
            return False

        def on_open_position(self, order: Any) -> None:
            seen.append([float(self.price), self.current_candle[1:5].tolist(), self.candles[-1, 1:5].tolist()])
            seen.append(self.get_candles("Sandbox", "BTC-USDT", "5m")[-1, 1:5].tolist())

    flat = (100, 100, 100, 100)
    rows = minutes([flat, flat, (100, 97, 101, 96), flat, flat])
    run(Buyer, rows, "1m", data_routes=[("BTC-USDT", "5m")])
    # Falling: first up to 101, then down to the limit.
    assert seen == [[98.0, [100, 98, 101, 98], [100, 98, 101, 98]], [100, 98, 101, 98]]


def test_bars_follow_the_clock_and_any_warm_up_is_right(arguments: Any, random_minutes: Any) -> None:
    from livermore.engine import open_session

    rows = random_minutes(1, 120)
    seen: list[tuple[int, int]] = []

    class Looking(Noted):
        def before(self) -> None:
            seen.append((int(self.candles[-1, 0] - rows[0, 0]) // 60_000, len(self.candles)))

    given = arguments(Looking, rows[37:], "15m")
    warmup = arguments(Looking, rows[3:37])["candles"]
    open_session(**given, warmup_candles=warmup).run()
    assert seen[:3] == [(30, 3), (45, 4), (60, 5)]


def test_no_bar_runs_on_an_incomplete_tail(run: Any, random_minutes: Any) -> None:
    assert run(Noted, random_minutes(1, 14), "5m").strategies[0].index == 2


def test_a_bar_whose_last_minute_is_missing_is_not_run(run: Any, random_minutes: Any) -> None:
    rows = np.delete(random_minutes(1, 20), 9, axis=0)
    strategy = run(Noted, rows, "5m").strategies[0]
    assert strategy.index == 3


def test_routes_run_in_the_given_order_also_with_gaps(run: Any, random_minutes: Any) -> None:
    order: list[str] = []

    class Ordered(Noted):
        def before(self) -> None:
            order.append(self.symbol)

    rows = np.delete(random_minutes(1, 10), 3, axis=0)
    run({"B-USDT": Ordered, "A-USDT": Ordered}, {"B-USDT": rows, "A-USDT": rows}, "5m")
    assert order == ["B-USDT", "A-USDT"] * 2


def test_routes_share_a_wallet_and_hear_of_each_other(run: Any, random_minutes: Any) -> None:
    heard: list[Any] = []

    class Listening(Noted):
        def on_route_open_position(self, strategy: Strategy) -> None:
            heard.append(("open", self.symbol, strategy.symbol, self.shared_vars.get("x")))

        def on_route_close_position(self, strategy: Strategy) -> None:
            heard.append(("close", self.symbol, strategy.symbol))

        def on_open_position(self, order: Any) -> None:
            self.shared_vars["x"] = self.symbol

    rows = random_minutes(1, 12)
    result = run({"A-USDT": Listening, "B-USDT": Listening}, {"A-USDT": rows, "B-USDT": rows}, "3m")
    assert heard == [
        ("open", "B-USDT", "A-USDT", None),
        ("open", "A-USDT", "B-USDT", "A-USDT"),
        ("close", "B-USDT", "A-USDT"),
        ("close", "A-USDT", "B-USDT"),
    ]
    assert result.metrics["finishing_balance"] == pytest.approx(10_000 + sum(t.pnl for t in result.closed_trades))


def test_cached_values_live_for_one_bar_and_never_leak_out_of_an_event(run: Any, random_minutes: Any) -> None:
    class Caching(Noted):
        calls = 0

        @property
        @cached
        def held(self) -> float:
            self.calls += 1
            return self.position.qty

        def on_open_position(self, order: Any) -> None:
            assert self.held == 1

        def on_close_position(self, order: Any, closed_trade: Any) -> None:
            # In its own bar, after `before` asked: the value of the bar.
            assert self.held == 1

        def before(self) -> None:
            assert self.held == self.held == self.position.qty

    result = run(Caching, random_minutes(1, 15), "3m")
    # Five bars, and the fill between two of them.
    assert result.strategies[0].calls == 6


def test_changes_in_place_are_noticed(run: Any, minutes: Any) -> None:
    class Trailing(Noted):
        def go_long(self) -> None:
            self.buy = 1, self.price
            self.stop_loss = 1, 90

        def update_position(self) -> None:
            self.stop_loss[0, 1] = 95

    flat = (100, 100, 100, 100)
    (trade,) = run(Trailing, minutes([flat] * 5 + [(100, 94, 100, 94)])).closed_trades
    assert trade.exit_price == 95


def test_hyperparameters_come_from_outside_or_from_dna_or_from_defaults(arguments: Any, random_minutes: Any) -> None:
    from livermore.engine import run_session

    class Tuned(Noted):
        code = ""

        def hyperparameters(self) -> list[dict[str, Any]]:
            return [{"name": "n", "type": int, "min": 0, "max": 79, "default": 9}]

        def dna(self) -> str:
            return self.code

    coded = type("Coded", (Tuned,), {"code": chr(40 + 33)})
    rows = random_minutes(1, 5)
    assert run_session(**arguments(Tuned, rows)).strategies[0].hp == {"n": 9}
    assert run_session(**arguments(coded, rows)).strategies[0].hp == {"n": 33}
    assert run_session(**arguments(coded, rows), hyperparameters={"m": 1}).strategies[0].hp == {"m": 1}


def test_logs_and_charts_are_kept(run: Any, random_minutes: Any) -> None:
    class Drawing(Noted):
        def update_chart(self) -> None:
            self.add_line_to_candle_chart("mid", (self.high + self.low) / 2)
            self.add_extra_line_chart("rsi", "rsi", float("nan"))
            self.add_horizontal_line_to_candle_chart("level", 100.0, line_style="dotted")
            self.add_horizontal_line_to_extra_chart("rsi", "over", 70)
            self.log(f"bar {self.index}")

    result = run(Drawing, random_minutes(1, 6), "3m")
    charts = result.charts["BTC-USDT"]
    assert [point["time"] for point in charts.candle_lines["mid"]["data"]] == [1_640_995_200, 1_640_995_380]
    assert charts.candle_levels["level"]["line_style"] == "dotted"
    assert charts.extra_levels["rsi"]["over"]["value"] == 70
    # NaN is kept, and complained about once.
    assert [str(line) for line in result.logs] == [
        "2022-01-01 00:03 ERROR: the chart line 'rsi' was given nan",
        "2022-01-01 00:03 bar 0",
        "2022-01-01 00:06 bar 1",
    ]


def test_chart_values_are_checked() -> None:
    strategy = Noted()
    with pytest.raises(ValueError, match="must be an int or float, got None"):
        strategy.add_horizontal_line_to_candle_chart("x", None)
    with pytest.raises(ValueError, match="must be 'solid' or 'dotted', got 'wavy'"):
        strategy.add_horizontal_line_to_candle_chart("x", 1.0, line_style="wavy")
    with pytest.raises(ValueError, match="log_type must be 'info' or 'error'"):
        strategy.log("x", "warning")


def test_a_strategy_that_forgets_super(run: Any, random_minutes: Any) -> None:
    class Forgetful(Noted):
        def __init__(self) -> None:
            pass

    with pytest.raises(StrategyError, match=r"Forgetful.__init__ must call super\(\).__init__\(\)"):
        run(Forgetful, random_minutes(1, 6), "3m")


def test_an_unfinished_strategy(run: Any, random_minutes: Any) -> None:
    class Unfinished(Strategy):
        def should_long(self) -> bool:
            return False

    with pytest.raises(StrategyError, match="go_long"):
        run(Unfinished, random_minutes(1, 6), "3m")


def test_metrics_before_any_trade(run: Any, random_minutes: Any) -> None:
    class Measuring(Noted):
        def before(self) -> None:
            self.seen = self.metrics

    seen = run(Measuring, random_minutes(1, 6), "3m").strategies[0].seen
    assert seen == {"total": 0, "win_rate": 0, "net_profit_percentage": 0, "annualization": 365}


def test_leftovers_keep_a_position_open_until_the_end(run: Any, minutes: Any) -> None:
    """A third three times is not the whole, as in Jesse."""

    class Thirds(Noted):
        def go_long(self) -> None:
            third = 1 / 3
            self.buy = 1, self.price
            self.take_profit = [(third, 101), (third, 102), (third, 103)]

        def update_position(self) -> None: ...

    flat, up = (100, 100, 100, 100), (100, 104, 104, 100)
    result = run(Thirds, minutes([flat, flat, up, (104, 104, 104, 104)]))
    assert result.metrics["total_open_trades"] == 1
    assert result.closed_trades[0].orders[-1].type == "MARKET"
