"""A session as a whole: fed or in bulk, alone or among others, and what remains of it when it is interrupted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from livermore.engine import SessionResult, open_fed_session, open_session
from livermore.strategies import Strategy
from livermore.trading.clock import now_ms, session_clock

TRADE_KEYS = ("type", "entry_price", "exit_price", "qty", "opened_at", "closed_at", "fee", "PNL")


def summary(result: SessionResult) -> Any:
    """Everything about a run that must not depend on how it was run."""
    trades = [tuple(trade[key] for key in TRADE_KEYS) for trade in result.trades]
    fills = [(o.side, o.type, o.filled_qty, o.price, o.executed_at) for t in result.closed_trades for o in t.orders]
    seen = [strategy.seen for strategy in result.strategies]
    return trades, fills, seen, result.balances, result.balance_times, result.data_points, result.open_points


def feed(arguments: dict[str, Any], warmup: dict[str, Any] | None = None) -> SessionResult:
    """Run a session minute by minute."""
    candles = {entry["symbol"]: entry["candles"] for entry in arguments.pop("candles").values()}
    starts = [rows[0, 0] for rows in candles.values()]
    session = open_fed_session(**arguments, warmup_candles=warmup, start=min(starts))
    by_time: dict[float, dict[str, np.ndarray]] = {}
    for symbol, rows in candles.items():
        for row in rows:
            by_time.setdefault(row[0], {})[symbol] = row
    with session.running():
        session.start()
        for time in sorted(by_time):
            session.feed(by_time[time])
        session.finish()
    return SessionResult.of(session)


@pytest.mark.parametrize("timeframe", ["1m", "5m", "15m"])
@pytest.mark.parametrize("kind", ["cross", "isolated", "spot"])
def test_feeding_minute_by_minute_gives_what_bulk_gives(
    kind: str, timeframe: str, arguments: Any, random_minutes: Any, restless: Any
) -> None:
    options = {
        "cross": {"fee": 0.0007, "futures_leverage": 3},
        "isolated": {"futures_leverage": 100, "futures_leverage_mode": "isolated"},
        "spot": {"type": "spot", "fee": 0.001},
    }[kind]
    strategy = restless.RestlessSpot if kind == "spot" else restless.Restless
    given = arguments(strategy, random_minutes(7, 4000, gaps=0.05), timeframe, **options)
    session = open_session(**given)
    session.run()
    bulk = SessionResult.of(session)
    assert len(bulk.trades) > 20
    assert summary(feed(given)) == summary(bulk)


def test_feeding_several_routes_with_data_routes_gives_what_bulk_gives(
    arguments: Any, random_minutes: Any, restless: Any
) -> None:
    class Looking(restless.Restless):
        def before(self) -> None:
            super().before()
            for timeframe in ("5m", "1h"):
                view = self.get_candles(self.exchange, "ETH-USDT", timeframe)
                self.seen.append((len(view), view[-1].tolist() if len(view) else None))

    rows = {symbol: random_minutes(seed, 1500) for seed, symbol in enumerate(["SOL-USDT", "BTC-USDT", "ETH-USDT"])}
    strategies = {"SOL-USDT": Looking, "BTC-USDT": Looking}
    given = arguments(strategies, rows, "5m", data_routes=[("ETH-USDT", "1h")], fee=0.0007)
    session = open_session(**given)
    session.run()
    assert summary(feed(given)) == summary(SessionResult.of(session))


def test_feeding_candles_with_holes_gives_what_bulk_gives(arguments: Any, random_minutes: Any, restless: Any) -> None:
    rows = random_minutes(3, 3000)
    rows = rows[np.random.default_rng(1).random(len(rows)) > 0.1]
    given = arguments(restless.Restless, rows, "5m")
    session = open_session(**given)
    session.run()
    assert summary(feed(given)) == summary(SessionResult.of(session))


def test_two_threads_give_what_one_gives(run: Any, random_minutes: Any, restless: Any) -> None:
    def go(seed: int) -> Any:
        return summary(run(restless.Restless, random_minutes(seed, 3000), "5m"))

    alone = [go(1), go(2)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(go, [1, 2])) == alone


def test_fifty_sessions_in_one_process_do_not_know_of_each_other(
    session_of: Any, random_minutes: Any, restless: Any
) -> None:
    rows = random_minutes(5, 600)
    sessions = [session_of(restless.Restless, rows, "5m") for _ in range(50)]
    for session in sessions:
        session.run()
    first, *others = [summary(SessionResult.of(session)) for session in sessions]
    assert first[0]
    assert all(other == first for other in others)
    assert session_clock.get() is None


def test_an_interrupted_run_keeps_what_it_recorded(session_of: Any, random_minutes: Any) -> None:
    class Interrupted(Strategy):
        def should_long(self) -> bool:
            return False

        def go_long(self) -> None: ...

        def before(self) -> None:
            self.record_features({"x": self.price})
            self.record_label("y", self.index)
            if self.index == 7:
                raise KeyboardInterrupt

    session = session_of(Interrupted, random_minutes(1, 60), "1m")
    with pytest.raises(KeyboardInterrupt):
        session.run()
    assert [point["label"]["value"] for point in session.data_points] == list(range(8))
    assert session_clock.get() is None


@pytest.mark.parametrize("hook", ["before", "should_long", "go_long", "on_open_position"])
def test_an_error_in_a_hook_says_where_it_was(hook: str, run: Any, random_minutes: Any) -> None:
    def fail(self: Any, *args: Any) -> None:
        if self.index >= 3:
            raise ZeroDivisionError("mine")

    class Failing(Strategy):
        def should_long(self) -> bool:
            return self.index == 3

        def go_long(self) -> None:
            self.buy = 1, self.price

    # Named after the hook, as a method that is written in the class is.
    fail.__code__ = fail.__code__.replace(co_name=hook)
    failing = type("Failing", (Failing,), {hook: fail})
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        run(failing, random_minutes(1, 60), "5m")
    assert caught.value.__notes__ == [
        f"in strategy Failing, BTC-USDT 5m, bar {4 if hook == 'on_open_position' else 3} "
        f"(2022-01-01 00:20 UTC), in {hook}()"
    ]


def test_progress_is_reported_about_once_a_day(arguments: Any, random_minutes: Any, restless: Any) -> None:
    calls: list[tuple[int, int]] = []
    given = arguments(restless.Restless, random_minutes(1, 4400), "15m")
    session = open_session(**given, on_progress=lambda done, total: calls.append((done, total)))
    session.run()
    assert calls == [(1441, 4400), (2881, 4400), (4321, 4400)]


def test_balance_samples_are_taken_at_1441_minutes_then_daily_then_at_the_end(run: Any, random_minutes: Any) -> None:
    class Idle(Strategy):
        def should_long(self) -> bool:
            return False

        def go_long(self) -> None: ...

    result = run(Idle, random_minutes(1, 3000), "15m")
    start = result.balance_times[0]
    assert [(time - start) / 60_000 for time in result.balance_times] == [0, 1441, 2881, 3000]
    assert result.metrics == {"total": 0, "win_rate": 0, "net_profit_percentage": 0, "annualization": 365}


def test_the_clock_of_helpers_is_the_session_s(run: Any, random_minutes: Any) -> None:
    times: list[tuple[float, float]] = []

    class Looking(Strategy):
        def should_long(self) -> bool:
            times.append((now_ms(), self.time))
            return False

        def go_long(self) -> None: ...

    run(Looking, random_minutes(1, 30), "15m")
    assert times == [(1_640_996_100_000, 1_640_996_100_000), (1_640_997_000_000, 1_640_997_000_000)]
