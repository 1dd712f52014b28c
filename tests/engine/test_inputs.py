"""What a backtest refuses, and what it says."""

from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestConfig, open_session
from livermore.errors import (
    CandleError,
    CandlesNotFoundError,
    ConfigError,
    LivermoreError,
    RouteError,
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
        ({"starting_balance": 0}, "must be above 0, got 0"),
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


def test_config_lacks_a_key(config: Any) -> None:
    given = config()
    given["starting_balanse"] = given.pop("starting_balance")
    with pytest.raises(ConfigError, match="config lacks 'starting_balance'; did you mean it by 'starting_balanse'"):
        BacktestConfig.from_dict(given)


def test_config_is_read_as_jesse_reads_it(config: Any) -> None:
    read = BacktestConfig.from_dict(config(fee="0.001", futures_leverage=2.7, annualization="252"))
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
