"""What a backtest refuses, and what it says."""

from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestConfig, open_fed_session, open_session, position
from livermore.errors import (
    CandleError,
    CandlesNotFoundError,
    ConfigError,
    LivermoreError,
    RouteError,
    RouteNotFoundError,
    StrategyError,
    TimeframeError,
)
from livermore.strategies import Strategy


class Idle(Strategy):
    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fee": "much"}, r"config\['fee'\] must be a number, got 'much'"),
        ({"fee": 6}, "must be a fraction, such as 0.0006"),
        ({"starting_balance": 0}, "must be above 0 and below 1e.15, got 0"),
        ({"starting_balance": 1e15}, "must be above 0 and below 1e.15"),
        ({"starting_balance": True}, "must be a number, got True"),
        ({"fee": False}, "must be a number, got False"),
        ({"fee": np.False_}, "must be a number"),
        *(({"futures_leverage": value}, "must be a whole number") for value in (2.7, "1")),
        *(({"warm_up_candles": value}, "must be a whole number") for value in (0.5, 1.9, "10", 2.7)),
        *(({key: True}, "must be a number, got True") for key in ("futures_leverage", "warm_up_candles")),
        ({"type": "margin"}, "must be 'futures' or 'spot', got 'margin'"),
        ({"simulation_model": "spot"}, "'simulation_model'. is 'spot', which does not go with type 'futures'"),
        ({"market_type": "spot"}, "which does not go with type 'futures'"),
        ({"futures_leverage": 0}, "must be 1 or more"),
        ({"futures_leverage_mode": "crossed"}, "must be 'cross' or 'isolated', got 'crossed'"),
        ({"annualization": True}, "must be 365 or 252, got True"),
        ({"annualization": 365.0}, "must be 365 or 252, got 365.0"),
        ({"warm_up_candles": -1}, "must be 0 or more"),
    ],
)
def test_config_values(changes: dict[str, Any], message: str, config: Any) -> None:
    with pytest.raises(ConfigError, match=message):
        BacktestConfig.from_dict(config(**changes))


HOSTILE = [
    *(1e300, 2**63, "9" * 300),
    *(float("inf"), float("-inf"), float("nan"), 10**400, -(10**400), 10**5000),
    *([], {}, None, "x", b"1", [1, 2], {"a": 1}, np.array([1, 2]), object(), 1j),
]


@pytest.mark.parametrize("key", ["starting_balance", "fee", "futures_leverage", "warm_up_candles"])
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_config_value_is_used_or_refused_with_its_name(key: str, value: Any, config: Any) -> None:
    """Never another error, and never a number that the engine cannot compute with."""
    with pytest.raises(ConfigError, match=rf"^config\['{key}'\] must be .{{0,250}}$"):
        BacktestConfig.from_dict(config(**{key: value}))


NO_NAMES = [[], {}, 5.5, b"spot", object(), "x" * 300, np.array(["spot"])]


@pytest.mark.parametrize("key", ["type", "futures_leverage_mode", "annualization", "exchange"])
@pytest.mark.parametrize("value", NO_NAMES, ids=range(len(NO_NAMES)))
def test_config_names_of_another_kind(key: str, value: Any, config: Any) -> None:
    if key == "exchange" and isinstance(value, str):
        assert BacktestConfig.from_dict(config(exchange=value)).exchange == value
        return
    with pytest.raises(ConfigError, match=rf"config\['{key}'\] must be"):
        BacktestConfig.from_dict(config(**{key: value}))


@pytest.mark.parametrize("leverage", [250, 300, 1000])
def test_isolated_leverage_that_could_never_be_liquidated(leverage: int, config: Any) -> None:
    with pytest.raises(ConfigError, match=r"must be below 250 with isolated margin.*Use 'cross'"):
        BacktestConfig.from_dict(config(futures_leverage=leverage, futures_leverage_mode="isolated"))
    assert BacktestConfig.from_dict(config(futures_leverage=leverage)).leverage == leverage
    below = BacktestConfig.from_dict(config(futures_leverage=249, futures_leverage_mode="isolated"))
    assert below.leverage_mode == "isolated"


@pytest.mark.parametrize("key", ["exchange", "symbol"])
@pytest.mark.parametrize("value", [None, [], 5, {}])
def test_candles_of_a_nameless_market(key: str, value: Any, arguments: Any, random_minutes: Any) -> None:
    given = arguments(Idle, random_minutes(1, 10))
    given["candles"]["Sandbox-BTC-USDT"][key] = value
    with pytest.raises(CandleError, match="'exchange' and 'symbol' must be strings"):
        open_session(**given)


@pytest.mark.parametrize("qty", [10**400, float("inf"), float("nan"), -float("inf")], ids=str)
@pytest.mark.parametrize("variable", ["buy", "stop_loss", "take_profit"])
def test_orders_of_no_size(qty: Any, variable: str, run: Any, random_minutes: Any) -> None:
    class Ordering(Idle):
        def should_long(self) -> bool:
            return True

        def go_long(self) -> None:
            self.buy = 1, self.price
            setattr(self, variable, (qty, self.price * (0.9 if variable == "stop_loss" else 1.1)))

    with pytest.raises(LivermoreError, match=r"Ordering|order"):
        run(Ordering, random_minutes(1, 10))


def test_config_lacks_a_key(config: Any) -> None:
    given = config()
    given["starting_balanse"] = given.pop("starting_balance")
    with pytest.raises(ConfigError, match="config lacks 'starting_balance'; did you mean it by 'starting_balanse'"):
        BacktestConfig.from_dict(given)


def test_config_is_read_as_jesse_reads_it(config: Any) -> None:
    read = BacktestConfig.from_dict(config(fee="0.001", futures_leverage=2.0, annualization="252"))
    assert (read.fee, read.leverage, read.annualization) == (0.001, 2, 252)
    spot = {"starting_balance": 1, "fee": 0, "exchange": "E", "warm_up_candles": 0, "simulation_model": "spot"}
    assert BacktestConfig.from_dict(spot).type == "spot"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"routes": []}, RouteError, "at least one route"),
        ({"symbol": "BTCUSDT"}, RouteError, "needs a dash"),
        ({"exchange": "Other"}, RouteError, "one account, on one exchange"),
        ({"timeframe": "15min"}, TimeframeError, "15m"),
        ({"strategy": 5}, StrategyError, "a name or a subclass of Strategy, got 5"),
        ({"strategy": None}, StrategyError, "a name or a subclass of Strategy"),
    ],
)
def test_routes(
    change: dict[str, Any], error: type[Exception], message: str, arguments: Any, random_minutes: Any
) -> None:
    given = arguments(Idle, random_minutes(1, 10))
    if "routes" in change:
        given["routes"] = change["routes"]
    else:
        given["routes"][0] |= change
    with pytest.raises(error, match=message):
        open_session(**given)


def test_a_route_lacks_a_key(arguments: Any, random_minutes: Any) -> None:
    given = arguments(Idle, random_minutes(1, 10))
    given["routes"][0]["time_frame"] = given["routes"][0].pop("timeframe")
    with pytest.raises(RouteError, match=r"routes\[0\] lacks 'timeframe'; did you mean it by 'time_frame'"):
        open_session(**given)


def test_routes_that_contradict_each_other(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 10)
    given = arguments({"BTC-USDT": Idle, "ETH-EUR": Idle}, {"BTC-USDT": rows, "ETH-EUR": rows})
    with pytest.raises(RouteError, match="one quote asset: BTC-USDT and ETH-EUR differ"):
        open_session(**given)
    given["routes"][1] |= {"symbol": "BTC-USDT"}
    with pytest.raises(RouteError, match="BTC-USDT has two trading routes"):
        open_session(**given)


@pytest.mark.parametrize("candles", [{}, None, [], {"x": np.zeros((3, 6))}])
def test_candles_of_another_shape(candles: Any, arguments: Any, random_minutes: Any) -> None:
    given = arguments(Idle, random_minutes(1, 10)) | {"candles": candles}
    with pytest.raises(CandleError, match="must be a dict"):
        open_session(**given)


def test_candles_that_break_a_rule_name_their_row(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 10)
    rows[4, 3] = rows[4, 4] - 1
    with pytest.raises(CandleError, match=r"candles\['Sandbox-BTC-USDT'\]: row 4 \(2022-01-01 00:04 UTC\)"):
        open_session(**arguments(Idle, rows))


def test_candles_and_routes_must_match(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 10)
    with pytest.raises(CandlesNotFoundError, match="nothing for Sandbox ETH-USDT, which a route needs"):
        open_session(**arguments({"ETH-USDT": Idle}, {"BTC-USDT": rows}))
    with pytest.raises(RouteError, match="candles has Sandbox ETH-USDT, but no route uses it"):
        open_session(**arguments(Idle, {"BTC-USDT": rows, "ETH-USDT": rows}))


def test_warm_up_must_come_before(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 40)
    given = arguments(Idle, rows[:20])
    with pytest.raises(CandleError, match="no candle that closes before the first trading candle"):
        open_session(**given, warmup_candles=arguments(Idle, rows[20:])["candles"])


def test_with_gaps_trading_starts_after_the_warm_up(run: Any, arguments: Any, random_minutes: Any) -> None:
    rows = np.delete(random_minutes(1, 60), 3, axis=0)
    assert run(Idle, rows, "5m", warm_up_candles=4).strategies[0].index == 8
    with pytest.raises(CandlesNotFoundError, match="has 12 candles, but warm_up_candles is 20 and minutes are missing"):
        open_session(**arguments(Idle, rows, "5m", warm_up_candles=20))


def test_a_run_does_not_change_the_candles_it_was_given(run: Any, random_minutes: Any, restless: Any) -> None:
    rows = random_minutes(1, 500)
    before = rows.copy()
    rows.setflags(write=False)
    run(restless.Restless, rows, "5m")
    assert np.array_equal(rows, before)


def test_all_of_these_errors_have_one_root() -> None:
    assert all(issubclass(e, LivermoreError) for e in (CandleError, ConfigError, RouteError, TimeframeError))


def fed(arguments: Any, rows: Any) -> Any:
    """A session that waits for its first minute."""
    given = arguments(Idle, rows)
    return open_fed_session(given["config"], given["routes"], [], start=rows[0, 0])


def broken(row: Any, **columns: float) -> Any:
    """The row with other values."""
    changed = row.copy()
    for name, value in columns.items():
        changed[["timestamp", "open", "close", "high", "low", "volume"].index(name)] = value
    return changed


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda row: row[:5], r"must be six numbers, got an array of shape \(5,\)"),
        (lambda row: np.r_[row, 1], r"of shape \(7,\)"),
        (lambda row: row.reshape(1, 6), r"of shape \(1, 6\)"),
        (lambda row: "abc", "must be six numbers, got 'abc'"),
        (lambda row: [10**400, *row[1:]], "must be six numbers"),
        (lambda row: [str(value) for value in row], "must be six numbers"),
        (lambda row: row.astype(object), "must be six numbers"),
        (lambda row: row + 0j, "must be six numbers"),
        (lambda row: np.ma.array(row, mask=[0, 0, 1, 1, 0, 0]), "is masked"),
        (lambda row: broken(row, close=np.nan), "close is nan"),
        (lambda row: broken(row, high=np.inf), "inf"),
        (lambda row: broken(row, high=row[4] - 1), "is below low"),
        (lambda row: broken(row, volume=-1), "volume"),
        (lambda row: broken(row, timestamp=np.nan), "timestamp is nan"),
        (lambda row: broken(row, timestamp=row[0] + 7), "not a whole minute"),
        (lambda row: broken(row, timestamp=row[0] - 60_000), "fed too late"),
        (
            lambda row: broken(row, timestamp=row[0] - 600_000),
            "the next minute opens at 2022-01-01 00:05",
        ),
        (lambda row: None, "feed the candles of one minute, not of no candle"),
    ],
)
def test_feeding_refuses_what_bulk_refuses_and_goes_on(
    bad: Any, message: str, arguments: Any, random_minutes: Any
) -> None:
    rows = random_minutes(1, 10)
    session = fed(arguments, rows)
    with session.running():
        session.start()
        for row in rows[:5]:
            session.feed({"BTC-USDT": row})
        with pytest.raises(CandleError, match=message):
            session.feed({"BTC-USDT": bad(rows[5])})
        for row in rows[5:]:
            session.feed({"BTC-USDT": row})
        session.finish()
    assert session.runners[0].strategy.index == 10
    assert np.array_equal(session.runners[0].strategy.candles, rows)


def test_feeding_what_no_route_has(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 10)
    session = fed(arguments, rows)
    with session.running(), pytest.raises(RouteNotFoundError, match=r"'ETH-USDT' was fed.*there are BTC-USDT"):
        session.feed({"ETH-USDT": rows[0]})
    bulk = open_session(**arguments(Idle, rows))
    with bulk.running(), pytest.raises(ConfigError, match="has its candles already"):
        bulk.feed({"BTC-USDT": rows[0]})


@pytest.mark.parametrize("rows", [None, [], [np.zeros(6)], "BTC-USDT"], ids=str)
def test_feeding_something_else_than_a_dict(rows: Any, arguments: Any, random_minutes: Any) -> None:
    session = fed(arguments, random_minutes(1, 10))
    with session.running():
        session.start()
        with pytest.raises(CandleError, match="feed takes a dict of symbol to row, not"):
            session.feed(rows)


def test_a_session_is_fed_between_its_start_and_its_end(arguments: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 10)
    session = fed(arguments, rows)
    with session.running():
        with pytest.raises(ConfigError, match=r"has not been started: call start\(\)"):
            session.feed({"BTC-USDT": rows[0]})
        session.start()
        session.feed({"BTC-USDT": np.ma.array(rows[0], mask=False)})
        session.finish()
        with pytest.raises(ConfigError, match="is finished: it takes no more candles"):
            session.feed({"BTC-USDT": rows[1]})
    assert session.runners[0].strategy.index == 1


@pytest.mark.skipif(position.__file__.endswith(".py"), reason="attributes of plain Python classes can be set")
@pytest.mark.parametrize("name", ["qty", "previous_qty", "entry_price", "exit_price", "opened_at", "closed_at"])
def test_strategies_cannot_change_their_position(name: str, run: Any, random_minutes: Any) -> None:
    class Changing(Idle):
        def before(self) -> None:
            with pytest.raises(AttributeError, match="not writable"):
                setattr(self.position, name, 5.0)

    run(Changing, random_minutes(1, 10))


def may_write(thing: Any, names: list[str]) -> list[str]:
    """Return the attributes that can be set from Python."""
    found = []
    for name in names:
        try:
            setattr(thing, name, getattr(thing, name))
        except AttributeError:
            continue
        found.append(name)
    return found


@pytest.mark.skipif(position.__file__.endswith(".py"), reason="attributes of plain Python classes can be set")
def test_strategies_cannot_change_their_orders_and_trades(run: Any, random_minutes: Any) -> None:
    seen: list[Any] = []

    class Changing(Idle):
        def should_long(self) -> bool:
            return True

        def go_long(self) -> None:
            self.buy = 1, self.price

        def update_position(self) -> None:
            self.liquidate()
            names = ["side", "type", "qty", "filled_qty", "price", "fee", "reserved", "executed_at", "trade"]
            assert may_write(self.orders[-1], names) == []
            if self.trades:
                names = ["type", "opened_at", "closed_at", "orders", "leverage"]
                assert may_write(self.trades[-1], names) == []
                assert isinstance(self.trades[-1].orders, tuple)
                seen.append(self.trades[-1])

    run(Changing, random_minutes(1, 20))
    assert seen
